import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markKeyFile } from './canary/watch.ts';

/** Certificates made, revoked and judged by Debian's openssl: an issuer and a second opinion that are not ours. */

export type KeyKind = 'rsa' | 'rsa1024' | 'ec' | 'ec384' | 'ed25519';

const keyOptions: Readonly<Record<KeyKind, readonly string[]>> = {
  rsa: ['rsa:2048'],
  rsa1024: ['rsa:1024'],
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ec384: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['ed25519'],
};

export interface Issued {
  readonly name: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly der: Uint8Array;
}

export interface Request {
  readonly subject: string;
  readonly key?: KeyKind;
  /** Absent: signed by itself. */
  readonly issuer?: Issued;
  /** Lines of openssl's x509v3 extensions. */
  readonly extensions?: readonly string[];
  readonly days?: number;
  /** More options, such as `-sha1`. */
  readonly options?: readonly string[];
  /** The key of another certificate, instead of a new one. */
  readonly keyOf?: Issued;
}

export const authorityExtensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];

export class OpensslAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'culvert-openssl-'));
  #count = 0;

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  file(name: string, content?: string | Uint8Array): string {
    const path = join(this.folder, name);
    if (content !== undefined) writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  issue({ subject, key = 'ec', issuer, extensions = [], days = 30, options = [], keyOf }: Request): Issued {
    const name = `c${++this.#count}`;
    const keyFile = keyOf?.keyFile ?? this.file(`${name}.key`);
    const certificateFile = this.file(`${name}.pem`);
    const config = this.file(
      `${name}.cnf`,
      ['[req]', 'distinguished_name=dn', '[dn]', '[v3]', ...extensions, ''].join('\n'),
    );
    const keys =
      keyOf === undefined ? ['-newkey', ...keyOptions[key], '-nodes', '-keyout', keyFile] : ['-key', keyFile];
    const signer = issuer === undefined ? [] : ['-CA', issuer.certificateFile, '-CAkey', issuer.keyFile];
    const facts = [
      '-subj',
      subject,
      '-days',
      String(days),
      '-set_serial',
      `0x1${String(this.#count).padStart(7, '0')}`,
    ];
    this.run(
      'req',
      '-x509',
      '-config',
      config,
      '-extensions',
      'v3',
      ...keys,
      ...signer,
      ...facts,
      ...options,
      '-multivalue-rdn',
      '-out',
      certificateFile,
    );
    markKeyFile(keyFile);
    return {
      name,
      certificateFile,
      keyFile,
      der: new Uint8Array(new X509Certificate(readFileSync(certificateFile)).raw),
    };
  }

  authority(subject: string, more: Omit<Request, 'subject'> = {}): Issued {
    return this.issue({ subject, ...more, extensions: more.extensions ?? authorityExtensions });
  }

  /** A revocation list, DER, of an authority: of these certificates. */
  revocationList(issuer: Issued, revoked: readonly Issued[], extensions: readonly string[] = []): Uint8Array {
    const index = this.index(issuer, revoked, [], ['[crl]', ...extensions]);
    const options = extensions.length === 0 ? [] : ['-crlexts', 'crl'];
    const list = this.file(`${issuer.name}.crl`);
    this.run('ca', '-config', index.config, '-gencrl', '-crldays', '7', '-out', list, ...options);
    return this.run('crl', '-in', list, '-outform', 'DER');
  }

  /** The files in which `openssl ca` and `openssl ocsp` keep what an authority issued. */
  index(
    issuer: Issued,
    revoked: readonly Issued[],
    valid: readonly Issued[],
    sections: readonly string[] = [],
  ): { readonly config: string; readonly file: string } {
    const line = (state: 'R' | 'V', { der }: Issued): string => {
      const { serialNumber, subject } = new X509Certificate(der);
      return [
        state,
        '361231235959Z',
        state === 'R' ? '260101000000Z' : '',
        serialNumber,
        'unknown',
        `/${subject.replaceAll('\n', '/')}`,
      ].join('\t');
    };
    const lines = [...revoked.map((one) => line('R', one)), ...valid.map((one) => line('V', one))];
    const file = this.file(`${issuer.name}.index`, lines.map((text) => `${text}\n`).join(''));
    this.file(`${issuer.name}.index.attr`, 'unique_subject = no\n');
    this.file(`${issuer.name}.number`, '1000\n');
    const config = this.file(
      `${issuer.name}.cnf`,
      [
        '[ca]',
        'default_ca=it',
        '[it]',
        `database=${file}`,
        `crlnumber=${this.file(`${issuer.name}.number`)}`,
        'default_md=sha256',
        `certificate=${issuer.certificateFile}`,
        `private_key=${issuer.keyFile}`,
        ...sections,
        '',
      ].join('\n'),
    );
    return { config, file };
  }

  /** What `openssl verify` says of a chain: a second opinion. */
  verifies(
    authority: Issued,
    leaf: Issued,
    intermediates: readonly Issued[] = [],
    options: readonly string[] = [],
  ): boolean {
    const sent = intermediates.flatMap(({ certificateFile }) => ['-untrusted', certificateFile]);
    try {
      this.run('verify', '-CAfile', authority.certificateFile, ...sent, ...options, leaf.certificateFile);
      return true;
    } catch {
      return false;
    }
  }

  run(...command: readonly string[]): Buffer {
    return execFileSync('openssl', command, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
