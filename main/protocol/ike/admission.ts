import type { Environment, Step } from '../machine.ts';
import { toHex } from '../wire/bytes.ts';
import { enlist } from './establishment.ts';
import type { Admission } from './gate/gate.ts';
import { type IkeState, type IsakmpSa, type Path, currentSa } from './state.ts';
import { createIke } from './step.ts';
import type { Turn } from './turn.ts';
import type { Endpoint, IkeConfig, IkeEffect } from './types.ts';
import { headerBytes } from './wire/index.ts';

/** One responder, many peers: machines are made when a stranger is let in, named by cookies, and joined when two are one peer. */

/** The machine of a peer whose messages 1 and 2 the gate dealt with: it awaits message 3. */
export function admitIke(config: IkeConfig, { cookies, offer }: Admission, path: Path, env: Environment): IkeState {
  const created = createIke(config);
  if (created.at === 'closed') return created;
  const { suite, authentication, lifetimeSeconds, features } = offer;
  return {
    ...created,
    nextId: created.nextId + 1,
    mainModes: [
      {
        ...{ id: created.nextId, role: 'responder', awaits: 3, cookies, path, supersedes: undefined, hint: undefined },
        failures: 0,
        giveUpAtMs: env.nowMs + config.retransmission.giveUpMs,
        answered: { received: new Uint8Array(), reply: new Uint8Array(), replays: 0 },
        ...{ suite, authentication, offer: offer.offer, lifetimeSeconds, features },
      },
    ],
  };
}

/** `newcomer` has authenticated itself as the peer that `state` serves: its SA succeeds that peer's, children and all. */
export function joinIke(state: IkeState, newcomer: IkeState, env: Environment): Step<IkeState, IkeEffect> {
  const made: IsakmpSa | undefined = newcomer.at === 'open' ? newcomer.sas[0] : undefined;
  if (state.at === 'closed' || made === undefined) return { state, effects: [] };
  const { nextId } = state;
  const turn: Turn = { state: { ...state, nextId: nextId + 1 }, closed: undefined, env, effects: [] };
  enlist(turn, { ...made, id: nextId, supersedes: currentSa(state)?.id }, false);
  return { state: turn.state, effects: turn.effects };
}

/** By which a machine's datagrams are known: both cookies, or its own alone where the peer has not answered yet. */
export function ikeNames(state: IkeState): readonly string[] {
  if (state.at === 'closed') return [];
  return [...state.mainModes, ...state.sas].map(({ cookies }) => toHex(cookies.initiator) + toHex(cookies.responder));
}

/** The names that a datagram may go by, the likelier first; `undefined`: it is too short for IKE. */
export function namesOfDatagram(bytes: Uint8Array): readonly [string, string] | undefined {
  if (bytes.length < headerBytes) return undefined;
  const initiator = toHex(bytes.subarray(0, 8));
  return [initiator + toHex(bytes.subarray(8, 16)), initiator + '0'.repeat(16)];
}

/** Where the current SA's messages go. */
export function ikeRemote(state: IkeState): Endpoint | undefined {
  return state.at === 'open' ? currentSa(state)?.path.remote : undefined;
}
