import { expect, test } from 'vitest';
import {
  createDelivery,
  enqueue,
  expire,
  flush,
  meetPeer,
  receive,
  type Delivery,
  type DeliveryLimits,
} from '../../../main/protocol/l2tp/delivery.ts';
import { writeBody } from '../../../main/protocol/l2tp/messages.ts';
import { runWire, type WireEnd } from '../../support/lossy-wire.ts';
import { seeds } from '../../support/seeded-crypto.ts';
import { checksummed, message, names, read } from './support.ts';

const limits: DeliveryLimits = { receiveWindow: 4, firstMs: 1000, maxMs: 8000, tries: 30 };

function numbered(delivery: Delivery, number: number): Delivery {
  return enqueue(delivery, {
    name: 'HELLO',
    sessionId: 0,
    body: writeBody('HELLO', { callSerialNumber: number }, undefined),
  });
}

function queued(count: number, remoteWindow: number, firstNs = 0): Delivery {
  let delivery: Delivery = { ...meetPeer(createDelivery(), 1, remoteWindow), firstNs };
  for (let number = 0; number < count; number++) delivery = numbered(delivery, number);
  return delivery;
}

/** Sends numbered messages and notes what comes in; the sequence numbers wrap on the way. */
class Correspondent implements WireEnd {
  delivery: Delivery;
  readonly got: number[] = [];
  readonly overruns: number[] = [];
  gaveUp = false;

  constructor(count: number, remoteWindow: number, firstNs: number, nr: number) {
    this.delivery = { ...queued(count, remoteWindow, firstNs), nr };
  }

  #flush(nowMs: number): Uint8Array[] {
    const { delivery, datagrams } = flush(this.delivery, limits, nowMs, false);
    this.delivery = delivery;
    if (delivery.inFlight > delivery.remoteWindow) this.overruns.push(delivery.inFlight);
    return [...datagrams];
  }

  start(nowMs: number): Uint8Array[] {
    return this.#flush(nowMs);
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    const { delivery, deliver } = receive(this.delivery, read(datagram), limits, nowMs);
    this.delivery = delivery;
    this.got.push(...deliver.map(({ avps }) => avps.callSerialNumber ?? -1));
    expect(delivery.held.size).toBeLessThan(limits.receiveWindow);
    return this.#flush(nowMs);
  }

  tick(nowMs: number): Uint8Array[] {
    const { delivery, gaveUpOn } = expire(this.delivery, limits, nowMs);
    this.delivery = delivery;
    this.gaveUp ||= gaveUpOn !== undefined;
    return this.#flush(nowMs);
  }

  deadlineMs(): number | undefined {
    return this.delivery.retransmitAtMs;
  }
}

test.each(seeds(60))(
  'messages arrive in order, each once, despite loss, repeats, disorder and damage (seed %i)',
  (seed) => {
    const count = 25;
    const a = new Correspondent(count, 4, 0xfff8, 0xfffc);
    const b = new Correspondent(count, 4, 0xfffc, 0xfff8);
    const run = runWire(
      [checksummed(a), checksummed(b)],
      { seed, loss: 0.2, repeat: 0.1, reorder: 0.2, corrupt: 0.05 },
      { done: () => a.delivery.outbox.length + b.delivery.outbox.length === 0, timeoutMs: 3_600_000 },
    );
    expect([run.ended, a.gaveUp, b.gaveUp]).toEqual(['done', false, false]);
    const numbers = Array.from({ length: count }, (_, i) => i);
    expect([a.got, b.got]).toEqual([numbers, numbers]);
    expect([a.overruns, b.overruns]).toEqual([[], []]);
  },
);

function sends(delivery: Delivery, nowMs = 0): { delivery: Delivery; count: number } {
  const { delivery: next, datagrams } = flush(delivery, limits, nowMs, false);
  return { delivery: next, count: datagrams.length };
}

function acknowledge(delivery: Delivery, nr: number, nowMs = 0): Delivery {
  const zlb = { ...read(message('HELLO', {}, { nr })), name: 'ZLB' as const };
  return receive(delivery, zlb, limits, nowMs).delivery;
}

test('the window opens by one for each acknowledgement, then by one for each window, never beyond the peer’s', () => {
  let { delivery, count } = sends(queued(40, 6));
  const bursts = [count];
  for (let round = 0; round < 6; round++) {
    ({ delivery, count } = sends(acknowledge(delivery, delivery.firstNs + delivery.inFlight)));
    bursts.push(count);
  }
  expect(bursts).toEqual([1, 2, 4, 6, 6, 6, 6]);
});

test('after a timeout one message is sent again, and growth slows down at half the old window', () => {
  let { delivery } = sends(queued(60, 16));
  while (delivery.inFlight < 16) ({ delivery } = sends(acknowledge(delivery, delivery.firstNs + delivery.inFlight)));
  const bursts: number[] = [];
  let count = 0;
  ({ delivery, count } = sends(expire(delivery, limits, 10_000).delivery, 10_000));
  bursts.push(count);
  for (let round = 0; round < 6; round++) {
    ({ delivery, count } = sends(
      acknowledge(delivery, (delivery.firstNs + delivery.inFlight) % 0x10000, 10_000),
      10_000,
    ));
    bursts.push(delivery.inFlight);
  }
  expect(bursts).toEqual([1, 2, 4, 8, 8, 9, 10]);
});

test('an acknowledgement of what was never sent counts for nothing', () => {
  const { delivery } = sends(queued(5, 4));
  expect(acknowledge(delivery, 3)).toEqual(delivery);
  expect(acknowledge(delivery, 0xffff)).toEqual(delivery);
  expect(acknowledge(delivery, 1).outbox).toHaveLength(4);
});

test('what comes ahead is held within the window, what comes beyond it is dropped, what came before is acknowledged', () => {
  const hello = (ns: number) => read(message('HELLO', {}, { ns }));
  const start = meetPeer(createDelivery(), 1, 4);
  const ahead = receive(start, hello(3), limits, 0);
  expect([ahead.deliver, ahead.delivery.held.size]).toEqual([[], 1]);
  expect(receive(start, hello(4), limits, 0).delivery).toEqual(start);
  const first = receive(ahead.delivery, hello(0), limits, 0);
  expect(first.deliver.map(({ header }) => header.ns)).toEqual([0]);
  const again = receive({ ...first.delivery, acknowledge: false }, hello(0), limits, 0);
  expect(again.deliver).toEqual([]);
  expect(names(flush(again.delivery, limits, 0, false).datagrams)).toEqual(['ZLB']);
});

test('an acknowledgement rides on a message if one goes out, else on a ZLB that takes no number', () => {
  const heard = { ...queued(1, 4), acknowledge: true, nr: 9 };
  const { delivery, datagrams } = flush(heard, limits, 0, false);
  expect(datagrams.map((bytes) => [read(bytes).name, read(bytes).header.nr])).toEqual([['HELLO', 9]]);
  const zlb = flush({ ...delivery, acknowledge: true }, limits, 0, false);
  expect(zlb.datagrams.map((bytes) => [read(bytes).name, read(bytes).header.ns])).toEqual([['ZLB', 1]]);
  expect(zlb.delivery.everSent).toBe(1);
});

test('no round trip is taken from a message that was repeated, and the wait stays doubled once until one is', () => {
  const zlb = (nr: number) => ({ ...read(message('HELLO', {}, { nr })), name: 'ZLB' as const });
  const once = sends(queued(3, 4)).delivery;
  expect(receive(once, zlb(1), limits, 50).roundTripMs).toBe(50);
  const twice = sends(expire(once, limits, 1000).delivery, 1000).delivery;
  expect(twice.retransmitAtMs).toBe(3000);
  const thrice = sends(expire(twice, limits, 3000).delivery, 3000).delivery;
  expect(thrice.retransmitAtMs).toBe(7000);
  const late = receive(thrice, zlb(1), limits, 3050);
  expect(late.roundTripMs).toBeUndefined();
  const next = sends(late.delivery, 3050).delivery;
  expect(next.retransmitAtMs).toBe(5050);
  const measured = receive(next, zlb(3), limits, 3100);
  expect([measured.roundTripMs, measured.delivery.backOff]).toEqual([50, 0]);
});
