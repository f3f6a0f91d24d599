import type { Path } from '../path/candidates.ts';
import type { PathFault } from '../path/check.ts';
import type { RevocationSources, TrustSettings } from '../types.ts';
import { subjectText, type Certificate } from '../x509/certificate.ts';
import { MalformedError } from '../x509/malformed.ts';
import { readRevocationList, standingByList } from './list.ts';
import { distributionPointsOf, respondersOf } from './locations.ts';
import { requestFor, standingByResponder } from './responder.ts';
import { unknown, type Standing } from './standing.ts';

type RevocationSettings = TrustSettings['revocation'];
type Asking = RevocationSettings & { readonly patience: AbortSignal };

/** Nobody is asked any more after so long, whatever the chain: the peer waits. */
const patienceMs = 8000;

/**
 * Whether a certificate of a path was revoked. Only for paths that are good in all else: nothing is fetched from where somebody
 * says whom no authority knows. Lists from files come first, then the responder, then the distribution point.
 */
export async function revocationFault(
  path: Path,
  settings: RevocationSettings,
  nowMs: number,
): Promise<PathFault | undefined> {
  if (settings.policy === 'ignore') return undefined;
  const patience = AbortSignal.timeout(patienceMs);
  for (const [place, certificate] of path.entries()) {
    const issuer = path[place + 1];
    // Who is trusted by itself has nobody above who could revoke it.
    if (issuer === undefined) return undefined;
    const { standing } = await standingOf(certificate, issuer, { ...settings, patience }, nowMs);
    if (standing === 'revoked')
      return { reason: 'revoked', certificate, detail: `was revoked by ${subjectText(issuer)}` };
    if (standing === 'unknown' && settings.policy === 'require') {
      return { reason: 'revocationUnknown', certificate, detail: unknownBecause(certificate, settings) };
    }
  }
  return undefined;
}

async function standingOf(
  certificate: Certificate,
  issuer: Certificate,
  { lists, online, patience }: Asking,
  nowMs: number,
): Promise<Standing> {
  const fromFiles = lists.map((list) =>
    tolerant(() => standingByList(readRevocationList(list), certificate, issuer, nowMs)),
  );
  // One list that names it is enough, whatever an older one says.
  const decided =
    fromFiles.find(({ standing }) => standing === 'revoked') ?? fromFiles.find(({ standing }) => standing === 'good');
  if (decided !== undefined || online === undefined) return decided ?? unknown;
  const answered = await askResponders(certificate, issuer, online, patience, nowMs);
  return answered.standing === 'unknown' ? fetchLists(certificate, issuer, online, patience, nowMs) : answered;
}

async function askResponders(
  certificate: Certificate,
  issuer: Certificate,
  online: RevocationSources,
  patience: AbortSignal,
  nowMs: number,
): Promise<Standing> {
  const urls = respondersOf(certificate);
  if (urls.length === 0) return unknown;
  const request = await requestFor(certificate, issuer);
  for (const url of urls) {
    if (patience.aborted) return unknown;
    const answer = await online.askResponder(url, request, nowMs);
    const said = answer && tolerant(() => standingByResponder(answer, certificate, issuer, nowMs));
    if (answer === undefined || said === undefined || said.standing === 'unknown') continue;
    online.keep(answer, said.untilMs);
    return said;
  }
  return unknown;
}

async function fetchLists(
  certificate: Certificate,
  issuer: Certificate,
  online: RevocationSources,
  patience: AbortSignal,
  nowMs: number,
): Promise<Standing> {
  for (const url of distributionPointsOf(certificate)) {
    if (patience.aborted) return unknown;
    const list = await online.fetchList(url, nowMs);
    const said = list && tolerant(() => standingByList(readRevocationList(list), certificate, issuer, nowMs));
    if (list === undefined || said === undefined || said.standing === 'unknown') continue;
    online.keep(list, said.untilMs);
    return said;
  }
  return unknown;
}

/** What cannot be read says nothing. */
function tolerant(read: () => Standing): Standing {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) return unknown;
    throw error;
  }
}

function unknownBecause(certificate: Certificate, { online }: RevocationSettings): string {
  const places = [...respondersOf(certificate), ...distributionPointsOf(certificate)];
  if (online === undefined) return 'is on no revocation list that was given';
  return places.length === 0
    ? 'does not say where its revocation can be asked'
    : `may be revoked: ${places.join(' and ')} gave no usable answer`;
}
