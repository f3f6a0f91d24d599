import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Issued, type KeyKind, OpensslAuthority } from './openssl-authority.ts';

/** An organisation's certificates for IKE, all made by openssl: a root, an authority between, gateways and users. */
export class IkeCertificates {
  readonly pki = new OpensslAuthority();
  readonly root = this.pki.authority('/O=Example/CN=Root', { key: 'rsa' });
  readonly middle = this.pki.authority('/O=Example/CN=Middle', { key: 'rsa', issuer: this.root });
  readonly otherRoot = this.pki.authority('/O=Elsewhere/CN=Root');

  /** @param names  as openssl writes alternative names, such as `DNS:vpn.example,IP:203.0.113.20` */
  gateway(names: string, key: KeyKind, commonName = 'gateway'): Issued {
    return this.pki.issue({
      subject: `/O=Example/CN=${commonName}`,
      key,
      issuer: this.middle,
      extensions: of(names, 'server'),
    });
  }

  user(name: string, key: KeyKind, issuer: Issued = this.middle): Issued {
    const extensions = of(`email:${name}@example.com`, 'client');
    return this.pki.issue({ subject: `/O=Example/CN=${name}`, key, issuer, extensions });
  }

  /** A gateway's that is valid between two instants, as `20200101000000Z`. */
  gatewayBetween(names: string, startDate: string, endDate: string): Issued {
    const subject = `/O=Example/CN=from ${startDate}`;
    const { keyFile, certificateFile, name } = this.gateway(names, 'rsa');
    const file = (extension: string, content?: string): string => this.pki.file(`${name}.${extension}`, content);
    file('index', '');
    const config = file(
      'dated.cnf',
      [
        ...['[ca]', 'default_ca=it', '[it]', `database=${file('index')}`, `new_certs_dir=${this.pki.folder}`],
        ...['rand_serial=yes', 'default_md=sha256', 'policy=any', '[any]', 'O=supplied', 'CN=supplied'],
        ...['[v3]', ...of(names, 'server'), ''],
      ].join('\n'),
    );
    const request = file('csr');
    this.pki.run('req', '-new', '-key', keyFile, '-subj', subject, '-out', request);
    this.pki.run(
      ...['ca', '-batch', '-notext', '-config', config, '-extensions', 'v3', '-in', request, '-out', certificateFile],
      ...['-cert', this.middle.certificateFile, '-keyfile', this.middle.keyFile],
      ...['-startdate', startDate, '-enddate', endDate],
    );
    return { name, keyFile, certificateFile, der: new X509Certificate(readFileSync(certificateFile)).raw };
  }

  /** The certificate and the authority between, one after the other. */
  chainFile({ name, certificateFile }: Issued): string {
    return this.pki.file(`${name}.chain.pem`, readFileSync(certificateFile, 'utf8') + text(this.middle));
  }

  pkcs12({ name, certificateFile, keyFile }: Issued, passphrase: string): string {
    const file = this.pki.file(`${name}.p12`);
    const chain = this.middle.certificateFile;
    const parts = ['-inkey', keyFile, '-in', certificateFile, '-certfile', chain, '-passout', `pass:${passphrase}`];
    this.pki.run('pkcs12', '-export', ...parts, '-out', file);
    return file;
  }

  /** Several in a SignedData without a signature, DER. */
  pkcs7(...certificates: readonly Issued[]): Uint8Array {
    const files = certificates.flatMap(({ certificateFile }) => ['-certfile', certificateFile]);
    return this.pki.run('crl2pkcs7', '-nocrl', ...files, '-outform', 'DER');
  }

  /** Lists of both authorities, in one file. */
  revocationLists(...revoked: readonly Issued[]): string {
    const pem = (der: Uint8Array): string => {
      const lines =
        Buffer.from(der)
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
    };
    const lists = [this.pki.revocationList(this.middle, revoked), this.pki.revocationList(this.root, [])];
    return this.pki.file('lists.pem', lists.map(pem).join(''));
  }

  /** What strongSwan finds under /etc, with these certificates as its own. */
  strongswanFiles(...own: readonly Issued[]): Readonly<Record<string, string>> {
    const secrets = own.map(({ name, keyFile }) => `: ${kindOf(keyFile)} ${name}.key\n`);
    return {
      'ipsec.d/cacerts/root.pem': text(this.root),
      'ipsec.d/cacerts/middle.pem': text(this.middle),
      'ipsec.secrets': secrets.join(''),
      ...Object.fromEntries(
        own.flatMap(({ name, certificateFile, keyFile }) => [
          [`ipsec.d/certs/${name}.pem`, readFileSync(certificateFile, 'utf8')],
          [`ipsec.d/private/${name}.key`, readFileSync(keyFile, 'utf8')],
        ]),
      ),
    };
  }

  fingerprint({ der }: Issued): string {
    return createHash('sha256').update(der).digest('hex');
  }

  remove(): void {
    this.pki.remove();
  }
}

function of(names: string, use: 'server' | 'client'): readonly string[] {
  return [`subjectAltName=${names}`, 'keyUsage=critical,digitalSignature', `extendedKeyUsage=${use}Auth`];
}

function text({ certificateFile }: Issued): string {
  return readFileSync(certificateFile, 'utf8');
}

/** As ipsec.secrets says it. */
function kindOf(keyFile: string): 'RSA' | 'ECDSA' {
  return readFileSync(keyFile).length > 1000 ? 'RSA' : 'ECDSA';
}
