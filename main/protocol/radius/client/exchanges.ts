import { WireError } from '../../wire/error.ts';
import { accountingAttributes } from '../accounting.ts';
import { credentialAttributes } from '../credentials.ts';
import { nasAttributes, sessionAttributes } from '../session.ts';
import { writeAccessRequest, writeAccountingRequest } from '../wire/authenticators.ts';
import { authenticatorBytes, readPacket } from '../wire/packet.ts';
import { loseRecord, returnRecord } from './queue.ts';
import { freeSlot, identifierOf, socketOf, takeSlot } from './slots.ts';
import type { Exchange, Job, SentExchange } from './state.ts';
import type { Turn } from './turn.ts';
import type { Purpose, ServerTrouble } from './types.ts';

/** Sends a request to the first server that lives, else to the first. */
export function startExchange(turn: Turn, job: Job): void {
  const serial = turn.nextSerial;
  turn.nextSerial += 1;
  approach(turn, serial, { job, failures: [], untried: candidates(turn, job) });
}

function candidates(turn: Turn, job: Job): number[] {
  const { purpose } = job;
  const servers = turn.config.servers[purpose];
  const asker = job.purpose === 'authentication' ? job.asked.challenge?.server : undefined;
  // RFC 2865 §4.4: the State means something to the server that gave it.
  if (asker !== undefined) return servers.flatMap(({ name }, index) => (name === asker ? [index] : []));
  const all = [...servers.keys()];
  return [
    ...all.filter((index) => !turn.isDead(purpose, index)),
    ...all.filter((index) => turn.isDead(purpose, index)),
  ];
}

type Course = Pick<Exchange, 'job' | 'failures' | 'untried'>;

/** Turns to the next server of the course, or gives up. */
function approach(turn: Turn, serial: number, course: Course): void {
  const [server, ...untried] = course.untried;
  if (server === undefined) return conclude(turn, serial, course);
  const next = { ...course, untried };
  if (transmit(turn, serial, next, server)) return;
  const { purpose } = course.job;
  const waiting = [...turn.exchanges.values()].filter(({ at }) => at === 'waiting').length;
  if (waiting < turn.config.limits.waiting) {
    turn.exchanges.set(serial, { ...next, at: 'waiting', server });
  } else {
    const failure = { server: turn.server(purpose, server).name, trouble: { code: 'busy' } as const };
    approach(turn, serial, { ...next, failures: [...next.failures, failure] });
  }
}

/** Sends the request for the first time; `false`: the server has no identifier to spare. */
function transmit(turn: Turn, serial: number, course: Course, index: number): boolean {
  const { purpose } = course.job;
  const taken = takeSlot(turn.health(purpose, index), serial, turn.config.limits.socketsPerServer);
  if (taken === undefined) return false;
  const { slot } = taken;
  const written = writeRequest(turn, course.job, index, identifierOf(slot));
  if (typeof written === 'string') {
    turn.exchanges.delete(serial);
    abandon(turn, course.job, written);
    return true;
  }
  turn.update(purpose, index, taken.server);
  const { firstMs } = turn.server(purpose, index).retransmission ?? turn.config.retransmission;
  const channel = { purpose, server: index, socket: socketOf(slot) };
  const { nowMs } = turn.env;
  const dueMs = nowMs + jittered(turn, firstMs);
  const sent = { ...course, at: 'sent', channel, slot, ...written, sends: 1, sinceMs: nowMs } as const;
  turn.exchanges.set(serial, { ...sent, dueMs, intervalMs: firstMs, trouble: undefined });
  turn.emit({ kind: 'send', channel, bytes: written.packet });
  return true;
}

type Written = Pick<SentExchange, 'packet' | 'authenticator'>;

/** The packet; text: why what the user sent cannot be carried. */
function writeRequest(turn: Turn, job: Job, index: number, identifier: number): Written | string {
  const { crypto, nowMs } = turn.env;
  const { secret } = turn.server(job.purpose, index);
  const nas = nasAttributes(turn.config.nas);
  try {
    if (job.purpose === 'authentication') {
      const { credentials, session, challenge } = job.asked;
      const authenticator = crypto.random(authenticatorBytes);
      const values = {
        ...nas,
        ...sessionAttributes(session),
        ...credentialAttributes(credentials, { crypto, secret, authenticator }),
        ...(challenge === undefined ? {} : { state: challenge.state }),
      };
      return { packet: writeAccessRequest(crypto, secret, { identifier, authenticator }, values), authenticator };
    }
    const { record, eventMs, eventUnixSeconds } = job.queued;
    const packet = writeAccountingRequest(crypto, secret, identifier, {
      ...nas,
      ...accountingAttributes(record),
      eventTimestamp: eventUnixSeconds >>> 0,
      acctDelayTime: Math.floor((nowMs - eventMs) / 1000),
    });
    return { packet, authenticator: readPacket(packet).authenticator };
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

/** RFC 5080 §2.2.1: up to a tenth more or less, so that the requests of one moment do not stay together. */
function jittered(turn: Turn, intervalMs: number): number {
  const [random = 0] = turn.env.crypto.random(1);
  return Math.max(1, Math.round(intervalMs * (0.9 + (random / 255) * 0.2)));
}

/** Repeats what is due, or turns to the next server. */
export function passTime(turn: Turn): void {
  for (const [serial, exchange] of [...turn.exchanges]) {
    if (exchange.at !== 'sent' || turn.env.nowMs < exchange.dueMs) continue;
    const { purpose, server } = exchange.channel;
    const { sends, maxMs } = turn.server(purpose, server).retransmission ?? turn.config.retransmission;
    if (exchange.sends >= sends) {
      const trouble = exchange.trouble ?? { code: 'noAnswer', sends: exchange.sends };
      if (turn.health(purpose, server).heardMs < exchange.sinceMs) turn.bury(purpose, server, trouble);
      failOver(turn, serial, exchange, trouble);
    } else {
      const intervalMs = Math.min(maxMs, exchange.intervalMs * 2);
      const dueMs = turn.env.nowMs + jittered(turn, intervalMs);
      turn.exchanges.set(serial, { ...exchange, sends: exchange.sends + 1, intervalMs, dueMs });
      turn.emit({ kind: 'send', channel: exchange.channel, bytes: exchange.packet });
    }
  }
}

/** Leaves this server, with what it has to be blamed for. */
export function failOver(turn: Turn, serial: number, exchange: SentExchange, trouble: ServerTrouble): void {
  const { purpose, server } = exchange.channel;
  release(turn, serial, exchange);
  const failure = { server: turn.server(purpose, server).name, trouble };
  const { job, untried, failures } = exchange;
  approach(turn, serial, { job, untried, failures: [...failures, failure] });
}

/** Ends the exchange; its identifier is free. */
export function release(turn: Turn, serial: number, exchange: Exchange): void {
  turn.exchanges.delete(serial);
  if (exchange.at !== 'sent') return;
  const { purpose, server } = exchange.channel;
  turn.update(purpose, server, freeSlot(turn.health(purpose, server), exchange.slot));
}

/** Gives identifiers that became free to those who wait. */
export function serveWaiting(turn: Turn): void {
  const full: Record<Purpose, Set<number>> = { authentication: new Set(), accounting: new Set() };
  for (const [serial, exchange] of turn.exchanges) {
    if (exchange.at !== 'waiting') continue;
    const { job, failures, untried, server } = exchange;
    if (full[job.purpose].has(server)) continue;
    if (!transmit(turn, serial, { job, failures, untried }, server)) full[job.purpose].add(server);
  }
}

/** No server is left. */
function conclude(turn: Turn, serial: number, { job, failures }: Course): void {
  turn.exchanges.delete(serial);
  if (job.purpose === 'accounting') returnRecord(turn, job.queued, failures);
  else turn.emit({ kind: 'outcome', request: job.request, outcome: { kind: 'noServer', failures } });
}

function abandon(turn: Turn, job: Job, what: string): void {
  if (job.purpose === 'accounting') loseRecord(turn, job.queued, 'unsendable');
  else turn.emit({ kind: 'outcome', request: job.request, outcome: { kind: 'unsendable', what } });
}
