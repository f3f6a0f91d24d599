import type { Step } from '../../machine.ts';
import type { RadiusEnvironment } from '../environment.ts';
import { takeDatagram, takeSendFailure } from './answers.ts';
import { passTime, release, serveWaiting, startExchange } from './exchanges.ts';
import { enqueueRecord, takeReady } from './queue.ts';
import type { RadiusState, ServerState } from './state.ts';
import { Turn } from './turn.ts';
import type { RadiusConfig, RadiusEffect, RadiusInput } from './types.ts';

const unknownServer: ServerState = {
  deadUntilMs: undefined,
  heardMs: -Infinity,
  sockets: 1,
  nextSlot: 0,
  slots: new Map(),
};

export function createRadius(config: RadiusConfig): RadiusState {
  return {
    config,
    servers: {
      authentication: config.servers.authentication.map(() => unknownServer),
      accounting: config.servers.accounting.map(() => unknownServer),
    },
    exchanges: new Map(),
    nextSerial: 1,
    queue: [],
    accountingHeldUntilMs: undefined,
  };
}

/** The client's side of RADIUS towards all its servers. Never throws on what the network sends. */
export function stepRadius(
  state: RadiusState,
  input: RadiusInput,
  env: RadiusEnvironment,
): Step<RadiusState, RadiusEffect> {
  const turn = new Turn(state, env);
  take(turn, input);
  serveWaiting(turn);
  for (const queued of takeReady(turn)) startExchange(turn, { purpose: 'accounting', queued });
  return turn.step();
}

/** When the next `tick` is due; `undefined`: nothing will happen by itself. */
export function radiusDeadlineMs({ exchanges, queue, accountingHeldUntilMs }: RadiusState): number | undefined {
  const held = queue.length > 0 ? accountingHeldUntilMs : undefined;
  let earliestMs = held ?? Infinity;
  for (const exchange of exchanges.values()) {
    if (exchange.at === 'sent') earliestMs = Math.min(earliestMs, exchange.dueMs);
  }
  return earliestMs === Infinity ? undefined : earliestMs;
}

/** Accounting records that no server has taken yet. */
export function unaccounted({ queue, exchanges }: RadiusState): number {
  return queue.length + [...exchanges.values()].filter(({ job }) => job.purpose === 'accounting').length;
}

function take(turn: Turn, input: RadiusInput): void {
  switch (input.kind) {
    case 'authenticate': {
      const { request, credentials, session, challenge } = input;
      if (underWay(turn, request) !== undefined) return turn.log(`request ${request} is under way`);
      const asked = { credentials, session, ...(challenge === undefined ? {} : { challenge }) };
      return startExchange(turn, { purpose: 'authentication', request, asked });
    }
    case 'cancel': {
      const found = underWay(turn, input.request);
      if (found === undefined) return;
      release(turn, ...found);
      return turn.emit({ kind: 'outcome', request: input.request, outcome: { kind: 'cancelled' } });
    }
    case 'account':
      if (turn.config.servers.accounting.length > 0) enqueueRecord(turn, input.record);
      return;
    case 'datagram':
      return takeDatagram(turn, input.channel, input.bytes.slice());
    case 'sendFailed':
      return takeSendFailure(turn, input.channel, input.cause);
    case 'tick':
      return passTime(turn);
  }
}

function underWay(turn: Turn, request: number) {
  return [...turn.exchanges].find(([, { job }]) => job.purpose === 'authentication' && job.request === request);
}
