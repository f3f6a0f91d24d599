import type { Endpoint } from '../../../main/protocol/ike/index.ts';
import { Deadlines } from '../../../main/session/host/deadlines.ts';
import type { WireEnd, WireFaults } from '../../support/lossy-wire.ts';
import { seededRandom } from '../../support/random.ts';
import { unframe } from './memory-datapath.ts';
import type { MemoryHost, Outgoing } from './memory-host.ts';

/** A client, of whatever make. */
export interface Dialler extends WireEnd {
  /** Its user hangs up. */
  stop(nowMs: number): Uint8Array[];
}

interface Flight {
  readonly to: number | 'host';
  readonly from: Endpoint;
  readonly datagram: Uint8Array;
}

/**
 * Many clients, each behind a NAT (all of them behind one where they share its address), and one host, over wires that lose,
 * repeat, reorder and corrupt, in virtual time.
 */
export class Star {
  nowMs = 0;
  readonly host: MemoryHost;
  readonly clients: Dialler[] = [];
  /** Every datagram that reached the host. */
  readonly heardByHost: { readonly from: Endpoint; readonly datagram: Uint8Array }[] = [];
  readonly #nats: string[] = [];
  readonly #silent = new Set<number>();
  readonly #faults: WireFaults;
  readonly #chance: () => number;
  readonly #flights = new Map<number, Flight>();
  readonly #arrivals = new Deadlines();
  readonly #turns = new Deadlines();
  #nextFlight = 0;

  constructor(host: MemoryHost, faults: WireFaults = { seed: 1 }) {
    this.host = host;
    this.#faults = faults;
    this.#chance = seededRandom(faults.seed);
  }

  /** Dials at once. */
  add(client: Dialler, nat = '198.51.100.1'): number {
    const index = this.clients.push(client) - 1;
    this.#nats.push(nat);
    this.#sendAll(index, client.start(this.nowMs));
    return index;
  }

  /** Another one behind the same mapping of the NAT, as after a crash. */
  replace(index: number, client: Dialler): void {
    this.clients[index] = client;
    this.#sendAll(index, client.start(this.nowMs));
  }

  /** Its power is gone. */
  silence(index: number): void {
    this.#silent.add(index);
    this.#turns.set(index, undefined);
  }

  stop(index: number): void {
    const client = this.clients[index];
    if (client !== undefined) this.#sendAll(index, client.stop(this.nowMs));
  }

  /** Something happens at the host now. */
  atHost(act: (host: MemoryHost, nowMs: number) => readonly Outgoing[]): void {
    this.#hostSends(act(this.host, this.nowMs));
  }

  /** Runs until `done`, or for so long. */
  run(done: () => boolean, forMs = 60_000): boolean {
    const untilMs = this.nowMs + forMs;
    while (!done()) {
      const times = [this.#arrivals.nextMs(), this.#turns.nextMs(), this.host.deadlineMs()];
      const nextMs = Math.min(...times.map((atMs) => atMs ?? Infinity));
      if (nextMs > untilMs) {
        this.nowMs = untilMs;
        return done();
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.#once();
    }
    return true;
  }

  #once(): void {
    const arrived = this.#arrivals.due(this.nowMs);
    if (arrived !== undefined) {
      this.#arrivals.set(arrived, undefined);
      const flight = this.#flights.get(arrived);
      this.#flights.delete(arrived);
      if (flight !== undefined) this.#land(flight);
      return;
    }
    const index = this.#turns.due(this.nowMs);
    if (index !== undefined) {
      this.#turns.set(index, undefined);
      this.#sendAll(index, this.clients[index]?.tick(this.nowMs) ?? []);
      return;
    }
    this.#hostSends(this.host.tick(this.nowMs));
  }

  #land({ to, from, datagram }: Flight): void {
    if (to === 'host') {
      this.heardByHost.push({ from, datagram });
      this.#hostSends(this.host.receive(datagram, from, this.nowMs));
    } else if (!this.#silent.has(to)) {
      this.#sendAll(to, this.clients[to]?.receive(datagram, this.nowMs) ?? []);
    }
  }

  #hostSends(outgoing: readonly Outgoing[]): void {
    for (const { to, datagram } of outgoing) {
      const index = (to.port - firstOuterPort) >> 1;
      if (this.#nats[index] === to.address) this.#fly({ to: index, from: to, datagram });
    }
  }

  #sendAll(index: number, datagrams: readonly Uint8Array[]): void {
    const address = this.#nats[index] ?? '';
    for (const datagram of datagrams) {
      const port = firstOuterPort + 2 * index + (unframe(datagram).kind === 'ike' ? 0 : 1);
      this.#fly({ to: 'host', from: { address, port }, datagram });
    }
    if (!this.#silent.has(index)) this.#turns.set(index, this.clients[index]?.deadlineMs());
  }

  #fly(flight: Flight): void {
    const { delayMs = 10, loss = 0, repeat = 0, reorder = 0, corrupt = 0 } = this.#faults;
    const copies = this.#chance() < repeat ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#chance() < loss) continue;
      const datagram = flight.datagram.slice();
      if (datagram.length > 0 && this.#chance() < corrupt) {
        const at = Math.floor(this.#chance() * datagram.length);
        datagram[at] = (datagram[at] ?? 0) ^ (1 << Math.floor(this.#chance() * 8));
      }
      const slower = this.#chance() < reorder ? 1 + 3 * this.#chance() : 1;
      const id = this.#nextFlight++;
      this.#flights.set(id, { ...flight, datagram });
      this.#arrivals.set(id, this.nowMs + delayMs * slower);
    }
  }
}

const firstOuterPort = 1024;
