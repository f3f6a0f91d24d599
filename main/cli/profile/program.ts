import { Command, InvalidArgumentError } from 'commander';
import { exitCodesHelp, finish } from '../answer.ts';
import {
  exportStored,
  type ExportFlags,
  forget,
  importProfile,
  type ImportFlags,
  list,
  remove,
  show,
} from './manage.ts';
import { check, endorseKey, keygen, sign, type SignFlags } from './signing.ts';

/** `culvert profile …` */
export function profileProgram(): Command {
  const program = new Command('profile')
    .description('Keep profiles, hand them on, and sign them for others.')
    .helpCommand(false)
    .addHelpText('after', help);
  program.commandsGroup('Your profiles:');
  addManaging(program);
  program.commandsGroup('Profiles for others:');
  addSigning(program);
  return program;
}

function addManaging(program: Command): void {
  program
    .command('list')
    .description('Show the profiles there are, and the files that cannot be used.')
    .option('--json', 'print JSON, one object a line, instead of text')
    .action((flags: { json?: true }) => finish(flags, () => list(flags)));
  program
    .command('show <name>')
    .description('Show a profile: who manages it, what it does, and all its members.')
    .option('--json', 'print JSON instead of text')
    .action((name: string, flags: { json?: true }) => finish(flags, () => show(name, flags)));
  program
    .command('import <file-or-link>')
    .description('Import a profile from a file or a culvert:// link, once you have seen what it will do.')
    .option('--yes', 'do not ask')
    .option('--key <fingerprint>', 'with --yes: the fingerprint of the key that a signed profile has to be signed by')
    .option('--passphrase-stdin', 'read the passphrase of its secrets from standard input (its first line)')
    .action((source: string, flags: ImportFlags) => finish({}, () => importProfile(source, flags)));
  program
    .command('export <name>')
    .description('Write a profile for another computer, without its secrets.')
    .option('--with-secrets', 'with its secrets, sealed with a passphrase that you choose')
    .option('--passphrase-stdin', 'read that passphrase from standard input (its first line)')
    .option('--link', 'as a culvert:// link')
    .option('--out <file>', 'a new file, instead of standard output')
    .action((name: string, flags: ExportFlags) => finish({}, () => exportStored(name, flags)));
  program
    .command('remove <name>')
    .description('Remove a profile and its secrets; a file that cannot be used by its id.')
    .option('--forget-key', 'also forget who signed it: another key is then confirmed like a first one')
    .action((name: string, flags: { forgetKey?: true }) => finish({}, () => remove(name, flags)));
  program
    .command('forget <name>')
    .description('Forget the secrets of a profile, wherever they are kept.')
    .action((name: string) => finish({}, () => forget(name)));
}

function addSigning(program: Command): void {
  program
    .command('keygen <file>')
    .description('Make a signing key, and FILE.pub with its public half.')
    .action((file: string) => finish({}, () => keygen(file)));
  program
    .command('sign <profile.json>')
    .description('Sign a profile, so that its locks hold and later versions replace it.')
    .requiredOption('--key <file>', 'the signing key')
    .requiredOption('--organisation <name>', 'whose profile it is, as users see it')
    .requiredOption('--serial <number>', 'its version: a lower one never replaces a higher one', serialNumber)
    .option('--id <id>', "which profile of yours it is (default: the profile's name)")
    .option('--lock <members>', 'what users cannot change, such as network,gateway; all, or none', lockList, ['all'])
    .option('--not-after <moment>', 'when it must not be used any more, such as 2027-06-30T00:00:00Z')
    .option('--seal-secrets', 'take its secrets along, sealed with a passphrase')
    .option('--passphrase-stdin', 'read that passphrase from standard input (its first line)')
    .option('--endorsement <file...>', 'of this key by earlier ones, oldest first')
    .option('--out <file>', 'a new file, instead of standard output')
    .action((file: string, flags: SignFlags) => finish({}, () => sign(file, flags)));
  program
    .command('endorse <new-key.pub>')
    .description('Say with the old key that a new one speaks for the organisation too.')
    .requiredOption('--key <file>', 'the old signing key')
    .option('--out <file>', 'a new file, instead of standard output')
    .action((file: string, flags: { key: string; out?: string }) => finish({}, () => endorseKey(file, flags)));
  program
    .command('check <file>')
    .description('Show what a profile from elsewhere is, who signed it and what it would do, without importing it.')
    .action((file: string) => finish({}, () => check(file)));
}

function serialNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('(expected a whole number from 1 on)');
}

function lockList(text: string): string[] {
  return text === 'none' ? [] : text.split(',').map((path) => path.trim());
}

const help = `
A profile is named as "culvert profile list" shows it; "culvert connect NAME" connects with it.
docs/managed-profiles.md is for whoever signs profiles for others.

${exitCodesHelp}`;
