import type { ClientPlatform } from '../../contracts/client-platforms.ts';
import type { ClientFileKind, ClientInstructions, ClientStep } from '../../contracts/host-clients.ts';
import { shownKey, type ClientFacts } from './facts.ts';
import { files } from './files.ts';
import { nmcliCommands } from './linux.ts';
import { addConnection, natCommand } from './windows.ts';

type Field = ClientStep['fields'][number];

const step = (text: string, more: Partial<Pick<ClientStep, 'fields' | 'commands'>> = {}): ClientStep => ({
  text,
  fields: more.fields ?? [],
  commands: more.commands ?? [],
});

const chosen = (label: string, value: string): Field => ({ label, value, isTyped: false, isSecret: false });
const typed = (label: string, value: string): Field => ({ label, value, isTyped: true, isSecret: false });
const keyField = (label: string, facts: ClientFacts): Field => ({
  label,
  value: shownKey(facts),
  isTyped: facts.preSharedKey !== undefined,
  isSecret: true,
});

const userField = (label: string, { user }: ClientFacts): Field =>
  user === undefined ? chosen(label, 'your user name') : typed(label, user);

function windows(facts: ClientFacts): ClientStep[] {
  const nat = step(
    'Once on each Windows computer, since the gateway is behind a router: in a terminal opened as administrator, and then restart.',
    { commands: [natCommand] },
  );
  return [
    ...(facts.isBehindRouter ? [nat] : []),
    step('In PowerShell:', { commands: addConnection(facts) }),
    step('Or in Settings › Network & internet › VPN › Add VPN:', {
      fields: [
        chosen('VPN provider', 'Windows (built-in)'),
        typed('Connection name', facts.name),
        typed('Server name or address', facts.server),
        chosen('VPN type', 'L2TP/IPsec with pre-shared key'),
        keyField('Pre-shared key', facts),
        chosen('Type of sign-in info', 'User name and password'),
        userField('User name', facts),
      ],
    }),
    step('Connect from the network icon. Windows asks for the password.'),
  ];
}

function macos(facts: ClientFacts): ClientStep[] {
  return [
    step('In System Settings › VPN › Add VPN Configuration › L2TP over IPsec:', {
      fields: [
        typed('Display name', facts.name),
        typed('Server address', facts.server),
        userField('Account name', facts),
        chosen('User authentication', 'Password'),
        chosen('Machine authentication', 'Shared Secret'),
        keyField('Shared secret', facts),
        chosen('Group name', 'leave it empty'),
        chosen('Options › Send all traffic over VPN connection', facts.tunnel === 'full' ? 'on' : 'off'),
      ],
    }),
  ];
}

function ios(facts: ClientFacts): ClientStep[] {
  return [
    step('In Settings › General › VPN & Device Management › VPN › Add VPN Configuration:', {
      fields: [
        chosen('Type', 'L2TP'),
        typed('Description', facts.name),
        typed('Server', facts.server),
        userField('Account', facts),
        chosen('RSA SecurID', 'off'),
        keyField('Secret', facts),
        chosen('Send All Traffic', facts.tunnel === 'full' ? 'on' : 'off'),
      ],
    }),
  ];
}

function linux(facts: ClientFacts): ClientStep[] {
  return [
    step('With NetworkManager and its L2TP plugin:', { commands: ['sudo apt install network-manager-l2tp'] }),
    step('Add the connection, and connect:', { commands: nmcliCommands(facts) }),
    step('Do not switch MPPE on: the tunnel is inside IPsec already.'),
  ];
}

function culvert(facts: ClientFacts): ClientStep[] {
  return [
    step('Add a profile with these three, or open the file below:', {
      fields: [typed('Gateway', facts.server), userField('User name', facts), keyField('Pre-shared key', facts)],
    }),
  ];
}

const steps: Readonly<Record<ClientPlatform, (facts: ClientFacts) => ClientStep[]>> = {
  windows,
  macos,
  ios,
  linux,
  culvert,
};

const filesOf: Readonly<Record<ClientPlatform, readonly ClientFileKind[]>> = {
  windows: ['powershell', 'registry'],
  macos: ['mobileconfig'],
  ios: ['mobileconfig'],
  linux: ['nmconnection'],
  culvert: ['culvertProfile'],
};

/** Exactly what to do on a client. A file that needs the key is offered only where the key is known. */
export function clientInstructions(platform: ClientPlatform, facts: ClientFacts): ClientInstructions {
  const offered = filesOf[platform].filter((kind) =>
    kind === 'registry' ? facts.isBehindRouter : facts.preSharedKey !== undefined,
  );
  return {
    platform,
    steps: steps[platform](facts),
    files: offered.map((kind) => ({ kind, name: files[kind].name(facts), what: files[kind].what })),
  };
}
