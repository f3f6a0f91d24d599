import { Command, InvalidArgumentError } from 'commander';
import { failureKinds, phases } from '../contracts/failure.ts';
import { profile } from '../contracts/profile.ts';
import { asTyped } from './as-typed.ts';
import { connectCommand, type ConnectFlags } from './connect.ts';
import { certificatesProgram } from './certificates/program.ts';
import { hostProgram } from './host/program.ts';
import { profileProgram } from './profile/program.ts';
import { disconnectCommand, statusCommand } from './running.ts';
import { serviceProgram } from './service.ts';
import { tryCommand } from './try.ts';
import { version } from '../engine/version.ts';

const program = new Command('culvert')
  .description('A VPN client for L2TP/IPsec that says what is wrong.')
  .version(version)
  // So that "culvert host check --config …" means the option of "check", and not that of "host".
  .enablePositionalOptions()
  .configureHelp({ sortSubcommands: false })
  .addHelpText(
    'after',
    `
A first connection, with a file office.json that holds
  { "version": 1, "name": "office", "gateway": "vpn.example.com" }
is
  sudo culvert connect office.json --user alice

It asks for the password and the pre-shared key, and stays until Ctrl-C or "sudo culvert disconnect" in another terminal.
Without sudo, it needs Culvert's service: "sudo culvert service install", once.

"culvert connect --help" lists the exit codes. docs/profile.md describes the profile, docs/failures.md what can fail.`,
  );

program
  .command('connect')
  .description('Connect as the profile says, and stay connected until interrupted (Ctrl-C).')
  .argument(
    '<profile>',
    'one of your profiles by its name, or a file; docs/profile.md describes it, docs/examples has some',
  )
  .option('--user <name>', "the user name, instead of the profile's; sent exactly as written")
  .option('--password-stdin', 'read the password from standard input (its first line)')
  .option('--psk-stdin', 'read the pre-shared key from standard input (its next line)')
  .option(
    '--new-password-stdin',
    'read a new password too (its last line), for when the gateway says that the old one has expired',
  )
  .option('--name <name>', "what to call this connection, instead of the profile's name", connectionName)
  .option('--json', 'print one JSON object a line instead of text')
  .option('--verbose', 'also print what the protocols do')
  .addHelpText('after', connectHelp)
  .action(async (profileOrFile: string, flags: ConnectFlags) => {
    process.exitCode = await connectCommand(profileOrFile, flags);
  });

program
  .command('try')
  .description(
    'Connect to a gateway of its own on this computer, in networks that nobody else sees; needs no rights and changes nothing.',
  )
  .option('--json', 'print one JSON object a line instead of text')
  .option('--verbose', 'also print what the protocols do')
  .action(async (flags: { json?: true; verbose?: true }) => {
    process.exitCode = await tryCommand(flags);
  });

program
  .command('status')
  .description('Show the connections that this user has running, and how they are. Exit code 1 when there is none.')
  .argument('[name]', 'only this one')
  .option('--json', 'print one JSON object a line instead of text')
  .action(async (name: string | undefined, flags: { json?: true }) => {
    process.exitCode = await statusCommand(name, flags.json === true);
  });

program
  .command('disconnect')
  .description('Disconnect, and wait until the network is as it was. Exit code 1 when there is nothing to disconnect.')
  .argument('[name]', 'which connection; may be left out when only one is running')
  .action(async (name: string | undefined) => {
    process.exitCode = await disconnectCommand(name);
  });

program.addCommand(profileProgram());
program.addCommand(certificatesProgram());
program.addCommand(hostProgram());
program.addCommand(serviceProgram());
tellAsTyped(program, 'culvert');

/** Help names commands as they are typed here; whoever mistypes an option is sent to the help of that command, and not of the whole. */
function tellAsTyped(command: Command, name: string): void {
  command.configureOutput({
    writeOut: (text) => process.stdout.write(asTyped(text)),
    writeErr: (text) => process.stderr.write(asTyped(text)),
  });
  command.showHelpAfterError(`(${name} --help shows what there is)`);
  for (const inner of command.commands) tellAsTyped(inner, `${name} ${inner.name()}`);
}

/** It becomes part of the names of folders and sockets, so it is held to the rule of the profile. */
function connectionName(name: string): string {
  const parsed = profile.shape.name.safeParse(name);
  if (parsed.success) return name;
  throw new InvalidArgumentError(`(${parsed.error.issues.map(({ message }) => message).join('; ')})`);
}

function connectHelp(): string {
  const codes = Object.values(phases).map(({ title, exitCode }) => `  ${exitCode}  ${title}`);
  return `
A secret that neither the profile, nor standard input, nor the keychain holds is asked for on the terminal. Standard input is read in this
order, a line each, of those that are given: password, pre-shared key, new password. What the gateway refuses is asked for again
where that is possible: on a terminal, without --json. Nothing is sent twice by itself.

Exit codes: 0 after Ctrl-C or "culvert disconnect", 1 for a mistake in the command line; otherwise the phase that failed:
${codes.join('\n')}

A failure also has a code, such as auth.rejected, one of ${Object.keys(failureKinds).length}; docs/failures.md lists them all.

Examples:
  sudo culvert connect office.json --user alice
  printf '%s\\n' "$PASSWORD" "$PSK" | sudo culvert connect office.json --user alice --password-stdin --psk-stdin --json`;
}

await program.parseAsync();
// A keychain that hangs must not keep a command that is done from ending.
setTimeout(() => process.exit(), 2000).unref();
