import { issueRevocationList } from '../../certificates/issue/index.ts';
import { pemText } from '../../certificates/index.ts';
import { dayMs } from '../../contracts/time.ts';
import { writeDurably } from '../../files/durable.ts';
import { issuerOf, type AuthorityDocument } from './document.ts';
import { withoutForgotten } from './issued.ts';

/** A list holds so long; a running host writes the next one in half that time. */
export const listDays = 14;

/** Writes the revocation list. @returns what the authority then remembers */
export async function writeList(document: AuthorityDocument, file: string, nowMs: number): Promise<AuthorityDocument> {
  const issued = withoutForgotten(document.issued, nowMs);
  const revoked = issued.flatMap(({ serial, revokedAt }) =>
    revokedAt === undefined ? [] : [{ serial, atMs: Date.parse(revokedAt) }],
  );
  const number = document.listNumber + 1;
  const list = await issueRevocationList({
    issuer: issuerOf(document),
    revoked,
    number,
    thisUpdateMs: nowMs,
    nextUpdateMs: nowMs + listDays * dayMs,
  });
  writeDurably(file, pemText('X509 CRL', list));
  return { ...document, issued: [...issued], listNumber: number };
}
