import type { Turn } from './turn.ts';
import type { ClosingStep } from './types.ts';

/** How long each goodbye waits for its answer. */
const patienceMs = 1000;

const nextStep: Readonly<Record<ClosingStep, ClosingStep | 'end'>> = {
  begin: 'link',
  link: 'tunnel',
  tunnel: 'ike',
  ike: 'end',
};

/** Goes on to the next machine that still has somebody to say goodbye to: PPP, then L2TP, then IKE. */
export function advanceClosing(turn: Turn): void {
  const { life } = turn.state;
  if (life.at !== 'closing') return;
  // Nobody hears a farewell to a dead gateway, but its IKE SA is deleted all the same: one datagram, no wait.
  const dead = life.failure.code === 'gateway.dead';
  let step = nextStep[life.step];
  while (step !== 'end' && (!isAlive(turn, step) || (dead && step !== 'ike'))) step = nextStep[step];
  if (step === 'end') {
    finish(turn);
    return;
  }
  turn.set({ life: { ...life, step, untilMs: turn.env.nowMs + patienceMs } });
  if (step === 'link') turn.errands.push({ to: 'link', input: { kind: 'close' } });
  if (step === 'tunnel') turn.errands.push({ to: 'tunnel', input: { kind: 'close' } });
  if (step === 'ike') turn.errands.push({ to: 'ike', input: { kind: 'close' } });
}

function isAlive(turn: Turn, step: ClosingStep): boolean {
  const { link, tunnel, ike } = turn.state;
  return { begin: false, link: link !== undefined, tunnel: tunnel !== undefined, ike: ike !== undefined }[step];
}

function finish(turn: Turn): void {
  const { life, children, call, config } = turn.state;
  if (life.at !== 'closing') return;
  const path = config.attempt;
  if (call !== undefined) turn.effects.push({ kind: 'datapath', request: { kind: 'removeSession', session: path } });
  for (const inboundSpi of children.keys()) {
    turn.effects.push({ kind: 'datapath', request: { kind: 'removeSa', path, inboundSpi } });
  }
  if (turn.state.pathSet) turn.effects.push({ kind: 'datapath', request: { kind: 'removePath', path } });
  turn.effects.push({ kind: 'ended', failure: life.failure });
  turn.set({ life: { at: 'ended' }, children: new Map() });
}
