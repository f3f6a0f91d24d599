import { type Command, InvalidArgumentError, Option } from 'commander';
import { keyKinds, type KeyKind } from '../../certificates/issue/index.ts';
import { newAuthority } from '../../host/ca/index.ts';
import {
  createAuthority,
  importAuthority,
  issueClient,
  issueServer,
  listIssued,
  renew,
  revoke,
  writeRevocationList,
  type ImportFlags,
  type IssueFlags,
} from './ca.ts';
import { finish, withConfig, wholeNumber, type CommonFlags } from './options.ts';

/** `culvert host ca …` */
export function addCaProgram(host: Command): void {
  const ca = host
    .command('ca')
    .description("The host's own certificate authority: certificates for the host and for its users.")
    .helpCommand(false)
    .addHelpText('after', caHelp);

  withConfig(
    ca
      .command('create')
      .description('Make an authority, once.')
      .option('--organization <name>', 'whose it is')
      .option('--name <name>', 'what it is called', newAuthority.commonName)
      .addOption(new Option('--key <kind>', 'rsa, which every client knows, or ecdsa').choices(keyKinds).default('rsa'))
      .option('--years <number>', 'how long it lasts', upTo(30), newAuthority.years),
  ).action((flags: CommonFlags & { organization?: string; name: string; key: KeyKind; years: number }) =>
    finish(flags, () => createAuthority(flags)),
  );

  withConfig(
    withPassphrase(
      ca
        .command('import')
        .description('Take an authority that there is already, instead of making one.')
        .argument('<file>', 'PKCS#12, or its certificate in PEM followed by those above it')
        .option('--key <file>', 'its private key, where the file is PEM'),
    ),
  ).action((file: string, flags: ImportFlags) => finish(flags, () => importAuthority(file, flags)));

  withConfig(
    ca
      .command('server')
      .description("Issue the host's own certificate, which clients know it by.")
      .argument('<name...>', 'every DNS name and address that clients dial')
      .addHelpText('after', serverHelp),
  ).action((names: readonly string[], flags: CommonFlags) => finish(flags, () => issueServer(names, flags)));

  withConfig(
    withPassphrase(
      ca
        .command('issue')
        .description('Issue a certificate for a user, as a PKCS#12 file to hand over.')
        .argument('<user>', 'the user, exactly as in "culvert host users list"')
        .option('--device <name>', 'for one of several machines of the user')
        .option('--days <number>', 'how long it lasts', upTo(3650), 365)
        .option('--out <file>', 'the file to write; it must not be there yet')
        .option('--legacy', 'with the encryption of old, for Windows before 1709, macOS before 15, iOS before 17')
        .addHelpText('after', issueHelp),
    ),
  ).action((user: string, flags: IssueFlags) => finish(flags, () => issueClient(user, flags)));

  withConfig(
    ca
      .command('revoke')
      .description('Revoke a certificate, or all of a user. The running host refuses it from then on.')
      .argument('[serial]', 'its number, as "culvert host ca list" shows it', serial)
      .option('--user <name>', 'every certificate of this user'),
  ).action((given: string | undefined, flags: CommonFlags & { user?: string }, command: Command) => {
    const { user } = flags;
    if ((given === undefined) === (user === undefined)) command.error('error: name a certificate, or --user <name>');
    const which = user === undefined ? { serial: given ?? '' } : { user };
    return finish(flags, () => revoke(which, flags));
  });

  withConfig(
    ca
      .command('list')
      .description('List the authority and what it issued.')
      .option('--all', 'also what has expired or was revoked'),
  ).action((flags: CommonFlags & { all?: true }) => finish(flags, () => listIssued(flags)));

  withConfig(ca.command('crl').description('Write the revocation list anew. A running host does it by itself.')).action(
    (flags: CommonFlags) => finish(flags, () => writeRevocationList(flags)),
  );

  withConfig(
    ca
      .command('renew')
      .description("Renew the host's own certificate, with the same names and key. A running host does it by itself.")
      .option('--authority', "the authority's instead; clients need the new one before the old one ends")
      .option('--years <number>', 'how long the authority lasts', upTo(30), newAuthority.years),
  ).action((flags: CommonFlags & { authority?: true; years: number }) => finish(flags, () => renew(flags)));
}

function withPassphrase(command: Command): Command {
  return command.option('--passphrase-stdin', 'read the passphrase of the file from standard input (its first line)');
}

function upTo(most: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber(text);
    if (number <= most) return number;
    throw new InvalidArgumentError(`(expected at most ${most})`);
  };
}

function serial(text: string): string {
  const plain = text.toLowerCase().replaceAll(':', '');
  if (/^[0-9a-f]{1,40}$/.test(plain)) return plain;
  throw new InvalidArgumentError('(expected hexadecimal digits)');
}

const caHelp = `
A first authority, the host's certificate, and one for alice:
  sudo culvert host ca create --organization Example
  sudo culvert host ca server vpn.example.com 203.0.113.10
  sudo culvert host ca issue alice --out alice.p12

docs/certificates.md leads from there to clients that use them.`;

const serverHelp = `
It is written beside the authority, with its private key: name both in the configuration.

Example:
  sudo culvert host ca server vpn.example.com 203.0.113.10`;

const issueHelp = `
The file holds the private key, which is kept nowhere else: who loses it gets another certificate. The passphrase is asked for; hand it
over by another way than the file.

Examples:
  sudo culvert host ca issue alice
  sudo culvert host ca issue alice --device laptop --legacy --out alice-laptop.p12`;
