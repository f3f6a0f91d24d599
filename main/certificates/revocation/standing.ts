/** What is known of a certificate. `untilMs`: how long the answer may be used; at most until the next one is due. */
export type Standing =
  | { readonly standing: 'good' | 'revoked'; readonly untilMs: number }
  /** Not of this certificate, not signed by whom it has to be, or too old. */
  | { readonly standing: 'unknown' };

export const unknown: Standing = { standing: 'unknown' };

/** How far clocks may be apart. */
const skewMs = 5 * 60_000;
/** Of an answer that does not say when the next one is due (RFC 5280 §5.1.2.5 demands it of lists; answers may leave it out). */
const undatedMs = 3600_000;

/** Until when an answer of these dates holds; `undefined` where it does not hold now. */
export function heldUntil(thisUpdateMs: number, nextUpdateMs: number | undefined, nowMs: number): number | undefined {
  const untilMs = nextUpdateMs ?? thisUpdateMs + undatedMs;
  return thisUpdateMs <= nowMs + skewMs && nowMs < untilMs ? untilMs : undefined;
}
