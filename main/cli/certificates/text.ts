import { standingOf } from '../../contracts/certificate-expiry.ts';
import type { StoredCertificate } from '../../contracts/certificates.ts';
import { asTyped } from '../as-typed.ts';
import { expiresText, standingText } from '../host/ca-text.ts';
import { momentText, printable, table } from '../../host/words/format.ts';
import type { Ending } from './host-endings.ts';

export function describeList(
  certificates: readonly StoredCertificate[],
  ending: readonly Ending[],
  nowMs: number,
): string {
  const rows = certificates.map(({ id, kind, name, certificate }) => [
    id.slice(0, 12),
    name,
    certificate?.issuer ?? '',
    certificate === undefined ? '' : momentText(certificate.notAfter),
    certificate === undefined ? 'waits for an answer' : stateOf(kind, certificate, nowMs),
  ]);
  const ofHost = ending.map(({ serial, of, notAfter }) => [
    serial.slice(0, 12),
    of,
    "this machine's host",
    momentText(notAfter),
    expiresText(notAfter, nowMs),
  ]);
  if (rows.length + ofHost.length === 0)
    return asTyped('There are no certificates yet. "culvert certificates import FILE" takes some.');
  return table(['NUMBER', 'OF', 'BY', 'UNTIL', 'STATE'], [...rows, ...ofHost]);
}

function stateOf(
  kind: StoredCertificate['kind'],
  certificate: NonNullable<StoredCertificate['certificate']>,
  nowMs: number,
): string {
  const standing = standingOf(certificate, nowMs);
  return standing === 'good' && kind === 'authority'
    ? 'authority'
    : standingText(standing, certificate.notAfter, nowMs);
}

export function describeStored({ id, kind, name, certificate }: StoredCertificate): string {
  const until = certificate === undefined ? '' : `, until ${momentText(certificate.notAfter)}`;
  return `${kind === 'authority' ? 'the authority ' : ''}${printable(name)} (${id.slice(0, 12)})${until}`;
}
