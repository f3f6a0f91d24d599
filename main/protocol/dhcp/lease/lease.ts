import type { Environment, Step } from '../../machine.ts';
import { randomU16, randomU32 } from '../../wire/random.ts';
import { type Answer, leaseMessage, readAnswer } from './messages.ts';
import type { Exchange, Lease, LeaseState, Offer } from './state.ts';
import type { LeaseConfig, LeaseEffect, LeaseFailure, LeaseInput, LeaseLoss } from './types.ts';

type Next = Step<LeaseState, LeaseEffect>;
type In<At extends LeaseState['at']> = Extract<LeaseState, { at: At }>;

export const everyServer = '255.255.255.255';
/** RFC 2131 §4.1 would begin with four seconds; here a person waits. */
const firstRepeatMs = 2000;
/** RFC 2131 §4.4.5 */
const leastRenewalPauseMs = 60_000;
/** A server that offers what it then refuses is believed so many times. */
const mostRefusals = 3;

/** Asks for a lease at once. */
export function startLease(config: LeaseConfig, env: Environment): Next {
  return discover(config, env.nowMs + config.patienceMs, 0, env);
}

/** Never throws on what comes from the network. After `failed`, `lost`, `release` or `decline` nothing happens any more. */
export function stepLease(state: LeaseState, input: LeaseInput, env: Environment): Next {
  switch (input.kind) {
    case 'message':
      return receive(state, input, env);
    case 'tick':
      return tick(state, env);
    case 'release':
      return leave(state, 'release', env);
    case 'decline':
      return leave(state, 'decline', env);
  }
}

// ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────────────

function discover(config: LeaseConfig, giveUpMs: number, refusals: number, env: Environment): Next {
  const exchange = begin(env, jittered(firstRepeatMs, env));
  return ask({ at: 'selecting', config, exchange, giveUpMs, refusals }, env);
}

function begin({ nowMs, crypto }: Environment, pauseMs: number): Exchange {
  return { xid: randomU32(crypto), firstMs: nowMs, sentMs: nowMs, tries: 1, repeatMs: nowMs + pauseMs };
}

/** Between three and five quarters of it, so that clients do not repeat in step. */
function jittered(pauseMs: number, { crypto }: Environment): number {
  return Math.round(pauseMs * (0.75 + randomU16(crypto) / 0x1_ffff));
}

type Asking = In<'selecting' | 'requesting' | 'renewing' | 'rebinding'>;

/** Says what the state is waiting for the answer to. */
function ask(state: Asking, { nowMs }: Environment): Next {
  const { config, exchange } = state;
  const secs = Math.min(0xffff, Math.floor((nowMs - exchange.firstMs) / 1000));
  const common = { xid: exchange.xid, secs };
  const anyServer = config.server ?? everyServer;
  switch (state.at) {
    case 'selecting': {
      const wish = config.wish === undefined ? {} : { requestedAddress: config.wish };
      return send(state, anyServer, leaseMessage('discover', config, common, wish));
    }
    case 'requesting': {
      const { address: requestedAddress, server } = state.offer;
      return send(state, anyServer, leaseMessage('request', config, common, { requestedAddress, server }));
    }
    case 'renewing':
    case 'rebinding': {
      const { address: ciaddr, server } = state.lease;
      const to = state.at === 'renewing' ? server : anyServer;
      return send(state, to, leaseMessage('request', config, { ...common, ciaddr }, {}));
    }
  }
}

function unmoved(state: LeaseState): Next {
  return { state, effects: [] };
}

function send(state: LeaseState, to: string, bytes: Uint8Array): Next {
  return { state, effects: [{ kind: 'send', to, bytes }] };
}

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function receive(state: LeaseState, input: Extract<LeaseInput, { kind: 'message' }>, env: Environment): Next {
  if (!('exchange' in state) || input.message.xid !== state.exchange.xid) return unmoved(state);
  const { config } = state;
  const answer = readAnswer(config, input.message, input.from, state.exchange.firstMs);
  if (answer === undefined) return unmoved(state);
  switch (state.at) {
    case 'selecting':
      return answer.kind === 'offer' ? request(state, answer.offer, env) : unmoved(state);
    case 'requesting':
      if (answer.kind === 'nak') return answer.server === state.offer.server ? refused(state, env) : unmoved(state);
      if (answer.kind === 'offer' || answer.lease.address !== state.offer.address) return unmoved(state);
      return bind(config, answer.lease, [{ kind: 'bound', ...pick(answer.lease), seconds: answer.seconds }]);
    case 'renewing':
    case 'rebinding':
      if (answer.kind === 'offer' || (state.at === 'renewing' && serverOf(answer) !== state.lease.server)) {
        return unmoved(state);
      }
      if (answer.kind === 'nak' || answer.lease.address !== state.lease.address) return lose(state, 'refused');
      return bind(config, answer.lease, []);
  }
}

function serverOf(answer: Exclude<Answer, { kind: 'offer' }>): string {
  return answer.kind === 'nak' ? answer.server : answer.lease.server;
}

/** Under the same transaction ID, as RFC 2131 §4.4.1 wants it. */
function request({ config, exchange, giveUpMs, refusals }: In<'selecting'>, offer: Offer, env: Environment): Next {
  const next = { ...begin(env, jittered(firstRepeatMs, env)), xid: exchange.xid };
  return ask({ at: 'requesting', config, exchange: next, offer, giveUpMs, refusals }, env);
}

function refused({ config, giveUpMs, refusals }: In<'requesting'>, env: Environment): Next {
  return refusals + 1 < mostRefusals ? discover(config, giveUpMs, refusals + 1, env) : fail(config, 'refused');
}

function pick({ address, server }: Offer): Offer {
  return { address, server };
}

function bind(config: LeaseConfig, lease: Lease, effects: readonly LeaseEffect[]): Next {
  return { state: { at: 'bound', config, lease }, effects };
}

// ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function tick(state: LeaseState, env: Environment): Next {
  const { nowMs } = env;
  switch (state.at) {
    case 'selecting':
    case 'requesting':
      if (nowMs >= state.giveUpMs) return fail(state.config, 'silent');
      return repeat(state, jittered(firstRepeatMs * 2 ** state.exchange.tries, env), env);
    case 'bound': {
      const { config, lease } = state;
      if (nowMs < lease.renewMs) break;
      const pauseMs = renewalPauseMs(nowMs, lease.rebindMs);
      return ask({ at: 'renewing', config, lease, exchange: begin(env, pauseMs) }, env);
    }
    case 'renewing': {
      const { config, lease } = state;
      if (nowMs < lease.rebindMs) return repeat(state, renewalPauseMs(nowMs, lease.rebindMs), env);
      const pauseMs = renewalPauseMs(nowMs, lease.expiryMs);
      return ask({ at: 'rebinding', config, lease, exchange: begin(env, pauseMs) }, env);
    }
    case 'rebinding':
      if (nowMs >= state.lease.expiryMs) return lose(state, 'expired');
      return repeat(state, renewalPauseMs(nowMs, state.lease.expiryMs), env);
    case 'over':
      break;
  }
  return unmoved(state);
}

/** RFC 2131 §4.4.5: half of what is left, but no more often than once a minute. */
function renewalPauseMs(nowMs: number, untilMs: number): number {
  return Math.max(leastRenewalPauseMs, (untilMs - nowMs) / 2);
}

function repeat(state: Asking, pauseMs: number, env: Environment): Next {
  const { exchange } = state;
  if (env.nowMs < exchange.repeatMs) return unmoved(state);
  const next = { ...exchange, sentMs: env.nowMs, tries: exchange.tries + 1, repeatMs: env.nowMs + pauseMs };
  return ask({ ...state, exchange: next }, env);
}

// ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function fail(config: LeaseConfig, why: LeaseFailure): Next {
  return { state: { at: 'over', config }, effects: [{ kind: 'failed', why }] };
}

function lose({ config, lease }: In<'renewing' | 'rebinding'>, why: LeaseLoss): Next {
  return { state: { at: 'over', config }, effects: [{ kind: 'lost', address: lease.address, why }] };
}

/** The server is told once and does not answer; what gets lost ends with the lease (RFC 2131 §4.4.4, §4.4.6). */
function leave(state: LeaseState, how: 'release' | 'decline', { crypto }: Environment): Next {
  const { config } = state;
  const over: LeaseState = { at: 'over', config };
  // An offer that was asked for may be ours by now.
  const known = 'lease' in state ? state.lease : state.at === 'requesting' ? state.offer : undefined;
  if (known === undefined) return unmoved(over);
  const { address, server } = known;
  const fields = { xid: randomU32(crypto), secs: 0, ...(how === 'release' && { ciaddr: address }) };
  const options = { server, ...(how === 'decline' && { requestedAddress: address }) };
  return send(over, server, leaseMessage(how, config, fields, options));
}
