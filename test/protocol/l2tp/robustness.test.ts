import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { messages, readMessage, type MessageName } from '../../../main/protocol/l2tp/messages.ts';
import type { TunnelRole } from '../../../main/protocol/l2tp/index.ts';
import { config, connected, converse, Endpoint, message } from './support.ts';

const kinds = Object.keys(messages) as MessageName[];

function established(role: TunnelRole): Endpoint {
  const [lac, lns] = connected();
  return role === 'lac' ? lac : lns;
}

const starts: readonly (() => Endpoint)[] = [
  () => new Endpoint(config({ role: 'lns' })),
  () => new Endpoint(config({ role: 'lns', tunnelSecret: utf8('s'), hideAvps: true })),
  () => {
    const lac = new Endpoint(config({ acceptOutgoingCalls: true }));
    lac.give({ kind: 'call' });
    lac.give({ kind: 'open' });
    return lac;
  },
  () => established('lac'),
  () => established('lns'),
];

test('arbitrary bytes never make the machine throw, in any state', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc
      .uint8Array({ minLength: 10, maxLength: 120 })
      .map((tail) => Uint8Array.from([0xc8, 2, 0, tail.length + 4, ...tail].slice(0, 252))),
  );
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.array(bytes, { maxLength: 10 }), (start, datagrams) => {
      const end = start();
      for (const datagram of datagrams) end.give({ kind: 'message', bytes: datagram });
    }),
    { numRuns: 500 },
  );
});

/** Messages in sequence, of every kind, with and without what they need: a peer that follows no automaton. */
const scrambled = fc.array(
  fc.record({
    name: fc.constantFrom(...kinds),
    session: fc.constantFrom('none', 'ours', 'other'),
    avps: fc.record(
      {
        assignedTunnelId: fc.constantFrom(0, 7),
        assignedSessionId: fc.constantFrom(0, 9, 10),
        resultCode: fc.constant({ resultCode: 3 }),
        receiveWindowSize: fc.constantFrom(0, 1, 0xffff),
        accm: fc.constant({ sendAccm: 0, receiveAccm: 0 }),
        challenge: fc.constant(new Uint8Array()),
      },
      { requiredKeys: [] },
    ),
    acknowledges: fc.boolean(),
  }),
  { maxLength: 40 },
);

test('messages in any order neither throw nor grow the machine, and it ends at most once', () => {
  fc.assert(
    fc.property(fc.constantFrom(...starts), scrambled, (start, list) => {
      const end = start();
      for (const { name, session, avps, acknowledges } of list) {
        const { nr: ns, firstNs, everSent } = end.state.delivery;
        const ours = [...end.state.calls.keys()][0] ?? 1;
        const header = {
          tunnelId: name === 'SCCRQ' ? 0 : end.state.config.localTunnelId,
          sessionId: { none: 0, ours, other: 4711 }[session],
          ns,
          nr: acknowledges ? firstNs + everSent : firstNs,
        };
        end.give({ kind: 'message', bytes: message(name, avps, header) });
      }
      expect(end.all('closed').length).toBeLessThanOrEqual(1);
      expect(end.all('finished').length).toBeLessThanOrEqual(end.all('closed').length);
      expect(end.state.calls.size).toBeLessThanOrEqual(4);
      expect(end.all('callStarted').length - end.all('callDown').length).toBe(end.state.calls.size);
    }),
    { numRuns: 1000 },
  );
});

test('a peer that makes us answer and never acknowledges meets a limit', () => {
  const lns = established('lns');
  for (let i = 0; i < 1000; i++) {
    const { nr: ns, firstNs: nr } = lns.state.delivery;
    const icrq = message('ICRQ', { assignedSessionId: 100 + i }, { tunnelId: 0x2222, ns, nr });
    lns.give({ kind: 'message', bytes: icrq });
  }
  expect(lns.last('closed').cause).toEqual({ code: 'limit', what: 'queue' });
  expect(lns.state.delivery.outbox.length).toBeLessThan(100);
});

test('every deadline leads forward: ticks at the deadline end or move it', () => {
  for (const start of starts) {
    const end = start();
    let nowMs = 0;
    for (let i = 0; i < 200; i++) {
      const dueMs = end.deadlineMs();
      if (dueMs === undefined) break;
      expect(dueMs).toBeGreaterThanOrEqual(nowMs);
      nowMs = dueMs;
      end.tick(nowMs);
      expect(end.deadlineMs() ?? Infinity).toBeGreaterThan(nowMs);
    }
    expect(end.deadlineMs()).toBeUndefined();
  }
});

/** What follows Ethernet, IPv4 and UDP headers of usual length in each frame of a little-endian capture. */
function payloads(capture: Uint8Array): Uint8Array[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 24; at + 16 <= capture.length;) {
    const lengthBytes = view.getUint32(at + 8, true);
    const frame = capture.subarray(at + 16, at + 16 + lengthBytes);
    found.push(frame.subarray(14 + 20 + 8));
    at += 16 + lengthBytes;
  }
  return found;
}

test('a capture with lengths that overflow is survived, at every offset', () => {
  const capture = new Uint8Array(readFileSync(new URL('../../vectors/pcaps/l2tp-avp-overflow.pcap', import.meta.url)));
  expect(payloads(capture).length).toBeGreaterThan(0);
  const pieces = [...payloads(capture), ...Array.from({ length: capture.length }, (_, at) => capture.subarray(at))];
  const end = established('lns');
  for (const bytes of pieces) {
    try {
      readMessage(bytes, undefined);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
    end.give({ kind: 'message', bytes });
  }
  expect(end.all('closed')).toEqual([]);
});

test('inputs that make no sense now are ignored', () => {
  const [lac, lns] = connected();
  expect(lac.give({ kind: 'open' })).toEqual([]);
  expect(lac.give({ kind: 'hangUp', localSessionId: 1 })).toEqual([]);
  expect(lac.give({ kind: 'setLinkInfo', localSessionId: 1, sendAccm: 0, receiveAccm: 0 })).toEqual([]);
  converse(lac, lns, 'a', lac.give({ kind: 'close' }));
  for (const kind of ['open', 'call', 'close', 'tick', 'activity'] as const) expect(lac.give({ kind })).toEqual([]);
  expect(lac.all('closed')).toHaveLength(1);
});
