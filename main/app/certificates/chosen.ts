import { basename } from 'node:path';
import { holdsCertificate, largestFileBytes, printable } from '../../certificates/index.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { failure, type Result } from '../../contracts/failure.ts';

/** Files that were chosen to be imported, as they are: a certificate, and its private key where that is apart. */
export interface Chosen {
  /** What the user knows it by. */
  readonly name: string;
  readonly certificate: Uint8Array;
  readonly key?: Uint8Array;
}

export function readChosen(files: readonly string[]): Result<Chosen> {
  const names = files.map((file) => printable(basename(file)));
  const name = names.join(', ');
  if (files.length > 2) return unusable(name, 'choose one file, or a certificate and its private key');
  const contents: Uint8Array[] = [];
  for (const [place, file] of files.entries()) {
    const read = readBounded(file, largestFileBytes);
    if (!read.ok) {
      const facts = { file: names[place] ?? '', reason: read.detail };
      return { ok: false, failure: failure('certificates.unreadable', facts) };
    }
    contents.push(read.bytes);
  }
  const [first = new Uint8Array(), second] = contents;
  if (second === undefined) return { ok: true, value: { name, certificate: first } };
  const [certificate, key] = holdsCertificate(first) ? [first, second] : [second, first];
  return { ok: true, value: { name, certificate, key } };
}

function unusable(file: string, reason: string): Result<never> {
  return { ok: false, failure: failure('certificates.unusable', { file, reason }) };
}
