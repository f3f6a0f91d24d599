import { lanAddress, wanAddress } from '../../namespaces.ts';
import type { Machine, Network } from '../../namespaces.ts';
import { password, preSharedKey, userName } from '../credentials.ts';
import { officeAddress } from '../office.ts';
import { startGuest } from './guest.ts';
import type { Guest } from './guest.ts';
import type { Authentication } from './strongswan-gateway.ts';

export interface StockClientOptions {
  readonly label?: string;
  readonly address?: string;
  /** `true`: behind the network's own NAT; or behind another. */
  readonly behindNat?: boolean | Machine;
  readonly gateway: string;
  readonly preSharedKey?: string;
  readonly userName?: string;
  readonly password?: string;
  readonly authentication?: Authentication;
  readonly ike?: string;
  readonly esp?: string;
  /** More lines of its ipsec.conf, such as lifetimes. */
  readonly ipsecLines?: readonly string[];
  /** More lines of pppd's options. */
  readonly pppLines?: readonly string[];
  /** More files of /etc, or other ones, by their path there: certificates and their keys. */
  readonly etc?: Readonly<Record<string, string>>;
}

export interface DialTimes {
  /** From the start of the IKE daemon until it takes commands. */
  readonly daemonMs: number;
  readonly ikeMs: number;
  readonly l2tpMs: number;
}

/** The stock Linux stack as a client, set up as NetworkManager-l2tp does it: to try the peers, and to compare times. */
export interface StockClient {
  readonly guest: Guest;
  dial(): Promise<DialTimes>;
  /** From the next dial on, somebody else signs in, or by other means. */
  signInAs(changes: Pick<StockClientOptions, 'userName' | 'password' | 'authentication'>): void;
  hangUp(): Promise<void>;
  /** Carries bytes to or from the office through the tunnel. */
  transfer(direction: 'send' | 'receive', bytes: number): Promise<{ localSha256: string; remoteSha256: string }>;
  stop(): Promise<void>;
}

/** The proposals that NetworkManager-l2tp writes. */
const defaultIke =
  'aes256-sha2_256-modp2048,aes256-sha2_256-modp1536,aes256-sha2_256-modp1024,aes256-sha1-modp2048,aes256-sha1-modp1536,aes256-sha1-modp1024,aes256-sha1-ecp384,aes128-sha1-modp1024,aes128-sha1-ecp256,3des-sha1-modp2048,3des-sha1-modp1024';
const defaultEsp = 'aes256-sha1,aes128-sha1,3des-sha1';
const authentications = ['eap', 'pap', 'chap', 'mschap', 'mschap-v2'];

function ipsecConf(options: StockClientOptions): string {
  return `config setup
    charondebug="ike 2, cfg 1"
conn l2tp
    auto=add
    type=transport
    authby=secret
    keyexchange=ikev1
    left=%defaultroute
    leftprotoport=udp/l2tp
    right=${options.gateway}
    rightid=%any
    rightprotoport=udp/l2tp
    keyingtries=%forever
    ike=${options.ike ?? defaultIke}!
    esp=${options.esp ?? defaultEsp}!
${(options.ipsecLines ?? []).map((line) => `    ${line}\n`).join('')}`;
}

function xl2tpdConf(options: StockClientOptions): string {
  return `[global]
access control = yes
port = 1701
[lac l2tp]
lns = ${options.gateway}
ppp debug = yes
pppoptfile = /etc/ppp/options.client
autodial = yes
tunnel rws = 8
tx bps = 100000000
rx bps = 100000000
`;
}

function pppOptions(options: StockClientOptions): string {
  const wanted = options.authentication ?? 'mschap-v2';
  return [
    ...['nodetach', 'noipdefault', 'ipcp-accept-local', 'ipcp-accept-remote', 'usepeerdns', 'nodefaultroute', 'noauth'],
    `user "${options.userName ?? userName}"`,
    `password "${options.password ?? password}"`,
    ...['lcp-echo-failure 0', 'lcp-echo-interval 0', 'mru 1400', 'mtu 1400', 'debug', 'logfile /run/pppd.log'],
    ...authentications.filter((name) => name !== wanted).map((name) => `refuse-${name}`),
    ...(options.pppLines ?? []),
    '',
  ].join('\n');
}

export async function startStockClient(network: Network, options: StockClientOptions): Promise<StockClient> {
  const { behindNat = false } = options;
  const isBehind = behindNat !== false;
  const guest = await startGuest({
    label: options.label ?? 'client',
    router: behindNat === true ? network.nat : behindNat === false ? network.wan : behindNat,
    address: options.address ?? (isBehind ? '192.168.50.30' : '203.0.113.30'),
    routerAddress: isBehind ? lanAddress : wanAddress,
  });
  guest.writeEtc('ipsec.conf', ipsecConf(options));
  guest.writeEtc('ipsec.secrets', `: PSK "${options.preSharedKey ?? preSharedKey}"\n`);
  guest.writeEtc('xl2tpd/xl2tpd.conf', xl2tpdConf(options));
  guest.writeEtc('ppp/options.client', pppOptions(options));
  for (const [path, text] of Object.entries(options.etc ?? {})) guest.writeEtc(path, text);
  return {
    guest,
    dial: async () => {
      const said = await guest.exec(`OFFICE=${officeAddress} sh /scripts/dial.sh`, 90_000);
      const figure = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(said)?.[1]);
      return { daemonMs: figure('daemonMs'), ikeMs: figure('ikeMs'), l2tpMs: figure('l2tpMs') };
    },
    signInAs: (changes) => {
      guest.writeEtc('ppp/options.client', pppOptions({ ...options, ...changes }));
    },
    hangUp: async () => {
      await guest.exec('sh /scripts/hang-up.sh');
    },
    transfer: async (direction, bytes) => {
      const said = await guest.exec(`bash /scripts/transfer.sh ${officeAddress} ${direction} ${bytes}`, 180_000);
      const [, localSha256 = '', remoteSha256 = ''] = /local=(\w*) remote=(\w*)/.exec(said) ?? [];
      return { localSha256, remoteSha256 };
    },
    stop: () => guest.stop(),
  };
}
