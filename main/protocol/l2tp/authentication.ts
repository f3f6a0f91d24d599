import type { CryptoPort } from '../crypto.ts';
import type { AvpValues } from './avps.ts';
import { messages } from './messages.ts';
import type { L2tpCause } from './facts.ts';
import type { TunnelConfig } from './types.ts';

export const challengeBytes = 16;

type Refusal = Extract<L2tpCause, { code: 'tunnelAuthenticationFailed' }>;
type Asker = 'SCCRP' | 'SCCCN';

/** RFC 2661 §5.1.1: as CHAP, the message type of the answering message standing in for the identifier. */
export function prove(crypto: CryptoPort, answer: Asker, secret: Uint8Array, challenge: Uint8Array): Uint8Array {
  return crypto.hash('md5', Uint8Array.of(messages[answer].type), secret, challenge);
}

/** Judges the peer's proof, carried in `answer`; `undefined` is acceptance. */
export function judgeProof(
  crypto: CryptoPort,
  { tunnelSecret }: TunnelConfig,
  asked: Uint8Array | undefined,
  answer: Asker,
  { challengeResponse }: AvpValues,
): Refusal | undefined {
  if (asked === undefined || tunnelSecret === undefined) return undefined;
  if (challengeResponse === undefined) return { code: 'tunnelAuthenticationFailed', reason: 'noProof' };
  const right = crypto.equal(challengeResponse, prove(crypto, answer, tunnelSecret, asked));
  return right ? undefined : { code: 'tunnelAuthenticationFailed', reason: 'wrongProof' };
}

/** What answers the peer's challenge in `answer`: AVPs (none, if it asks nothing), or a refusal without a secret. */
export function answerChallenge(
  crypto: CryptoPort,
  { tunnelSecret }: TunnelConfig,
  answer: Asker,
  { challenge }: AvpValues,
): { readonly avps: AvpValues } | { readonly refusal: Refusal } {
  if (challenge === undefined) return { avps: {} };
  if (tunnelSecret === undefined) return { refusal: { code: 'tunnelAuthenticationFailed', reason: 'noSecret' } };
  return { avps: { challengeResponse: prove(crypto, answer, tunnelSecret, challenge) } };
}
