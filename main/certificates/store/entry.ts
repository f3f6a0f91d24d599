import { join } from 'node:path';
import { z } from 'zod';
import { sealed } from '../../contracts/sealed.ts';
import { storedCertificate } from '../../contracts/certificates.ts';
import { readGuarded, writeDurably } from '../../files/durable.ts';

/** One file of the store: what is public as it is, the private key sealed. */
export const entry = z.strictObject({
  version: z.literal(1),
  kind: storedCertificate.shape.kind,
  name: storedCertificate.shape.name,
  addedAt: storedCertificate.shape.addedAt,
  /** DER in base64: its own certificate first; of a request, the request. */
  content: z.array(z.base64().min(1)).min(1).max(10),
  /** PKCS#8. Absent of an authority. */
  key: sealed.exactOptional(),
});
export type Entry = z.infer<typeof entry>;

export const keyFormat = 'culvert-certificatekey-1';

export function entryFile(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

/** `damaged`: not of this form, or others can write it. @throws on system errors */
export function readEntry(file: string): Entry | 'damaged' | undefined {
  const read = readGuarded(file);
  if (read === undefined) return undefined;
  if (read.exposure !== undefined) return 'damaged';
  try {
    return entry.safeParse(JSON.parse(read.bytes.toString('utf8'))).data ?? 'damaged';
  } catch {
    return 'damaged';
  }
}

/** @throws on system errors */
export function writeEntry(file: string, content: Entry): void {
  writeDurably(file, `${JSON.stringify(content, null, 2)}\n`);
}
