import { Command, InvalidArgumentError, Option } from 'commander';
import { keyKinds, type KeyKind } from '../../certificates/issue/index.ts';
import { exitCodesHelp, finish } from '../answer.ts';
import type { PassphraseFlags } from '../profile/passphrases.ts';
import { exportCertificate, importCertificates, list, remove, request } from './manage.ts';

/** `culvert certificates …` */
export function certificatesProgram(): Command {
  const program = new Command('certificates')
    .description('Keep your certificates and those of authorities; see what is about to end.')
    .helpCommand(false)
    .addHelpText('after', help);

  program
    .command('list')
    .description("Show owner, issuer and end of each; and what is about to end of this machine's host.")
    .option('--json', 'print JSON, one object a line, instead of text')
    .action((flags: { json?: true }) => finish(flags, () => list(flags)));
  withPassphrase(
    program
      .command('import <file>')
      .description('Import PKCS#12 or PEM: a certificate with its key, the answer to a request, or authorities.')
      .option('--key <file>', 'the private key, where it is in a file of its own'),
  ).action((file: string, flags: PassphraseFlags & { key?: string }) =>
    finish({}, () => importCertificates(file, flags)),
  );
  withPassphrase(
    program
      .command('export <certificate>')
      .description('Write a certificate, in PEM; with its private key in PKCS#12.')
      .requiredOption('--out <file>', 'a new file')
      .option('--with-key', 'with its private key, under a passphrase that you choose')
      .option('--legacy', 'with the encryption of old, for Windows before 1709, macOS before 15, iOS before 17'),
  ).action((which: string, flags: PassphraseFlags & { out: string; withKey?: true; legacy?: true }) =>
    finish({}, () => exportCertificate(which, flags)),
  );
  program
    .command('delete <certificate>')
    .description('Delete a certificate and its private key.')
    .action((which: string) => finish({}, () => remove(which)));
  program
    .command('csr')
    .argument('<common-name>', 'whose it is, such as the name that a user signs in by', named)
    .description('Make a private key, and a request for its certificate to send to an authority.')
    .option('--organization <name>', 'whose it is')
    .option('--name <name>', 'a DNS name, address or mail address that it is to hold (repeatable)', andText)
    .addOption(new Option('--key <kind>', 'rsa, which every gateway knows, or ecdsa').choices(keyKinds).default('rsa'))
    .requiredOption('--out <file>', 'a new file')
    .action(
      (commonName: string, flags: { organization?: string; name?: readonly string[]; key: KeyKind; out: string }) =>
        finish({}, () => request(commonName, flags)),
    );
  return program;
}

function withPassphrase(command: Command): Command {
  return command.option('--passphrase-stdin', 'read the passphrase from standard input (its first line)');
}

function named(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('(expected a name)');
}

function andText(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

const help = `
A certificate is named by its name or its number, as "culvert certificates list" shows it. Private keys are sealed with a key in
the keychain or, where there is none, in a file that only you can read.

Examples:
  culvert certificates import alice.p12
  culvert certificates csr alice --organization Example --name alice@example.com --out alice.csr
  culvert certificates import alice.pem

${exitCodesHelp}`;
