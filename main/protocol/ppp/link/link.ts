import type { Environment, Step } from '../../machine.ts';
import { randomU32 } from '../../wire/random.ts';
import { createControl } from '../control/index.ts';
import { abandonNetwork, driveCcp, driveIpcp, driveIpv6cp } from '../network.ts';
import { lcpWishes, usableMethods } from '../options/lcp.ts';
import type { LinkState, LinkTurn } from '../state.ts';
import type { LinkConfig, LinkEffect, LinkInput } from '../types.ts';
import { driveAuth } from './authentication.ts';
import { close, end, endFor } from './ending.ts';
import { receiveFrame } from './frames.ts';
import { driveLcp } from './lcp.ts';
import { assignAddress, hearPeer, refuseAddress, tickEchoes } from './network-phase.ts';

export function createLink(config: LinkConfig): LinkState {
  return { at: 'idle', config };
}

/** Never throws on what comes from the peer. After `closed` nothing happens any more. */
export function stepLink(state: LinkState, input: LinkInput, env: Environment): Step<LinkState, LinkEffect> {
  const turn: LinkTurn = { state, effects: [], env, frames: [] };
  if (state.at !== 'closed') apply(turn, input);
  for (let bytes = turn.frames.shift(); bytes !== undefined; bytes = turn.frames.shift()) receiveFrame(turn, bytes);
  return { state: turn.state, effects: turn.effects };
}

function apply(turn: LinkTurn, input: LinkInput): void {
  switch (input.kind) {
    case 'lowerUp':
      lowerUp(turn);
      return;
    case 'lowerDown':
      abandonNetwork(turn);
      close(turn, turn.state.at === 'terminating' ? turn.state.cause : { code: 'lowerDown' });
      return;
    case 'frame':
      turn.frames.push(input.bytes.slice());
      return;
    case 'tick':
      tick(turn);
      return;
    case 'activity':
      hearPeer(turn);
      return;
    case 'close':
      if (turn.state.at !== 'terminating') end(turn, { code: 'closedByUs' }, input.reason);
      return;
    case 'changePassword':
    case 'credentials':
    case 'response':
    case 'tls':
      driveAuth(turn, input);
      return;
    case 'verdict':
      if ('attempts' in turn.state && input.attempt === turn.state.attempts) driveAuth(turn, input);
      return;
    case 'assignAddress':
      assignAddress(turn, input);
      return;
    case 'refuseAddress':
      if (turn.state.at === 'network' && turn.state.ipcp === undefined) refuseAddress(turn);
      return;
  }
}

function lowerUp(turn: LinkTurn): void {
  if (turn.state.at !== 'idle') return;
  const { config } = turn.state;
  if (config.methods.length > 0 && usableMethods(config).length === 0) {
    // A host that demanded nothing instead would let anybody in.
    close(turn, { code: 'noCommonAuthentication', offered: config.methods });
    return;
  }
  const magic = randomU32(turn.env.crypto);
  const lcp = createControl(lcpWishes(config, magic));
  turn.state = { at: 'establishing', config, lcp, attempts: 0, early: [] };
  driveLcp(turn, { kind: 'open' });
  driveLcp(turn, { kind: 'lowerUp' });
}

function tick(turn: LinkTurn): void {
  driveLcp(turn, { kind: 'tick' });
  driveAuth(turn, { kind: 'tick' });
  endFor(turn, driveIpcp(turn, { kind: 'tick' }));
  driveIpv6cp(turn, { kind: 'tick' });
  if (turn.state.at !== 'network') return;
  if (turn.state.ccp !== undefined) driveCcp(turn, { kind: 'tick' });
  tickEchoes(turn, turn.state);
}
