import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ikeDeadlineMs } from '../../../main/protocol/ike/index.ts';
import { fragmentsOf, isFragment, noFragments, reassemble } from '../../../main/protocol/ike/fragmentation.ts';
import { decodePacket, encodeMessage } from '../../../main/protocol/ike/wire/index.ts';
import { headerOf } from '../../../main/protocol/ike/envelope.ts';
import { End, Pair, initiatorConfig, initiatorEndpoint, responderConfig, responderEndpoint } from './support.ts';
import { seededRandom } from '../../support/random.ts';
import { seedCount } from '../../support/seeded-crypto.ts';

const runs = seedCount(30) * 5;

function established(): Pair {
  const pair = new Pair();
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  return pair;
}

test('arbitrary bytes never throw and never end an end that is up', () => {
  const { initiator, responder } = established();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom('ike' as const, 'natt' as const), (bytes, port) => {
      for (const end of [initiator, responder]) {
        const effects = end.input({ kind: 'datagram', port, remote: responderEndpoint, bytes });
        expect(effects.every(({ kind }) => kind === 'log')).toBe(true);
      }
    }),
    { numRuns: runs },
  );
});

test('arbitrary bytes behind a real header never throw and never end an end that is up', () => {
  const { initiator, responder, transcript } = established();
  const header = transcript.at(-1)?.bytes.subarray(0, 16) ?? new Uint8Array();
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(2, 4, 5, 32),
      fc.constantFrom(1, 4, 5, 8, 11, 12, 132),
      fc.integer({ min: 0, max: 7 }),
      (body, exchange, first, flags) => {
        const bytes = Uint8Array.from([...header, first, 0x10, exchange, flags, 1, 2, 3, 4, 0, 0, 0, 0, ...body]);
        new DataView(bytes.buffer).setUint32(24, bytes.length);
        for (const end of [initiator, responder]) {
          end.input({ kind: 'datagram', port: 'natt', remote: responderEndpoint, bytes });
          expect(end.closed).toBeUndefined();
          expect(end.children).toHaveLength(1);
        }
      },
    ),
    { numRuns: runs },
  );
});

test('real transcripts, mutated and played to either end, end nothing that is up', { timeout: 600_000 }, () => {
  const chance = seededRandom(7);
  const { transcript } = established();
  for (let round = 0; round < runs / 10; round++) {
    const pair = established();
    const recorded = [...pair.transcript, ...transcript];
    for (const { bytes, port } of recorded) {
      const mutated = bytes.slice();
      for (let i = 0; i < 1 + chance() * 3; i++) {
        mutated[Math.floor(chance() * mutated.length)] = Math.floor(chance() * 256);
      }
      for (const end of [pair.initiator, pair.responder]) {
        end.input({
          kind: 'datagram',
          port,
          remote: responderEndpoint,
          bytes: mutated.slice(0, chance() < 0.1 ? 40 : undefined),
        });
        expect(end.closed).toBeUndefined();
        expect(end.children).toHaveLength(1);
      }
    }
    if (round % 10 === 0) expect(pair.run(() => false, 20).ended).toBe('timeout');
    expect(pair.isUp).toBe(true);
  }
});

test('a machine that hears only noise still ends by its own time-out', () => {
  const end = new End(initiatorConfig, 3);
  const chance = seededRandom(3);
  end.input({ kind: 'start' });
  for (let steps = 0; end.closed === undefined && steps < 1000; steps++) {
    end.nowMs = ikeDeadlineMs(end.state) ?? end.nowMs;
    end.input({ kind: 'tick' });
    const bytes = Uint8Array.from({ length: 100 }, () => Math.floor(chance() * 256));
    end.input({ kind: 'datagram', port: 'ike', remote: responderEndpoint, bytes });
  }
  expect(end.closed).toEqual({ code: 'noResponse' });
});

test('first messages from everywhere leave a bounded number of main modes', () => {
  const responder = new End(responderConfig, 5);
  for (let i = 0; i < 200; i++) {
    const stranger = new End(initiatorConfig, 1000 + i);
    const [first] = stranger.input({ kind: 'start' });
    const bytes = first?.kind === 'send' ? first.bytes : new Uint8Array();
    responder.input({ kind: 'datagram', port: 'ike', remote: { ...initiatorEndpoint, port: 1024 + i }, bytes });
  }
  expect(responder.state.at === 'open' && responder.state.mainModes.length).toBe(4);
});

test('a client answers no main mode of a stranger', () => {
  const client = new End(initiatorConfig, 5);
  client.input({ kind: 'start' });
  const [first] = new End(initiatorConfig, 6).input({ kind: 'start' });
  const bytes = first?.kind === 'send' ? first.bytes : new Uint8Array();
  const effects = client.input({ kind: 'datagram', port: 'ike', remote: responderEndpoint, bytes });
  expect(effects).toMatchObject([{ kind: 'log' }]);
});

// ── Fragments ────────────────────────────────────────────────────────────────────────────────────────────────────────

const cookies = { initiator: new Uint8Array(8).fill(1), responder: new Uint8Array(8).fill(2) };
const large = encodeMessage(headerOf(cookies, 'mainMode', 0, false), [
  { kind: 'nonce', data: Uint8Array.from({ length: 3000 }, (_, i) => i & 0xff) },
]);

test('fragments fit the limit and come together in any order, repeated too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 1500 }), fc.infiniteStream(fc.nat()), (maxBytes, order) => {
      const pieces = fragmentsOf(large, maxBytes);
      expect(pieces.every((piece) => piece.length <= maxBytes)).toBe(true);
      const shuffled = pieces
        .flatMap((piece) => [piece, piece])
        .map((piece) => ({ piece, rank: order.next().value as number }))
        .sort((a, b) => a.rank - b.rank);
      let sets = noFragments;
      const whole: Uint8Array[] = [];
      for (const { piece } of shuffled) {
        const packet = decodePacket(piece);
        expect(isFragment(packet)).toBe(true);
        const result = reassemble(sets, packet);
        sets = result.sets;
        if (result.message !== undefined) whole.push(result.message);
      }
      expect(whole[0]).toEqual(large);
    }),
    { numRuns: 100 },
  );
});

test('unfinished messages are kept in a bounded number', () => {
  let sets = noFragments;
  for (let i = 0; i < 100; i++) {
    const message = encodeMessage(headerOf(cookies, 'mainMode', i, false), [
      { kind: 'nonce', data: new Uint8Array(3000).fill(i) },
    ]);
    const [piece] = fragmentsOf(message, 500);
    sets = reassemble(sets, decodePacket(piece ?? large)).sets;
  }
  expect(sets.length).toBeLessThanOrEqual(4);
});

test('large messages go in fragments, small ones whole, and only to a peer that announced it', () => {
  const small = { fragmentation: { maxBytes: 200 } };
  const pair = new Pair({ initiator: small });
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  const fragments = pair.transcript.filter(({ bytes }) => isFragment(decodePacket(bytes)));
  expect(fragments.length).toBeGreaterThan(1);
  expect(fragments.every(({ to, bytes }) => to === 'responder' && bytes.length <= 200)).toBe(true);
  expect(isFragment(decodePacket(pair.transcript[0]?.bytes ?? large))).toBe(false);
});
