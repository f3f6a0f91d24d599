import type { ClientFileKind } from '../../contracts/host-clients.ts';
import { mobileConfiguration } from './apple.ts';
import { culvertProfile } from './culvert.ts';
import type { ClientFacts } from './facts.ts';
import { networkManagerFile } from './linux.ts';
import { powershellScript, registryFile } from './windows.ts';

interface ClientFile {
  readonly name: (facts: ClientFacts) => string;
  /** How it is used. */
  readonly what: string;
  readonly content: (facts: ClientFacts) => Uint8Array;
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Files that set a client up. All but the registry's hold the pre-shared key; none holds a password. */
export const files: Readonly<Record<ClientFileKind, ClientFile>> = {
  powershell: {
    name: ({ name }) => `${name}.ps1`,
    what: 'Does all of it: run it in PowerShell, as administrator.',
    content: powershellScript,
  },
  registry: {
    name: () => 'windows-behind-router.reg',
    what: 'The registry value alone: open it as administrator, and restart.',
    content: registryFile,
  },
  mobileconfig: {
    name: ({ name }) => `${name}.mobileconfig`,
    what: 'Open it on the device, then install it in the settings. Send it as you would send a password.',
    content: (facts) => utf8(mobileConfiguration(facts)),
  },
  nmconnection: {
    name: ({ name }) => `${name}.nmconnection`,
    what: 'Put it into /etc/NetworkManager/system-connections, root\'s and with mode 600, and run "nmcli connection reload".',
    content: (facts) => utf8(networkManagerFile(facts)),
  },
  culvertProfile: {
    name: ({ name }) => `${name}.culvert`,
    what: 'Open it with Culvert.',
    content: (facts) => utf8(culvertProfile(facts)),
  },
};
