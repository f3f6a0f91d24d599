import { lanAddress, wanAddress } from '../../namespaces.ts';
import type { Network } from '../../namespaces.ts';
import { password, preSharedKey, userName } from '../credentials.ts';
import { officeAddress, officePageTitle } from '../office.ts';
import { startGuest } from './guest.ts';
import type { Guest } from './guest.ts';

/** PPP authentication, by pppd's names. */
export type Authentication = 'pap' | 'chap' | 'mschap-v2' | 'eap';

export interface StrongswanGatewayOptions {
  readonly label?: string;
  readonly address?: string;
  readonly behindNat?: boolean;
  readonly preSharedKey?: string;
  readonly userName?: string;
  readonly password?: string;
  readonly authentication?: Authentication;
  /** Proposals in strongSwan's words, such as `aes256gcm16-sha256-modp2048`. */
  readonly ike?: string;
  readonly esp?: string;
  readonly ikeLifetimeSeconds?: number;
  readonly saLifetimeSeconds?: number;
  /** Whether the gateway itself starts new exchanges before its lifetimes end. */
  readonly rekeys?: boolean;
  readonly deadPeer?: { readonly delaySeconds: number; readonly timeoutSeconds: number };
  /** false: answers IKE, and never L2TP. */
  readonly answersL2tp?: boolean;
  /** `empty`: no address is left to give. */
  readonly pool?: 'free' | 'empty';
  /** Lines for ipsec.conf's connection, and for pppd. */
  readonly ipsecLines?: readonly string[];
  readonly pppLines?: readonly string[];
  /** More files of /etc, or other ones, by their path there: certificates and their keys. */
  readonly etc?: Readonly<Record<string, string>>;
}

export interface StrongswanGateway {
  readonly address: string;
  /** The gateway's end of the tunnel, which answers ping. */
  readonly innerAddress: string;
  readonly guest: Guest;
  /** `ipsec statusall`, with the algorithms and ages of every SA. */
  status(): Promise<string>;
  /** Other lines for ipsec.conf's connection; resolves when `ipsec statusall` shows what only they make it show. */
  reconfigure(ipsecLines: readonly string[], shown: string): Promise<void>;
  /** What charon, xl2tpd and pppd logged. */
  logs(): Promise<string>;
  stop(): Promise<void>;
}

const innerAddress = '10.99.0.1';
const logFiles = ['/run/charon.log', '/run/xl2tpd.log', '/run/pppd.log'];
const loggingConf =
  'charon { filelog { log { path = /run/charon.log\n time_format = %T\n default = 1\n ike = 2\n flush_line = yes\n } } }\n';
const defaultIke =
  'aes256-sha256-modp2048,aes128-sha256-modp2048,aes256-sha1-modp2048,aes256-sha1-modp1024,aes128-sha1-modp1024,3des-sha1-modp1024';
const defaultEsp = 'aes256-sha256,aes256-sha1,aes128-sha1,3des-sha1';

function ipsecConf(options: StrongswanGatewayOptions, address: string): string {
  const { deadPeer } = options;
  const lines = [
    'keyexchange=ikev1',
    'type=transport',
    'authby=secret',
    `left=${address}`,
    'leftprotoport=17/1701',
    'right=%any',
    'rightprotoport=17/%any',
    `ike=${options.ike ?? defaultIke}!`,
    `esp=${options.esp ?? defaultEsp}!`,
    `rekey=${options.rekeys === true ? 'yes' : 'no'}`,
    'rekeyfuzz=0%',
    'margintime=3s',
    ...(options.ikeLifetimeSeconds === undefined ? [] : [`ikelifetime=${options.ikeLifetimeSeconds}s`]),
    ...(options.saLifetimeSeconds === undefined ? [] : [`lifetime=${options.saLifetimeSeconds}s`]),
    'dpdaction=clear',
    `dpddelay=${deadPeer?.delaySeconds ?? 30}s`,
    `dpdtimeout=${deadPeer?.timeoutSeconds ?? 150}s`,
    'auto=add',
    ...(options.ipsecLines ?? []),
  ];
  return ['config setup', '    uniqueids=no', 'conn l2tp', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

function xl2tpdConf(options: StrongswanGatewayOptions): string {
  const pool = '10.99.0.10-10.99.0.200';
  return [
    '[global]',
    'port = 1701',
    'access control = no',
    'debug state = yes',
    'debug tunnel = yes',
    '[lns default]',
    `ip range = ${pool}`,
    ...(options.pool === 'empty' ? [`no ip range = ${pool}`] : []),
    `local ip = ${innerAddress}`,
    'length bit = yes',
    'ppp debug = yes',
    'pppoptfile = /etc/ppp/options.gateway',
    'name = gateway.test',
    '',
  ].join('\n');
}

function pppOptions(options: StrongswanGatewayOptions): string {
  return [
    'auth',
    `require-${options.authentication ?? 'mschap-v2'}`,
    'name gateway.test',
    'ipcp-accept-local',
    'ipcp-accept-remote',
    `ms-dns ${innerAddress}`,
    'noccp',
    'mtu 1400',
    'mru 1400',
    'lcp-echo-interval 30',
    'lcp-echo-failure 4',
    'connect-delay 1000',
    'debug',
    'logfile /run/pppd.log',
    ...(options.pppLines ?? []),
    '',
  ].join('\n');
}

/** Boots strongSwan, xl2tpd and pppd on a kernel of their own as a gateway, with an office behind it. */
export async function startStrongswanGateway(
  network: Network,
  options: StrongswanGatewayOptions = {},
): Promise<StrongswanGateway> {
  const behindNat = options.behindNat === true;
  const address = options.address ?? (behindNat ? '192.168.50.20' : '203.0.113.20');
  const guest = await startGuest({
    label: options.label ?? 'gateway',
    router: behindNat ? network.nat : network.wan,
    address,
    routerAddress: behindNat ? lanAddress : wanAddress,
  });
  const user = options.userName ?? userName;
  const secrets = `"${user}" * "${options.password ?? password}" *\n`;
  guest.writeEtc('ipsec.conf', ipsecConf(options, address));
  guest.writeEtc('ipsec.secrets', `: PSK "${options.preSharedKey ?? preSharedKey}"\n`);
  guest.writeEtc('strongswan.d/charon-logging.conf', loggingConf);
  guest.writeEtc('xl2tpd/xl2tpd.conf', xl2tpdConf(options));
  guest.writeEtc('ppp/options.gateway', pppOptions(options));
  guest.writeEtc('ppp/chap-secrets', secrets);
  guest.writeEtc('ppp/pap-secrets', secrets);
  for (const [path, text] of Object.entries(options.etc ?? {})) guest.writeEtc(path, text);
  guest.writeShare('index.html', `<!doctype html><title>Intranet</title><h1>${officePageTitle}</h1>\n`);
  try {
    const l2tp = options.answersL2tp === false ? 'no' : 'yes';
    await guest.exec(`L2TP=${l2tp} OFFICE=${officeAddress} sh /scripts/gateway.sh`);
  } catch (error) {
    await guest.stop();
    throw error;
  }
  return {
    address,
    innerAddress,
    guest,
    status: () => guest.exec('ipsec statusall'),
    reconfigure: async (ipsecLines, shown) => {
      // Not by the share: what the guest has read of a file there, it takes for the file.
      const text = ipsecConf({ ...options, ipsecLines }, address);
      await guest.exec(`cat >/etc/ipsec.conf <<'END'\n${text}END\nipsec update`);
      await guest.exec(`. /scripts/common.sh; shown() { ipsec statusall | grep -qF '${shown}'; }; wait_for 20 shown`);
    },
    logs: () => guest.exec(`tail -n 300 ${logFiles.join(' ')} 2>/dev/null; true`),
    stop: () => guest.stop(),
  };
}
