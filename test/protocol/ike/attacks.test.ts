import { expect, test } from 'vitest';
import { toHex } from '../../../main/protocol/wire/bytes.ts';
import { Writer } from '../../../main/protocol/wire/codec.ts';
import { decodePacket } from '../../../main/protocol/ike/wire/index.ts';
import { Pair, type PairOptions } from './support.ts';

/** Somebody on the path, or elsewhere with a recording, who does not know the pre-shared key. */

function up(options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  return pair;
}

const elsewhere = { address: '198.51.100.66', port: 6666 };

/** Hands each end all that it sent itself, as if from somewhere else. */
function reflectAll(pair: Pair): void {
  for (const { to, port, bytes } of [...pair.transcript]) {
    const sender = to === 'initiator' ? pair.responder : pair.initiator;
    pair.input(sender, { kind: 'datagram', port, remote: elsewhere, bytes });
  }
}

test('what an end sent itself, reflected at any time, changes nothing', () => {
  const pair = up();
  pair.run(() => false, 100_000); // questions after each other's life, and what was answered is forgotten
  const stood = [pair.initiator.state, pair.responder.state];
  const { length } = pair.transcript;
  reflectAll(pair);
  expect([pair.initiator.state, pair.responder.state]).toEqual(stood);
  expect(pair.transcript).toHaveLength(length);
});

test('our own questions reflected keep no dead peer alive', () => {
  const pair = up();
  pair.filter = () => false;
  for (let round = 0; round < 20; round++) {
    pair.run(() => false, 5000);
    reflectAll(pair);
  }
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([{ code: 'deadPeer' }, { code: 'deadPeer' }]);
});

test('a peer that answers under our own cookie, to reflect our proof to us, is not heard', () => {
  const pair = new Pair({ child: 'none' });
  pair.filter = (to, bytes) => {
    if (to === 'initiator') bytes.copyWithin(8, 0, 8);
    return true;
  };
  pair.run(() => pair.initiator.closed !== undefined);
  expect(pair.initiator.closed).toEqual({ code: 'noResponse' });
});

test('a lifetime of nothing, which anybody on the path can write into message 2, is none', () => {
  const pair = new Pair({ child: 'none' });
  pair.filter = (to, bytes) => {
    const { header, firstPayload, body } = decodePacket(bytes);
    if (to !== 'initiator' || header.encrypted || firstPayload !== 1) return true;
    const seconds = new Writer().u16(12).u16(4).u32(28_800).finish(); // RFC 2409 Appendix A: life duration, in bytes
    const at = toHex(body).indexOf(toHex(seconds)) / 2;
    const short = toHex(body).indexOf('800c7080') / 2; // the same, as a basic attribute
    if (Number.isInteger(at) && at > 0) body.fill(0, at + 4, at + 8);
    if (Number.isInteger(short) && short > 0) body.fill(0, short + 2, short + 4);
    return true;
  };
  pair.run(() => pair.initiator.of('ikeEstablished').length > 0);
  expect(pair.initiator.of('ikeEstablished')).toMatchObject([{ lifetimeSeconds: 28_800 }]);
});

test('a child whose confirmation never arrives is given up at both ends', () => {
  const pair = new Pair();
  pair.filter = (to, bytes) => {
    const { header } = decodePacket(bytes);
    return to !== 'responder' || header.exchange !== 'quickMode' || bytes.length > 100; // message 3 is a hash alone
  };
  pair.run(() => false, 60_000);
  expect([pair.initiator.children, pair.responder.children]).toEqual([[], []]);
});

test('an end that is closed in the middle of phase 1 keeps no keys', () => {
  for (const [who, awaits] of [
    ['initiator', 6],
    ['responder', 5],
  ] as const) {
    const pair = new Pair({ child: 'none' });
    const mode = () => {
      const { state } = pair[who];
      return state.at === 'open' ? state.mainModes.find((each) => each.awaits === awaits) : undefined;
    };
    expect(pair.run(() => mode() !== undefined).ended).toBe('done');
    const keyed = mode();
    pair.input(pair[who], { kind: 'close' });
    const candidates = keyed?.awaits === 5 ? keyed.candidates : [];
    const keys = keyed?.awaits === 6 ? keyed.keys : candidates[0]?.keys;
    expect(keys?.root.every((byte) => byte === 0)).toBe(true);
    expect(keys?.cipherKey.every((byte) => byte === 0)).toBe(true);
  }
});
