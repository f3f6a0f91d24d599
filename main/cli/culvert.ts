import { Command } from 'commander';
import { failureKinds, phases } from '../contracts/failure.ts';
import { connectCommand, type ConnectFlags } from './connect.ts';
import { disconnectCommand, statusCommand } from './running.ts';
import { version } from './version.ts';

const program = new Command('culvert')
  .description('A VPN client for L2TP/IPsec that says what is wrong.')
  .version(version)
  .showHelpAfterError('(culvert --help shows what there is)')
  .configureHelp({ sortSubcommands: false });

program
  .command('connect')
  .description('Connect as the profile says, and stay connected until interrupted (Ctrl-C).')
  .argument('<profile.json>', 'the profile; docs/profile.md describes it, docs/examples has some')
  .option('--user <name>', "the user name, instead of the profile's; sent exactly as written")
  .option('--password-stdin', 'read the password from standard input (its next line)')
  .option('--psk-stdin', 'read the pre-shared key from standard input (its next line, after the password)')
  .option('--new-password-stdin', 'read a new password too, for when the gateway says that the old one has expired')
  .option('--name <name>', "what to call this connection, instead of the profile's name")
  .option('--json', 'print one JSON object a line instead of text')
  .option('--verbose', 'also print what the protocols do')
  .addHelpText('after', connectHelp)
  .action(async (file: string, flags: ConnectFlags) => {
    process.exitCode = await connectCommand(file, flags);
  });

program
  .command('status')
  .description('Show the connections that are running, and how they are.')
  .argument('[name]', 'only this one')
  .option('--json', 'print one JSON object a line instead of text')
  .action(async (name: string | undefined, flags: { json?: true }) => {
    process.exitCode = await statusCommand(name, flags.json === true);
  });

program
  .command('disconnect')
  .description('Disconnect, and wait until the network is as it was.')
  .argument('[name]', 'which connection; may be left out when only one is running')
  .action(async (name: string | undefined) => {
    process.exitCode = await disconnectCommand(name);
  });

function connectHelp(): string {
  const codes = Object.values(phases).map(({ title, exitCode }) => `  ${exitCode}  ${title}`);
  return `
Without the flags above, a secret that the profile does not hold is asked for on the terminal.

Exit codes: 0 after Ctrl-C or "culvert disconnect"; otherwise the phase that failed:
${codes.join('\n')}

With --json a failure also carries its code, one of ${Object.keys(failureKinds).length}; docs/failures.md lists them all.

Examples:
  sudo culvert connect office.json --user alice
  printf '%s\\n' "$PASSWORD" | sudo culvert connect office.json --user alice --password-stdin --json`;
}

await program.parseAsync();
