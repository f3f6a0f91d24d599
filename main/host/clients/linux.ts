import { shellCommand } from '../../helper/index.ts';
import { stableUuid } from './apple.ts';
import { shownKey, type ClientFacts } from './facts.ts';

/** Where NetworkManager asks for the password (2: not saved), and has the key with the connection (0). */
function vpnData({ server, user }: ClientFacts): readonly (readonly [string, string])[] {
  return [
    ['gateway', server],
    ...(user === undefined ? [] : [['user', user] as const]),
    ['ipsec-enabled', 'yes'],
    ['machine-auth-type', 'psk'],
    ['password-flags', '2'],
  ];
}

/** The command, in lines that a shell joins. */
export function nmcliCommands(facts: ClientFacts): string[] {
  const data = vpnData(facts).map(([key, value]) => `${key}=${listed(value)}`);
  const secrets = `ipsec-psk=${listed(shownKey(facts))}`;
  const split = facts.tunnel === 'split' ? splitSettings(facts).map(([key, value]) => [`ipv4.${key}`, value]) : [];
  return [
    `${shellCommand(['nmcli', 'connection', 'add', 'con-name', facts.name, 'type', 'vpn', 'vpn-type', 'l2tp'])} \\`,
    `  ${shellCommand(['vpn.data', data.join(', ')])} \\`,
    ...(split.length > 0 ? [`  ${shellCommand(split.flat())} \\`] : []),
    `  ${shellCommand(['vpn.secrets', secrets])}`,
    shellCommand(['nmcli', '--ask', 'connection', 'up', facts.name]),
  ];
}

/** A value within a list of nmcli, where a comma ends it. */
function listed(value: string): string {
  return value.replaceAll(/[\\,]/g, '\\$&');
}

function splitSettings({ routes }: ClientFacts): readonly (readonly [string, string])[] {
  const ipv4 = routes.filter((route) => !route.includes(':'));
  return [['never-default', 'yes'], ...(ipv4.length > 0 ? [['routes', ipv4.join(', ')] as const] : [])];
}

/** A connection of NetworkManager with its L2TP plugin, as a keyfile (nm-settings-keyfile(5)). */
export function networkManagerFile(facts: ClientFacts): string {
  const { name, server, preSharedKey, tunnel, routes } = facts;
  const ipv4 = routes.filter((route) => !route.includes(':'));
  const sections: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'connection',
      [
        ['id', name],
        ['uuid', stableUuid(`${server} ${name} networkmanager`)],
        ['type', 'vpn'],
        ['autoconnect', 'false'],
      ],
    ],
    ['vpn', [['service-type', 'org.freedesktop.NetworkManager.l2tp'], ...vpnData(facts), ['ipsec-psk-flags', '0']]],
    ...(preSharedKey === undefined ? [] : [['vpn-secrets', [['ipsec-psk', preSharedKey.expose()]]] as const]),
    [
      'ipv4',
      [
        ['method', 'auto'],
        ...(tunnel === 'split'
          ? [['never-default', 'true'] as const, ...ipv4.map((route, i) => [`route${i + 1}`, route] as const)]
          : []),
      ],
    ],
    ['ipv6', [['method', 'ignore']]],
  ];
  return sections
    .map(([section, entries]) => {
      const lines = entries.map(([key, value]) => `${key}=${keyfileValue(value)}\n`);
      return `[${section}]\n${lines.join('')}`;
    })
    .join('\n');
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** As GLib's GKeyFile reads it: spaces at the beginning, line ends and backslashes have escapes. */
function keyfileValue(value: string): string {
  const escaped = value.replaceAll(/[\\\n\r\t]/g, (sign) => escapes[sign] ?? sign);
  return escaped
    .replace(/^ +/, (spaces) => '\\s'.repeat(spaces.length))
    .replace(/ +$/, (spaces) => '\\s'.repeat(spaces.length));
}
