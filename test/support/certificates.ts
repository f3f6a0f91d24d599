import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markKeyFile } from './canary/watch.ts';
import { run } from './processes.ts';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Authority {
  readonly certificateFile: string;
  readonly pem: string;
  /** @param names  as OpenSSL writes them: `DNS:localhost,IP:127.0.0.1` */
  issue(names: string): Promise<Certificate>;
}

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority of one test, whose files are in `folder`. */
export async function createAuthority(folder: string, name: string): Promise<Authority> {
  const of = (file: string): string => join(folder, `${name}-${file}`);
  const root = { certificateFile: of('ca.pem'), keyFile: of('ca.key') };
  const subject = ['-subj', `/CN=${name}`, '-days', '2'];
  await run(['openssl', 'req', '-x509', ...key, ...subject, '-keyout', root.keyFile, '-out', root.certificateFile]);
  let issued = 0;
  return {
    certificateFile: root.certificateFile,
    pem: readFileSync(root.certificateFile, 'utf8'),
    issue: async (names) => {
      issued += 1;
      const made = { certificateFile: of(`${issued}.pem`), keyFile: of(`${issued}.key`) };
      const signer = ['-CA', root.certificateFile, '-CAkey', root.keyFile, '-addext', `subjectAltName=${names}`];
      const files = ['-keyout', made.keyFile, '-out', made.certificateFile];
      await run(['openssl', 'req', '-x509', ...key, '-subj', '/CN=server', '-days', '2', ...signer, ...files]);
      markKeyFile(made.keyFile);
      return made;
    },
  };
}
