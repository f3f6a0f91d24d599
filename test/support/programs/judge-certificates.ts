import { loadOwnCertificate, openRevocationSources, verifyPeer } from '../../../main/certificates/index.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { readFileSync } from 'node:fs';

/** Judges what a file lists, and prints the verdicts: in whatever runtime it is started. */

export interface Cases {
  readonly chains: readonly {
    readonly chain: readonly string[];
    readonly authority: string;
    readonly lists: readonly string[];
    readonly atMs: number;
  }[];
  readonly pkcs12: readonly { readonly file: string; readonly passphrase: string }[];
}

const [file = ''] = process.argv.slice(2);
const { chains, pkcs12 } = JSON.parse(readFileSync(file, 'utf8')) as Cases;
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

const verdicts: string[] = [];
for (const { chain, authority, lists, atMs } of chains) {
  const revocation = { policy: 'require', lists: lists.map(bytes), online: openRevocationSources() } as const;
  const trust = { authorities: [bytes(authority)], intermediates: [], allowSha1: false, revocation };
  const verdict = await verifyPeer(chain.map(bytes), { role: 'gateway', names: ['vpn.example.com'] }, trust, atMs);
  verdicts.push(verdict.ok ? `${verdict.certificate.key} good` : verdict.reason);
}
for (const { file: path, passphrase } of pkcs12) {
  const loaded = await loadOwnCertificate({ kind: 'pkcs12', file: path, passphrase: new Secret(passphrase) });
  verdicts.push(loaded.ok ? `${loaded.own.summary.key} opened` : loaded.reason);
}
console.log(JSON.stringify({ electron: process.versions['electron'], verdicts }));
