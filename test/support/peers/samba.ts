import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Certificate } from '../certificates.ts';
import type { Machine } from '../namespaces.ts';
import { delay, eventually, run } from '../processes.ts';
import { inRepository } from '../repository.ts';
import { removeScratch, scratchFolder } from '../scratch.ts';

/** The domain CORP, corp.test, of one controller. */
export const domain = { dnsName: 'corp.test', netbiosName: 'CORP', base: 'DC=corp,DC=test' };
export const domainReader = { name: `reader@${domain.dnsName}`, password: 'reader-pass' };
const administrator = { name: `administrator@${domain.dnsName}`, password: 'Adm1n-Pass' };

const disabled = 514;
/** 2020-01-01, in the intervals of 100 ns since 1601 that Windows counts. */
const longAgo = '132223104000000000';

const people = {
  units: ['Sales'],
  users: [
    { name: 'reader', password: domainReader.password },
    {
      name: 'ada',
      password: 'ada-pass',
      unit: 'Sales',
      // 10.91.37.40
      members: { userPrincipalName: 'ada.king@office.test', msRADIUSFramedIPAddress: 173_745_448 },
    },
    { name: 'bob', password: 'bob-pass' },
    { name: 'outsider', password: 'outsider-pass' },
    { name: 'disabled', password: 'disabled-pass', members: { userAccountControl: disabled } },
    { name: 'expired', password: 'expired-pass', members: { accountExpires: longAgo } },
    { name: 'newcomer', password: 'newcomer-pass', mustChange: true },
    { name: 'renewing', password: 'renewing-pass', mustChange: true },
    { name: 'guesser', password: 'guesser-pass' },
  ],
  groups: [
    // ada is in VPN Users through two others; bob and everybody are in Everywhere by their primary group.
    { name: 'Sales Team', members: ['ada', 'disabled', 'expired', 'newcomer', 'renewing', 'guesser'] },
    { name: 'Field (North)', members: ['Sales Team'] },
    { name: 'VPN Users', members: ['Field (North)'] },
    { name: 'Everywhere', members: ['Domain Users'] },
    { name: 'Printers', members: ['bob'] },
  ],
};

export interface DomainController {
  /** LDAPS on `localhost` of who runs the tests, by a way of its own into the network. */
  readonly ldapsPort: number;
  /** Runs `ntlm_auth` where winbindd of the domain is. */
  readonly ntlmAuth: string;
  /** Changes an entry, as an administrator does: `changetype: modify`, `replace: …` and so on. */
  modify(dn: string, changes: string): Promise<void>;
  /** Disables, in this way, whoever has the name. */
  disable(account: string): Promise<void>;
  dnOf(account: string): Promise<string>;
  log(): string;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** What a domain controller does that these tests need; the rest would only cost time. */
const services = 'rpc, ldap, cldap, kdc, winbindd';

/** Makes a domain and starts its controller, Samba's, on a machine of the test network; resolves when it answers. */
export async function startDomainController(
  on: Machine,
  certificate: Certificate & { readonly caFile: string },
): Promise<DomainController> {
  const folder = scratchFolder('samba');
  const at = (name: string): string => join(folder, name);
  const configFile = at('etc/smb.conf');
  // Their places are compiled in, and the system's own belong to the system.
  const hidden = ['/run/samba', '/var/log/samba', '/var/lib/samba', '/var/cache/samba'];
  for (const name of ['run', 'own']) mkdirSync(at(name));
  for (const file of ['certificateFile', 'keyFile', 'caFile'] as const) {
    copyFileSync(certificate[file], at(`own/${file}`));
    chmodSync(at(`own/${file}`), 0o600);
  }
  writeFileSync(at('resolv.conf'), `nameserver 127.0.0.1\nsearch ${domain.dnsName}\n`);
  writeFileSync(at('people.json'), JSON.stringify(people));
  const options = {
    interfaces: 'lo eth0',
    'bind interfaces only': 'yes',
    'server services': services,
    'ntlm auth': 'mschapv2-and-ntlmv2-only',
    'tls certfile': at('own/certificateFile'),
    'tls keyfile': at('own/keyFile'),
    'tls cafile': at('own/caFile'),
    'log level': '1',
  };
  const provision = [
    ...['samba-tool', 'domain', 'provision', `--targetdir=${folder}`],
    ...['--realm=CORP.TEST', `--domain=${domain.netbiosName}`, '--server-role=dc', '--dns-backend=NONE'],
    ...[`--adminpass=${administrator.password}`, '--host-name=dc1', `--host-ip=${on.address}`],
    ...Object.entries(options).map(([name, value]) => `--option=${name}=${value}`),
  ];
  const script = `
    set -e
    for place in ${hidden.join(' ')}; do mkdir -p $place "$0/run$place"; mount --bind "$0/run$place" $place; done
    mount --bind "$0/resolv.conf" /etc/resolv.conf
    "$@" >"$0/provision.log" 2>&1
    /usr/bin/python3 ${inRepository('test/support/programs/samba-domain.py')} ${configFile} <"$0/people.json"
    echo provisioned
    exec samba --foreground --no-process-group --configfile=${configFile}`;
  const controller = on.spawn(['sh', '-c', script, folder, ...provision]);
  const ntlmAuth = at('ntlm_auth');
  const enter = `nsenter --target=${controller.pid} --mount --net`;
  writeFileSync(ntlmAuth, `#!/bin/sh\nexec ${enter} ntlm_auth --configfile=${configFile} "$@"\n`, { mode: 0o755 });

  const asAdministrator = ['-x', '-H', `ldaps://${on.address}`, '-D', administrator.name, '-w', administrator.password];
  const environment = { LDAPTLS_CACERT: certificate.caFile };
  const ldapAs = (tool: string, ...argv: readonly string[]): string[] => [
    ...['nsenter', `--target=${controller.pid}`, '--mount', '--net', tool, ...asAdministrator, ...argv],
  ];
  const modify = async (dn: string, changes: string): Promise<void> => {
    await run(ldapAs('ldapmodify'), { input: `dn: ${dn}\n${changes}\n`, env: environment });
  };
  const dnOf = async (account: string): Promise<string> => {
    const argv = ['-LLL', '-o', 'ldif-wrap=no', '-b', domain.base, `(sAMAccountName=${account})`, 'dn'];
    const found = await run(ldapAs('ldapsearch', ...argv), { env: environment });
    const [, dn] = /^dn: (.*)$/m.exec(found.stdout) ?? [];
    if (dn === undefined) throw new Error(`no ${account}: ${found.stdout}`);
    return dn;
  };
  const way = await wayInto(on, at('way'), 636);
  const stop = async (): Promise<void> => {
    await way.close();
    controller.signal('SIGCONT');
    await controller.stop();
    removeScratch(folder);
  };
  try {
    await controller.until(/provisioned/, 150_000);
    const asked = [ntlmAuth, '--username=bob', '--domain=CORP', '--password=bob-pass'];
    await eventually('the domain', 60_000, async () => {
      if (!existsSync(`/proc/${controller.pid}`)) throw new Error('it ended');
      // Each is a program of its own; the machine has others to run.
      await delay(200);
      const judged = await run(asked, { allowFailure: true });
      return judged.exitCode === 0 && (await dnOf('bob').then(Boolean, () => false));
    });
  } catch (error) {
    await stop();
    throw new Error(`Samba: ${String(error)}\n${controller.stdout()}${controller.stderr()}`, { cause: error });
  }
  return {
    ntlmAuth,
    ldapsPort: way.port,
    modify,
    dnOf,
    disable: async (account) =>
      modify(await dnOf(account), `changetype: modify\nreplace: userAccountControl\nuserAccountControl: ${disabled}\n`),
    log: () => controller.stdout() + controller.stderr(),
    signal: (name) => {
      controller.signal(name);
    },
    stop,
  };
}

interface Way {
  readonly port: number;
  close(): Promise<void>;
}

/** Leads a port of the loopback here to a port of a machine: files are what both networks have in common. */
async function wayInto(machine: Machine, path: string, port: number): Promise<Way> {
  const inside = `
    const { connect, createServer } = require('node:net');
    createServer((near) => {
      const far = connect(${port}, '${machine.address}');
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => { near.destroy(); far.destroy(); });
    }).listen('${path}', () => console.log('ready'));`;
  const relay = machine.spawn([process.execPath, '-e', inside]);
  await relay.until(/ready/);
  const server = createServer((near) => {
    const far = connect(path);
    near.pipe(far).pipe(near);
    for (const end of [near, far]) {
      end.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      await relay.stop();
    },
  };
}
