import { Argument, type Command } from 'commander';
import { clientPlatforms, type ClientPlatform } from '../../contracts/client-platforms.ts';
import { hostFolders } from '../../engine/folders.ts';
import { showClients, type ClientsFlags } from './clients.ts';
import { finish, withConfig } from './options.ts';
import { setUp, type SetupFlags } from './setup.ts';

/** `culvert host setup` and `culvert host clients`: a first host, and its first clients. */
export function addSetupProgram(host: Command): void {
  const setup = host
    .command('setup')
    .description('Look at this machine, and make a first host: configuration, pre-shared key, first user.')
    .option('--check', 'only look at the machine, and suggest')
    .option('--server <name>', 'what clients reach the host by: its name, or the public address')
    .option('--name <name>', 'what clients call the connection', 'office')
    .option('--pool <network>', 'addresses for clients (default: a network that overlaps nothing)')
    .option('--split', 'clients send only what goes to the office through the tunnel')
    .option('--route <network...>', 'with --split: the networks of the office (default: those of this machine)')
    .option('--user <name>', 'the first user')
    .option('--password-stdin', "read the user's password from standard input")
    .addHelpText('after', setupHelp);
  withConfig(setup, hostFolders().configFile).action((flags: SetupFlags) => finish(flags, () => setUp(flags)));

  const clients = host
    .command('clients')
    .description('Say exactly what to do on Windows, macOS, iOS, Linux and with Culvert; or write files that do it.')
    .addArgument(new Argument('[platform]', 'only this one').choices(Object.keys(clientPlatforms)))
    .option('--user <name>', 'for this user')
    .option('--hide-key', 'without the pre-shared key')
    .option('--write <folder>', 'write the files for clients there, readable by you alone')
    .option('--qr', 'also a code for telephones, with the settings to copy')
    .addHelpText('after', clientsHelp);
  withConfig(clients).action((platform: ClientPlatform | undefined, flags: ClientsFlags) =>
    finish(flags, () => showClients(platform, flags)),
  );
}

const setupHelp = `
On a terminal it asks for what no option says. What is there already is never replaced. Exit code 2 of --check: something keeps a
host from working on this machine.

Examples:
  sudo culvert host setup
  sudo culvert host setup --check --json
  printf '%s\\n' "$PASSWORD" | sudo culvert host setup --server vpn.example.com --user alice --password-stdin`;

const clientsHelp = `
The files hold the pre-shared key and no password. Hand them over as you would a password.

Examples:
  sudo culvert host clients windows --user alice
  sudo culvert host clients --write .`;
