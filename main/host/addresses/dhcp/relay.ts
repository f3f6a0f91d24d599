import type { CryptoPort } from '../../../protocol/crypto.ts';
import {
  leaseDeadlineMs,
  type LeaseEffect,
  type LeaseInput,
  type LeaseState,
  leaseTransaction,
  readDhcp,
  startLease,
  stepLease,
} from '../../../protocol/dhcp/index.ts';
import { WireError } from '../../../protocol/wire/error.ts';
import type { AddressClient, Lent } from '../lease-source.ts';
import { leaseIdentity } from './identity.ts';
import { openRelaySocket, type RelaySocket } from './socket.ts';

export interface RelayOptions {
  readonly crypto: CryptoPort;
  /** The session's address must not be used any more. */
  readonly lost: (session: number, address: string) => void;
  /** For the administrator. */
  readonly say: (text: string) => void;
  /** How long a user may have to wait. */
  readonly patienceMs?: number;
  readonly openSocket?: typeof openRelaySocket;
}

interface Held {
  readonly client: AddressClient;
  /** Among the sessions of the same user and device, from 1. */
  readonly ordinal: number;
  readonly answer: (leased: Lent) => void;
  state: LeaseState | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Windows and Apple ask for their address for half a minute. */
const usualPatienceMs = 15_000;
const mostLeases = 4096;

/** Leases of the DHCP server on the LAN of one interface: a client for each session, behind a relay that is this host. */
export class DhcpRelay {
  readonly #device: string;
  readonly #options: RelayOptions;
  readonly #held = new Map<number, Held>();
  readonly #byTransaction = new Map<number, Held>();
  #opening: Promise<RelaySocket | undefined> | undefined;
  #socket: RelaySocket | undefined;
  #said = '';

  constructor(device: string, options: RelayOptions) {
    this.#device = device;
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Tells the administrator early what will be in the way of the first user. */
  async check(): Promise<void> {
    await this.#open();
  }

  /**
   * A session that asks again begins anew.
   * @param server  only this one; absent: the first that answers
   */
  take(client: AddressClient, server?: string): Promise<Lent> {
    this.release(client.session);
    if (this.#held.size >= mostLeases) return Promise.resolve({ ok: false, reason: 'noAddress' });
    const ordinal = this.#ordinalFor(client);
    return new Promise((answer) => {
      const held: Held = { client, ordinal, answer, state: undefined, timer: undefined };
      this.#held.set(client.session, held);
      void this.#begin(held, server);
    });
  }

  /** Gives the address back, or asks for none any more. */
  release(session: number): void {
    const held = this.#held.get(session);
    if (held === undefined) return;
    this.#give(held, { kind: 'release' });
    this.#finish(held, { ok: false, reason: 'noAddress' });
  }

  /** Gives all back. */
  async close(): Promise<void> {
    for (const session of [...this.#held.keys()]) this.release(session);
    await this.#opening;
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }

  #ordinalFor({ user, hint }: AddressClient): number {
    const taken = new Set<number>();
    for (const { client, ordinal } of this.#held.values()) {
      if (client.user === user && client.hint === hint) taken.add(ordinal);
    }
    let ordinal = 1;
    while (taken.has(ordinal)) ordinal++;
    return ordinal;
  }

  async #begin(held: Held, server: string | undefined): Promise<void> {
    const socket = await this.#open();
    if (this.#held.get(held.client.session) !== held) return;
    if (socket === undefined) {
      this.#finish(held, { ok: false, reason: 'dhcpSilent' });
      return;
    }
    const { user, hint } = held.client;
    const config = {
      relayAddress: socket.address,
      ...leaseIdentity(user, hint, held.ordinal),
      ...(server !== undefined && { server }),
      patienceMs: this.#options.patienceMs ?? usualPatienceMs,
    };
    this.#perform(held, startLease(config, this.#environment()));
  }

  /** The socket, opened when it is first needed; `undefined` where that fails, which is said once. */
  async #open(): Promise<RelaySocket | undefined> {
    if (this.#socket !== undefined) return this.#socket;
    this.#opening ??= this.#openNow();
    return this.#opening;
  }

  async #openNow(): Promise<RelaySocket | undefined> {
    const { openSocket = openRelaySocket } = this.#options;
    try {
      this.#socket = await openSocket(this.#device, {
        message: (bytes, from) => {
          this.#receive(bytes, from);
        },
        trouble: (error) => {
          this.#say(error.message);
        },
      });
      this.#said = '';
      return this.#socket;
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      this.#opening = undefined;
    }
  }

  #say(what: string): void {
    if (what === this.#said) return;
    this.#said = what;
    this.#options.say(`the DHCP server on ${this.#device} cannot be asked: ${what}`);
  }

  #receive(bytes: Uint8Array, from: string): void {
    try {
      const message = readDhcp(bytes);
      const held = this.#byTransaction.get(message.xid);
      if (held !== undefined) this.#give(held, { kind: 'message', from, message });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  #give(held: Held, input: LeaseInput): void {
    if (held.state !== undefined) this.#perform(held, stepLease(held.state, input, this.#environment()));
  }

  #environment() {
    return { nowMs: performance.now(), crypto: this.#options.crypto };
  }

  #perform(held: Held, { state, effects }: ReturnType<typeof startLease>): void {
    this.#forgetTransaction(held);
    held.state = state;
    const transaction = leaseTransaction(state);
    if (transaction !== undefined) this.#byTransaction.set(transaction, held);
    this.#arm(held);
    for (const effect of effects) this.#act(held, effect);
  }

  #act(held: Held, effect: LeaseEffect): void {
    const { session } = held.client;
    switch (effect.kind) {
      case 'send':
        this.#socket?.send(effect.bytes, effect.to);
        return;
      case 'bound':
        held.answer({ ok: true, address: effect.address });
        return;
      case 'failed':
        this.#finish(held, { ok: false, reason: effect.why === 'silent' ? 'dhcpSilent' : 'noAddress' });
        return;
      case 'lost':
        this.#forget(held);
        this.#options.lost(session, effect.address);
        return;
    }
  }

  #arm(held: Held): void {
    clearTimeout(held.timer);
    const dueMs = held.state && leaseDeadlineMs(held.state);
    if (dueMs === undefined) return;
    // A timer of Node's lasts 24 days at most; one that is early finds nothing to do and is set again.
    const pauseMs = Math.min(Math.max(0, Math.ceil(dueMs - performance.now())), longestTimerMs);
    held.timer = setTimeout(() => {
      this.#give(held, { kind: 'tick' });
    }, pauseMs);
  }

  #finish(held: Held, leased: Lent): void {
    this.#forget(held);
    held.answer(leased);
  }

  #forget(held: Held): void {
    clearTimeout(held.timer);
    this.#forgetTransaction(held);
    this.#held.delete(held.client.session);
  }

  #forgetTransaction(held: Held): void {
    const transaction = held.state && leaseTransaction(held.state);
    if (transaction !== undefined && this.#byTransaction.get(transaction) === held) {
      this.#byTransaction.delete(transaction);
    }
  }
}

const longestTimerMs = 2 ** 31 - 1;
