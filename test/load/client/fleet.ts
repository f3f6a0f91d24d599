import { performance } from 'node:perf_hooks';
import type { ConnectionSummary } from '../../../main/contracts/events.ts';
import type { Failure } from '../../../main/contracts/failure.ts';
import { eventually } from '../../support/processes.ts';
import { readEcho, writeEcho } from '../datapath/echo.ts';
import { LoadClient, type LoadClientOptions, type LoadClientWatcher } from './client.ts';

/** How often an echo is asked for again: the host applies a session's policy a moment after the client has its address. */
const echoEveryMs = 100;

/** One client of the fleet, and how far it got. */
export interface Member {
  readonly index: number;
  readonly client: LoadClient;
  readonly startedMs: number;
  connection?: ConnectionSummary;
  connectedMs?: number;
  /** When the first answer came through the tunnel, and how many requests it took. */
  answeredMs?: number;
  requests: number;
  /** Of the last echo that was answered. */
  answered: number;
  /** Answers that came for its address, to whatever question. */
  replies: number;
  ended?: Failure;
}

export interface FleetOptions {
  /** Of the n-th client, from 0 on. */
  readonly client: (index: number) => LoadClientOptions;
  /** Whom the clients ping; the host's own address in the tunnel when absent. */
  readonly echoTo?: string;
  readonly watch?: (index: number) => Pick<LoadClientWatcher, 'sending' | 'hearing'>;
}

/** Any number of clients that dial, each pass a packet, and hang up. */
export class Fleet {
  readonly members: Member[] = [];
  readonly #options: FleetOptions;
  readonly #asking = new Set<NodeJS.Timeout>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Dials `count` more, `perSecond` of them in each second. Resolves when the last has begun. */
  async dial(count: number, perSecond: number): Promise<void> {
    const beganMs = performance.now();
    for (let i = 0; i < count; i++) {
      const dueMs = beganMs + (i * 1000) / perSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      this.dialOne();
    }
  }

  dialOne(): Member {
    const index = this.members.length;
    const client = new LoadClient(this.#options.client(index), {
      ...this.#options.watch?.(index),
      connected: (connection) => {
        member.connection = connection;
        member.connectedMs = performance.now();
        this.#ask(member, 1);
      },
      packet: (packet) => {
        hear(member, packet);
      },
      ended: (failure) => {
        member.ended = failure;
      },
    });
    const member: Member = { index, client, startedMs: performance.now(), requests: 0, answered: 0, replies: 0 };
    this.members.push(member);
    client.start();
    return member;
  }

  /** Waits until each has passed a packet or failed; those that did. */
  async settled(timeoutMs: number): Promise<readonly Member[]> {
    const isSettled = ({ answeredMs, ended }: Member) => answeredMs !== undefined || ended !== undefined;
    await eventually('every session', timeoutMs, () => this.members.every(isSettled)).catch(() => undefined);
    return this.members.filter(({ answeredMs, ended }) => answeredMs !== undefined && ended === undefined);
  }

  /** Each online member passes one more packet. @returns how many were answered */
  async echoAll(sequence: number, timeoutMs: number): Promise<number> {
    const online = this.members.filter(({ connection, ended }) => connection !== undefined && ended === undefined);
    for (const member of online) this.#ask(member, sequence);
    const hasAnswer = ({ answered, ended }: Member) => answered === sequence || ended !== undefined;
    await eventually('every answer', timeoutMs, () => online.every(hasAnswer)).catch(() => undefined);
    return online.filter(({ answered }) => answered === sequence).length;
  }

  /** All hang up, `perSecond` in each second; resolves when each has said goodbye. */
  async hangUp(perSecond: number, timeoutMs: number): Promise<void> {
    for (const timer of this.#asking) clearTimeout(timer);
    const beganMs = performance.now();
    for (const [i, { client, ended }] of this.members.entries()) {
      if (ended !== undefined) continue;
      const waitMs = beganMs + (i * 1000) / perSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      client.stop();
    }
    await eventually('every goodbye', timeoutMs, () => this.members.every(({ ended }) => ended !== undefined));
  }

  #ask(member: Member, sequence: number): void {
    const { connection, ended, answered, index, client } = member;
    const to = this.#options.echoTo ?? connection?.remoteAddress;
    if (connection === undefined || to === undefined || ended !== undefined || answered >= sequence) return;
    member.requests += 1;
    client.sendPacket(
      writeEcho({ kind: 'request', from: connection.localAddress, to, identifier: index & 0xffff, sequence }),
    );
    const timer = setTimeout(() => {
      this.#asking.delete(timer);
      this.#ask(member, sequence);
    }, echoEveryMs);
    this.#asking.add(timer);
  }
}

/** An answer counts where it is for this very session. */
function hear(member: Member, packet: Uint8Array): void {
  const echo = readEcho(packet);
  if (echo?.kind !== 'reply' || echo.to !== member.connection?.localAddress) return;
  member.replies += 1;
  if (echo.identifier !== (member.index & 0xffff)) return;
  member.answeredMs ??= performance.now();
  member.answered = Math.max(member.answered, echo.sequence);
}
