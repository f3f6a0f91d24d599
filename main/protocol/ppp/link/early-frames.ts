import type { LinkTurn } from '../state.ts';

const earlyFrames = 8;
/** Where a frame has its packet's code, and the code of Configure-, Authenticate- and Challenge-packets that ask. */
const codeOffset = 2;
const openingCode = 1;

/**
 * Some servers begin authentication before LCP is open, and lost packets make any peer run ahead of us. What is no opening
 * (a request, a challenge) answers something of ours from before LCP was negotiated again, and is stale.
 */
export function holdBack(turn: LinkTurn, bytes: Uint8Array): void {
  if (!('early' in turn.state) || bytes[codeOffset] !== openingCode) return;
  turn.state = { ...turn.state, early: [...turn.state.early, bytes].slice(-earlyFrames) };
}

/** The phase has changed: what came too early for the one before is received in this very step. */
export function replayEarly(turn: LinkTurn): void {
  if (!('early' in turn.state)) return;
  const { early } = turn.state;
  turn.state = { ...turn.state, early: [] };
  turn.frames.unshift(...early);
}
