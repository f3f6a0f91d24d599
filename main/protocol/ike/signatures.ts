import { open } from './envelope.ts';
import { fromWire } from './identity.ts';
import type { IkeKeys } from './keys.ts';
import { type Received, hashOfPeer, hintUnproven, openOrUndefined, saysInitialContact } from './main-mode-parts.ts';
import { reject } from './rejection.ts';
import type { AwaitsFifth, AwaitsSixth, Presented } from './state.ts';
import { type Turn, putMainMode } from './turn.ts';
import type { CertificateFacts, IkeAuthentication, IkeConfig, PresentedCertificate } from './types.ts';
import { type Chain, type Payload, bodyOf, find, findAll } from './wire/index.ts';

/** Messages 5 and 6 with signatures (RFC 2409 §5.1): what is asked for, what came, and the question whether to believe it. */

export interface Believed {
  /** `undefined`: the peer has proved that it knows the pre-shared key. */
  readonly certificate: CertificateFacts | undefined;
}

/** RFC 2408 §3.10: one for each authority, by its name. Where they are too many, one for all. */
export function certificateRequests({ certificates }: IkeConfig, authentication: IkeAuthentication): Payload[] {
  if (authentication === 'psk' || certificates === undefined) return [];
  const { authorities } = certificates;
  const asked = authorities.length === 0 || authorities.length > maxRequests ? [new Uint8Array()] : authorities;
  return asked.map((data): Payload => ({ kind: 'certificateRequest', encoding: 'x509Signature', data }));
}

const maxRequests = 8;
/** What a chain may be made of: a leaf, intermediates, cross-certificates, and peers that send their authority too. */
const most = { certificates: 10, bytes: 48 * 1024 };

/** Message 5 or 6 was read, or is not readable. What it holds is stranger's data until its signature is checked. */
export function askForVerdict(
  turn: Turn,
  mode: AwaitsFifth | AwaitsSixth,
  keys: IkeKeys,
  { packet, bytes, path }: Received,
): void {
  const opened = openOrUndefined(() => open(turn.env.crypto, keys, mode.iv, packet));
  const presented = opened && presentedBy(turn, mode, keys, opened.chain, opened.nextIv, bytes);
  if (opened === undefined || presented === undefined) return hintUnproven(turn, failedOnce(mode), 'undecryptable');
  const certificates = certificatesOf(opened.chain);
  const at = { ...mode, path };
  const rejected = { code: 'certificateRejected', subject: '' } as const;
  if (certificates === undefined) {
    const detail = `there are more than ${most.certificates} certificates or ${most.bytes} bytes`;
    return reject(turn, at, keys, opened.nextIv, { ...rejected, reason: 'malformed', detail });
  }
  if (certificates.length === 0) {
    return reject(turn, at, keys, opened.nextIv, { ...rejected, reason: 'missing', detail: '' });
  }
  const { id, role, cookies, supersedes } = mode;
  const giveUpAtMs = turn.env.nowMs + (turn.state.config.certificates?.verdictMs ?? 0);
  const waiting = { id, role, cookies, supersedes, path, hint: undefined, giveUpAtMs, mode, presented };
  putMainMode(turn, { ...waiting, awaits: 'verdict' });
  turn.effects.push({ kind: 'verifyPeer', exchange: id, certificates, identity: presented.identity });
}

/** Another message that was no good. */
export function failedOnce<Mode extends AwaitsFifth | AwaitsSixth>(mode: Mode): Mode {
  return 'failures' in mode ? { ...mode, failures: mode.failures + 1 } : mode;
}

function presentedBy(
  turn: Turn,
  mode: AwaitsFifth | AwaitsSixth,
  keys: IkeKeys,
  chain: Chain,
  nextIv: Uint8Array,
  received: Uint8Array,
): Presented | undefined {
  const identity = find(chain, 'identification');
  const body = bodyOf(chain, 'identification');
  const signature = find(chain, 'signature')?.data;
  if (identity === undefined || body === undefined || signature === undefined) return undefined;
  return {
    identity: fromWire(identity),
    hash: hashOfPeer(turn, mode, keys, body),
    signature,
    nextIv,
    received: received.slice(),
    initialContact: saysInitialContact(chain),
  };
}

/** @returns `undefined` where they are more than anybody needs. Other encodings than X.509's are nothing that could be judged. */
function certificatesOf(chain: Chain): PresentedCertificate[] | undefined {
  const certificates = findAll(chain, 'certificate').flatMap(({ encoding, data }): PresentedCertificate[] => {
    if (encoding === 'x509Signature') return [{ encoding: 'x509', data }];
    return encoding === 'pkcs7' ? [{ encoding, data }] : [];
  });
  const bytes = certificates.reduce((sum, { data }) => sum + data.length, 0);
  return certificates.length > most.certificates || bytes > most.bytes ? undefined : certificates;
}
