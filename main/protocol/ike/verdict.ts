import { answer } from './main-mode-responder.ts';
import { proceed } from './main-mode-initiator.ts';
import { hint, hintRefusal } from './main-mode-parts.ts';
import { keysOf, reject } from './rejection.ts';
import { failedOnce } from './signatures.ts';
import type { AwaitsVerdict } from './state.ts';
import type { Turn } from './turn.ts';
import type { IkeCause, PeerVerdict } from './types.ts';

/** What comes of messages 5 and 6 with signatures, once it is known whether the certificate may be believed. */

export function receiveVerdict(turn: Turn, exchange: number, verdict: PeerVerdict): void {
  const waiting = turn.state.mainModes.find(({ id }) => id === exchange);
  if (waiting?.awaits !== 'verdict') return;
  const { path, presented } = waiting;
  const mode = { ...waiting.mode, path };
  const keys = keysOf(mode);
  if (keys === undefined) return;
  if (!verdict.ok) {
    const { reason, subject, detail } = verdict;
    return reject(turn, mode, keys, presented.nextIv, { code: 'certificateRejected', reason, subject, detail });
  }
  const { publicKey, certificate } = verdict;
  const of = { code: 'certificateRejected', subject: certificate.subject } as const;
  if (publicKey.method !== mode.authentication) {
    const detail = `has a key for ${publicKey.method}, and ${mode.authentication} was agreed on`;
    return reject(turn, mode, keys, presented.nextIv, { ...of, reason: 'wrongKey', detail });
  }
  if (!turn.env.crypto.verify(publicKey, presented.hash, presented.signature)) {
    return lookAgain(turn, waiting, { ...of, reason: 'badSignature', detail: '' });
  }
  if (mode.awaits === 6) proceed(turn, mode, { ...presented, certificate });
  else answer(turn, mode, { ...presented, keys, name: undefined, certificate });
}

/** The message may have been damaged on its way, and the true one may follow: there is no other check of it than this one. */
function lookAgain(turn: Turn, { mode, path }: AwaitsVerdict, cause: IkeCause): void {
  const again = failedOnce({ ...mode, path });
  if (again.awaits === 6) hintRefusal(turn, again, cause);
  else hint(turn, again, cause);
}
