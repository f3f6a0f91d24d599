import type { Environment } from '../machine.ts';
import { controlCodes as codes, type Option } from './packet.ts';

/** What becomes of one option of a Configure-Request. */
export type OptionVerdict = 'ack' | 'reject' | { readonly nak: Uint8Array };

/** One negotiable option: what we ask, and what we grant. */
export interface OptionRule<Wishes> {
  readonly type: number;
  /** Our own request; `undefined` asks for nothing. */
  ask(wishes: Wishes): Uint8Array | undefined;
  /** The peer's request. */
  judge(asked: Uint8Array, wishes: Wishes, env: Environment): OptionVerdict;
  /** The wishes after the peer's counter-proposal; `impossible` where the layer cannot do without. */
  nakked(wishes: Wishes, suggestion: Uint8Array, env: Environment): Wishes | 'impossible';
  rejected(wishes: Wishes): Wishes | 'impossible';
  /** What a peer that did not ask is prompted to ask for (RFC 1661 §5.3). */
  demand?(): Uint8Array;
}

export interface JudgedRequest {
  readonly code: number;
  readonly options: readonly Option[];
  /** The options that were not granted, as the peer asked for them. */
  readonly refused: readonly Option[];
}

/** RFC 1661 §5.2 to §5.4: a Reject when anything is unwanted, else a Nak when anything is off, else an Ack. */
export function judgeRequest<Wishes>(
  rules: readonly OptionRule<Wishes>[],
  options: readonly Option[],
  wishes: Wishes,
  limits: { readonly naksSent: number; readonly maxFailure: number },
  env: Environment,
): JudgedRequest {
  const rejects: Option[] = [];
  const naks: Option[] = [];
  const refused: Option[] = [];
  for (const option of options) {
    const rule = rules.find(({ type }) => type === option.type);
    const verdict = rule === undefined ? 'reject' : rule.judge(option.data, wishes, env);
    if (verdict === 'ack') continue;
    refused.push(option);
    if (verdict === 'reject') rejects.push(option);
    else naks.push({ type: option.type, data: verdict.nak });
  }
  if (rejects.length > 0) return { code: codes.configureReject, options: rejects, refused };
  if (limits.naksSent >= limits.maxFailure) {
    // RFC 1661 §4.6: converging matters more than our preference, and nothing is prompted for any longer.
    const code = refused.length > 0 ? codes.configureReject : codes.configureAck;
    return { code, options: refused, refused };
  }
  for (const rule of rules) {
    if (rule.demand === undefined || options.some(({ type }) => type === rule.type)) continue;
    naks.push({ type: rule.type, data: rule.demand() });
  }
  return { code: naks.length > 0 ? codes.configureNak : codes.configureAck, options: naks, refused };
}
