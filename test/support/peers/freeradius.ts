import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../certificates.ts';
import type { Machine } from '../namespaces.ts';
import { run, start } from '../processes.ts';
import { removeScratch, scratchFolder } from '../scratch.ts';

export const radiusSecret = 'a radius secret';
export const loopback = '127.0.0.1';

export interface FreeRadiusOptions {
  /** Puts a Message-Authenticator into its answers, as releases before 3.2.5 do only when told. */
  readonly signs?: boolean;
  /** It answers EAP too: MSCHAPv2 where the client does not say otherwise, GTC, and TLS with this certificate. */
  readonly eap?: Certificate & { readonly authorityFile: string };
  /** What it asks about MS-CHAPv2, instead of its own users: the `ntlm_auth` of a Windows domain, which also changes passwords. */
  readonly domain?: { readonly name: string; readonly ntlmAuth: string };
  /** On whose loopback it listens; this machine's where absent. */
  readonly on?: Pick<Machine, 'spawn'>;
}

export interface FreeRadius {
  readonly authenticationPort: number;
  readonly accountingPort: number;
  /** What it wrote of its accounting requests. */
  accounting(): string;
  log(): string;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** As a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** alice: every attribute that a gateway may act on. counted: accounts as often as there may be. mfa: a challenge after the password, then 123456. twice: two of them, 111 and 222, of which the second is asked again once. expired: needs a new one. */
const users = `
alice   Cleartext-Password := "alice-pass"
        Service-Type = Framed-User,
        Framed-Protocol = PPP,
        Framed-IP-Address = 10.99.0.77,
        Framed-IP-Netmask = 255.255.255.255,
        Framed-Route = "10.77.0.0/24 0.0.0.0 1",
        Framed-Route += "10.78.0.0/24 0.0.0.0 2",
        Framed-MTU = 1400,
        Framed-Pool = "staff-pool",
        Framed-IPv6-Prefix = 2001:db8:99::/64,
        Delegated-IPv6-Prefix = 2001:db8:9900::/56,
        Filter-Id = "staff",
        Filter-Id += "printers",
        Class = 0x636c6173732d616c696365,
        Session-Timeout = 3600,
        Idle-Timeout = 600,
        Port-Limit = 2,
        Acct-Interim-Interval = 300,
        MS-Primary-DNS-Server = 10.99.0.1,
        MS-Secondary-DNS-Server = 10.99.0.2,
        Mikrotik-Rate-Limit = "1M/4M 2M/8M",
        Reply-Message = "Welcome, alice"

wispr   Cleartext-Password := "wispr-pass"
        WISPr-Bandwidth-Max-Up = 512000,
        WISPr-Bandwidth-Max-Down = 2048000

CORP\\Älice   Cleartext-Password := 'pä$$wörd'
        Class = 0x00ff

telnet  Cleartext-Password := "telnet-pass"
        Service-Type = Login-User

expired Cleartext-Password := "old-pass", SMB-Account-Ctrl-Text := "[Ue]"

counted Cleartext-Password := "counted-pass"
        Class = "class-counted",
        Acct-Interim-Interval = 60

mfa     Cleartext-Password := "mfa-pass"

twice   Cleartext-Password := "twice-pass"

blocked Auth-Type := Reject
        Reply-Message = "Account disabled"
`;

/** As its own example has it, raddb/mods-available/mschap. */
function domainModule({ name, ntlmAuth }: NonNullable<FreeRadiusOptions['domain']>): string {
  return `
        ntlm_auth = "${ntlmAuth} --allow-mschapv2 --request-nt-key --username=%{mschap:User-Name} --domain=${name} --challenge=%{mschap:Challenge} --nt-response=%{mschap:NT-Response}"
        passchange {
            ntlm_auth = "${ntlmAuth} --helper-protocol=ntlm-change-password-1 --allow-mschapv2"
            ntlm_auth_username = "username: %{mschap:User-Name}"
            ntlm_auth_domain = "nt-domain: ${name}"
        }`;
}

function eapModule(folder: string, { certificateFile, keyFile, authorityFile }: NonNullable<FreeRadiusOptions['eap']>) {
  return `
    eap {
        default_eap_type = mschapv2
        timer_expire = 60
        max_sessions = 64
        mschapv2 { }
        gtc {
            auth_type = PAP
        }
        tls-config tls-common {
            certificate_file = ${certificateFile}
            private_key_file = ${keyFile}
            ca_file = ${authorityFile}
            fragment_size = 1024
            cipher_list = "DEFAULT"
            tls_min_version = "1.2"
            tls_max_version = "1.2"
            cache {
                enable = no
            }
            verify {
                tmpdir = ${folder}
            }
        }
        tls {
            tls = tls-common
        }
    }`;
}

interface Wishes {
  readonly signs: boolean;
  readonly eap: FreeRadiusOptions['eap'];
  readonly domain: FreeRadiusOptions['domain'];
}

function configuration(folder: string, ports: readonly [number, number], { signs, eap, domain }: Wishes): string {
  const sign = signs ? 'update reply { &Message-Authenticator := 0x00 }' : '';
  return `
prefix = /usr
localstatedir = ${folder}
logdir = ${folder}
run_dir = ${folder}
libdir = /usr/lib/freeradius
name = freeradius
security {
    allow_core_dumps = no
    max_attributes = 200
    reject_delay = 0
    status_server = no
}
thread pool {
    start_servers = 1
    max_servers = 4
    min_spare_servers = 1
    max_spare_servers = 2
}
client tests {
    ipaddr = ${loopback}
    secret = "${radiusSecret}"
    require_message_authenticator = yes
}
modules {
    files {
        usersfile = ${folder}/users
    }
    pap { }
    ${eap === undefined ? '' : eapModule(folder, eap)}
    chap { }
    mschap {
        use_mppe = yes
        with_ntdomain_hack = yes
        ${domain === undefined ? '' : domainModule(domain)}
    }
    detail {
        filename = ${folder}/accounting
    }
    always handled {
        rcode = handled
    }
    always ok {
        rcode = ok
    }
    always reject {
        rcode = reject
    }
}
server tests {
    listen {
        type = auth
        ipaddr = ${loopback}
        port = ${ports[0]}
    }
    listen {
        type = acct
        ipaddr = ${loopback}
        port = ${ports[1]}
    }
    authorize {
        ${eap === undefined ? '' : 'eap {\n            ok = return\n        }'}
        if (&User-Name == "twice" && &State && &User-Password) {
            update control { &Auth-Type := twice }
        }
        elsif (&User-Name == "mfa" && &State && &User-Password) {
            update control { &Auth-Type := code }
        }
        else {
            chap
            mschap
            files
            pap
        }
    }
    authenticate {
        Auth-Type PAP {
            pap
            if (ok && &User-Name == "mfa") {
                update control { &Response-Packet-Type := Access-Challenge }
                update session-state { &Tmp-String-0 := "mfa" }
                update reply {
                    &Reply-Message := "Enter the code"
                    &Prompt := No-Echo
                }
                handled
            }
            elsif (ok && &User-Name == "twice") {
                update control { &Response-Packet-Type := Access-Challenge }
                update session-state { &Tmp-String-0 := "first" }
                update reply { &Reply-Message := "First code" }
                handled
            }
        }
        ${eap === undefined ? '' : 'eap'}
        Auth-Type twice {
            if (&session-state:Tmp-String-0 == "first" && &User-Password == "111") {
                update control { &Response-Packet-Type := Access-Challenge }
                update session-state { &Tmp-String-0 := "second" }
                update reply { &Reply-Message := "Second code" }
                handled
            }
            elsif (&session-state:Tmp-String-0 != "first" && &User-Password == "222") {
                ok
            }
            elsif (&session-state:Tmp-String-0 == "second") {
                update control { &Response-Packet-Type := Access-Challenge }
                update session-state { &Tmp-String-0 := "last" }
                update reply { &Reply-Message := "Wrong. Second code" }
                handled
            }
            else {
                reject
            }
        }
        Auth-Type CHAP {
            chap
        }
        Auth-Type MS-CHAP {
            mschap
        }
        Auth-Type code {
            if (&User-Password == "123456") {
                update reply { &Filter-Id := "with-code" }
                ok
            }
            else {
                reject
            }
        }
    }
    accounting {
        detail
    }
    post-auth {
        ${sign}
        Post-Auth-Type REJECT {
            ${sign}
        }
        Post-Auth-Type Challenge {
            ${sign}
        }
    }
}
`;
}

/** A UDP port of the loopback that is free at this moment. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, loopback, resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return port;
}

/** Starts Debian's FreeRADIUS on a loopback, with a configuration of its own; resolves when it is ready. */
export async function startFreeRadius({
  signs = true,
  eap,
  domain,
  on = { spawn: start },
}: FreeRadiusOptions = {}): Promise<FreeRadius> {
  const folder = scratchFolder('freeradius');
  const ports = [await freePort(), await freePort()] as const;
  const raddb = join(folder, 'raddb');
  mkdirSync(raddb);
  writeFileSync(join(folder, 'users'), users);
  writeFileSync(join(raddb, 'radiusd.conf'), configuration(folder, ports, { signs, eap, domain }));
  const server = on.spawn(['freeradius', '-f', '-l', 'stdout', '-d', raddb]);
  try {
    await server.until(/Ready to process requests/);
  } catch (error) {
    await server.stop();
    removeScratch(folder);
    throw error;
  }
  return {
    authenticationPort: ports[0],
    accountingPort: ports[1],
    accounting: () => readFileSync(join(folder, 'accounting'), 'utf8'),
    log: () => server.stdout() + server.stderr(),
    signal: (name) => {
      server.signal(name);
    },
    kill: async () => {
      server.signal('SIGKILL');
      await server.exited;
    },
    stop: async () => {
      server.signal('SIGCONT');
      await server.stop();
      removeScratch(folder);
    },
  };
}

/** Sends one request with radclient, FreeRADIUS's own; its output, whatever the answer. */
export async function radclient(
  port: number,
  command: 'disconnect' | 'coa',
  attributes: readonly string[],
  { secret = radiusSecret, on = { exec: run } }: { readonly secret?: string; readonly on?: Pick<Machine, 'exec'> } = {},
): Promise<string> {
  const argv = ['radclient', '-x', '-r', '1', '-t', '1', `${loopback}:${port}`, command, secret];
  const { stdout, stderr } = await on.exec(argv, { input: `${attributes.join('\n')}\n`, allowFailure: true });
  return stdout + stderr;
}
