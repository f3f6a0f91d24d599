import type { Message, MessageName } from './messages.ts';
import { writeControl } from './header.ts';

/** One message of ours, from when it is queued until it is acknowledged. */
export interface Outgoing {
  readonly name: MessageName;
  readonly sessionId: number;
  readonly body: Uint8Array;
  readonly sends: number;
  readonly sentMs: number;
}

export interface DeliveryLimits {
  readonly receiveWindow: number;
  readonly firstMs: number;
  readonly maxMs: number;
  readonly tries: number;
}

/**
 * Reliable delivery of control messages (RFC 2661 §5.8, appendices A and B): sequence numbers, window, slow start and
 * congestion avoidance, back-off. Both counters wrap at 16 bits.
 */
export interface Delivery {
  /** The tunnel as the peer calls it, 0 until known. */
  readonly remoteTunnelId: number;
  readonly remoteWindow: number;
  /** Everything not yet acknowledged, oldest first; the first one's sequence number is `firstNs`. */
  readonly outbox: readonly Outgoing[];
  readonly firstNs: number;
  /** How many of the outbox count as under way; after a timeout none does, and all are sent again as the window opens. */
  readonly inFlight: number;
  /** How many of the outbox were sent at least once, and so may be acknowledged. */
  readonly everSent: number;
  /** CWND and SSTHRESH of appendix A; the fraction of the window grows in congestion avoidance. */
  readonly congestionWindow: number;
  readonly slowStartThreshold: number;
  readonly roundTrip: { readonly smoothedMs: number; readonly variationMs: number } | undefined;
  /** How often the wait is doubled: by each timeout, until a round trip is measured; once, after anything was acknowledged. */
  readonly backOff: number;
  /** How often the oldest message was sent since the peer last gave a sign of life. */
  readonly tries: number;
  readonly retransmitAtMs: number | undefined;
  /** The next sequence number expected of the peer. */
  readonly nr: number;
  /** Messages that came ahead of their turn, within the window, by sequence number. */
  readonly held: ReadonlyMap<number, Message>;
  readonly acknowledge: boolean;
}

/** RFC 2661 §4.4.3: what a peer takes that states no window. */
export const defaultWindow = 4;
const leastRetransmitMs = 300;
const sequenceNumbers = 0x10000;

export function createDelivery(): Delivery {
  return {
    remoteTunnelId: 0,
    remoteWindow: defaultWindow,
    outbox: [],
    firstNs: 0,
    inFlight: 0,
    everSent: 0,
    congestionWindow: 1,
    slowStartThreshold: defaultWindow,
    roundTrip: undefined,
    backOff: 0,
    tries: 0,
    retransmitAtMs: undefined,
    nr: 0,
    held: new Map(),
    acknowledge: false,
  };
}

/** A peer that states a window of 0 would never hear from us: it gets one message at a time. */
export function meetPeer(delivery: Delivery, remoteTunnelId: number, window: number): Delivery {
  const remoteWindow = Math.max(1, window);
  const congestionWindow = Math.min(delivery.congestionWindow, remoteWindow);
  return { ...delivery, remoteTunnelId, remoteWindow, congestionWindow, slowStartThreshold: remoteWindow };
}

export function enqueue(delivery: Delivery, message: Pick<Outgoing, 'name' | 'sessionId' | 'body'>): Delivery {
  return { ...delivery, outbox: [...delivery.outbox, { ...message, sends: 0, sentMs: 0 }] };
}

/** Forgets what was queued and never sent, for a message after which nothing else matters. */
export function dropUnsent(delivery: Delivery): Delivery {
  return { ...delivery, outbox: delivery.outbox.slice(0, delivery.everSent) };
}

/** Sends nothing more, yet goes on to acknowledge. */
export function withdraw(delivery: Delivery): Delivery {
  const firstNs = (delivery.firstNs + delivery.everSent) % sequenceNumbers;
  return { ...delivery, outbox: [], firstNs, inFlight: 0, everSent: 0, tries: 0, retransmitAtMs: undefined };
}

/** The peer lives: what it left unanswered may be repeated anew. */
export function heardPeer(delivery: Delivery): Delivery {
  return delivery.tries > 1 ? { ...delivery, tries: 1 } : delivery;
}

export interface Received {
  readonly delivery: Delivery;
  /** What is now due, in order, each message exactly once. */
  readonly deliver: readonly Message[];
  readonly roundTripMs?: number;
}

/** Takes one message of the peer: its acknowledgement, then its place in the sequence. */
export function receive(before: Delivery, message: Message, limits: DeliveryLimits, nowMs: number): Received {
  const { delivery, roundTripMs } = acknowledged(before, message.header.nr, limits, nowMs);
  const measured = roundTripMs === undefined ? {} : { roundTripMs };
  // §5.8: a ZLB takes no sequence number.
  if (message.name === 'ZLB') return { delivery, deliver: [], ...measured };
  const ahead = distance(delivery.nr, message.header.ns);
  if (ahead >= sequenceNumbers / 2) return { delivery: { ...delivery, acknowledge: true }, deliver: [], ...measured };
  if (ahead >= limits.receiveWindow) return { delivery, deliver: [], ...measured };
  const held = new Map(delivery.held).set(message.header.ns, message);
  const deliver: Message[] = [];
  let nr = delivery.nr;
  for (let next = held.get(nr); next !== undefined; next = held.get(nr)) {
    deliver.push(next);
    held.delete(nr);
    nr = (nr + 1) % sequenceNumbers;
  }
  return { delivery: { ...delivery, nr, held, acknowledge: true }, deliver, ...measured };
}

function distance(from: number, to: number): number {
  return (to - from + sequenceNumbers) % sequenceNumbers;
}

function acknowledged(
  delivery: Delivery,
  nr: number,
  limits: DeliveryLimits,
  nowMs: number,
): { readonly delivery: Delivery; readonly roundTripMs?: number } {
  const count = distance(delivery.firstNs, nr);
  if (count === 0 || count > delivery.everSent) return { delivery };
  const gone = delivery.outbox.slice(0, count);
  // Karn: an acknowledgement of something repeated tells no round trip.
  const newest = gone.every((message) => message.sends === 1) ? gone.at(-1) : undefined;
  const roundTripMs = newest === undefined ? undefined : nowMs - newest.sentMs;
  const inFlight = Math.max(0, delivery.inFlight - count);
  const next: Delivery = {
    ...delivery,
    outbox: delivery.outbox.slice(count),
    firstNs: nr,
    inFlight,
    everSent: delivery.everSent - count,
    congestionWindow: grown(delivery, count),
    // Karn would keep the whole back-off; a tunnel on a bad line would then spend its set-up time waiting.
    backOff: Math.min(delivery.backOff, 1),
    ...(roundTripMs === undefined ? {} : { backOff: 0, roundTrip: smoothed(delivery.roundTrip, roundTripMs) }),
    tries: inFlight > 0 ? 1 : 0,
    retransmitAtMs: undefined,
  };
  return {
    delivery: inFlight > 0 ? { ...next, retransmitAtMs: nowMs + retransmitMs(next, limits) } : next,
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
  };
}

/** Appendix A: by one for each acknowledged message up to SSTHRESH, beyond it by one for each window. */
function grown({ congestionWindow, slowStartThreshold, remoteWindow }: Delivery, count: number): number {
  let window = congestionWindow;
  for (let i = 0; i < count; i++) window += window < slowStartThreshold ? 1 : 1 / window;
  return Math.min(window, remoteWindow);
}

function smoothed(before: Delivery['roundTrip'], sampleMs: number): NonNullable<Delivery['roundTrip']> {
  if (before === undefined) return { smoothedMs: sampleMs, variationMs: sampleMs / 2 };
  const error = sampleMs - before.smoothedMs;
  return {
    smoothedMs: before.smoothedMs + error / 8,
    variationMs: before.variationMs + (Math.abs(error) - before.variationMs) / 4,
  };
}

function retransmitMs({ roundTrip, backOff }: Delivery, { firstMs, maxMs }: DeliveryLimits): number {
  const baseMs =
    roundTrip === undefined
      ? firstMs
      : Math.max(leastRetransmitMs, 2 * roundTrip.smoothedMs + 4 * roundTrip.variationMs);
  return Math.min(maxMs, baseMs * 2 ** backOff);
}

/** When the oldest message's time is over: it is due again, or (`gaveUpOn`) was repeated in vain. */
export function expire(
  delivery: Delivery,
  limits: DeliveryLimits,
  nowMs: number,
): { readonly delivery: Delivery; readonly gaveUpOn?: Outgoing } {
  const oldest = delivery.outbox[0];
  if (oldest === undefined || delivery.retransmitAtMs === undefined || nowMs < delivery.retransmitAtMs) {
    return { delivery };
  }
  if (delivery.tries >= limits.tries) return { delivery: { ...delivery, retransmitAtMs: undefined }, gaveUpOn: oldest };
  return {
    delivery: {
      ...delivery,
      slowStartThreshold: Math.max(1, Math.floor(delivery.congestionWindow / 2)),
      congestionWindow: 1,
      inFlight: 0,
      backOff: delivery.backOff + 1,
      retransmitAtMs: undefined,
    },
  };
}

/**
 * Sends what the window allows and, where nothing carries an acknowledgement that is due, a ZLB. `urgent` heeds the
 * peer's window alone: a StopCCN does not wait for the congestion window.
 */
export function flush(
  delivery: Delivery,
  limits: DeliveryLimits,
  nowMs: number,
  urgent: boolean,
): { readonly delivery: Delivery; readonly datagrams: readonly Uint8Array[] } {
  const window = urgent ? delivery.remoteWindow : Math.floor(delivery.congestionWindow);
  const inFlight = Math.max(delivery.inFlight, Math.min(window, delivery.outbox.length));
  const write = (sessionId: number, ns: number, body: Uint8Array): Uint8Array =>
    writeControl({ tunnelId: delivery.remoteTunnelId, sessionId, ns: ns % sequenceNumbers, nr: delivery.nr }, body);
  const sending = delivery.outbox.slice(delivery.inFlight, inFlight);
  if (sending.length === 0) {
    if (!delivery.acknowledge) return { delivery, datagrams: [] };
    const ns = delivery.firstNs + delivery.everSent;
    return { delivery: { ...delivery, acknowledge: false }, datagrams: [write(0, ns, new Uint8Array())] };
  }
  const outbox = delivery.outbox.map((message, i) =>
    i >= delivery.inFlight && i < inFlight ? { ...message, sends: message.sends + 1, sentMs: nowMs } : message,
  );
  return {
    delivery: {
      ...delivery,
      outbox,
      inFlight,
      everSent: Math.max(delivery.everSent, inFlight),
      tries: delivery.inFlight === 0 ? delivery.tries + 1 : delivery.tries,
      retransmitAtMs: delivery.retransmitAtMs ?? nowMs + retransmitMs(delivery, limits),
      acknowledge: false,
    },
    datagrams: sending.map((message, i) =>
      write(message.sessionId, delivery.firstNs + delivery.inFlight + i, message.body),
    ),
  };
}
