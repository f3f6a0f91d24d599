import { expect, test } from 'vitest';
import type { IkeConfig } from '../../../main/protocol/ike/index.ts';
import { type End, Pair, type PairOptions } from './support.ts';

const never = 28_800;

function up(options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  return pair;
}

function lifetimes(ikeSeconds: number, espSeconds: number): Pick<IkeConfig, 'lifetimes'> {
  return { lifetimes: { ikeSeconds, espSeconds } };
}

/** At every moment the SA that an end sends by must be one that the other end receives by. */
function watch(pair: Pair): { readonly gaps: () => number } {
  let gaps = 0;
  const filter = pair.filter;
  pair.filter = (to, bytes) => {
    if (!pair.isUp) gaps += 1;
    return filter(to, bytes);
  };
  return { gaps: () => gaps };
}

test('phase 2 is renewed before its end, make before break, over and over', () => {
  const pair = up({ initiator: lifetimes(never, 60), responder: lifetimes(never, 60) });
  const { gaps } = watch(pair);
  pair.run(() => false, 600_000);
  expect(pair.initiator.of('childEstablished').length).toBeGreaterThan(10);
  expect(pair.initiator.children.length).toBeLessThanOrEqual(2);
  expect(pair.responder.children.length).toBeLessThanOrEqual(2);
  expect(new Set(pair.initiator.of('childClosed').map(({ cause }) => cause))).toEqual(new Set(['replaced']));
  expect(new Set(pair.responder.of('childClosed').map(({ cause }) => cause))).toEqual(new Set(['replaced']));
  expect(gaps()).toBe(0);
});

test('phase 1 is renewed under new cookies, and the children move over', () => {
  const pair = up({ initiator: lifetimes(60, never), responder: lifetimes(60, never) });
  pair.run(() => false, 600_000);
  expect(pair.initiator.of('ikeEstablished').length).toBeGreaterThan(10);
  expect(pair.initiator.of('ikeEstablished').at(-1)?.rekey).toBe(true);
  expect(pair.initiator.children).toHaveLength(1);
  expect(pair.responder.children).toHaveLength(1);
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([undefined, undefined]);
  pair.input(pair.initiator, { kind: 'establishChild' });
  expect(pair.run(() => pair.isUp && pair.initiator.children.length === 2).ended).toBe('done');
});

test('both phases are renewed with lifetimes of seconds while a fifth of the datagrams is lost', () => {
  const pair = up({
    initiator: lifetimes(40, 25),
    responder: lifetimes(40, 25),
    faults: { loss: 0.2, repeat: 0.1, reorder: 0.2 },
  });
  pair.run(() => false, 300_000);
  expect(pair.isUp).toBe(true);
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([undefined, undefined]);
});

test('a responder renews what its peer lets run out', () => {
  const pair = up({ initiator: lifetimes(10_000, 10_000), responder: lifetimes(100, 100) });
  pair.run(() => pair.responder.of('ikeEstablished').length > 1 && pair.responder.of('childEstablished').length > 1);
  expect(pair.isUp).toBe(true);
});

test.each(['initiator', 'responder'] as const)('the %s renews a child when told to', (who) => {
  const pair = up();
  const end = pair[who];
  const old = end.children[0]?.inboundSpi ?? 0;
  pair.input(end, { kind: 'childWorn', inboundSpi: old });
  const isNew = (each: End) => each.sendingSpi === each.of('childEstablished').at(1)?.outboundSpi;
  expect(pair.run(() => isNew(pair.initiator) && isNew(pair.responder)).ended).toBe('done');
  expect(end.children.at(-1)?.replaces).toBe(old);
  const startMs = pair.nowMs;
  pair.input(end, { kind: 'childUsed', inboundSpi: end.children.at(-1)?.inboundSpi ?? 0 });
  pair.run(() => pair.initiator.children.length === 1 && pair.responder.children.length === 1);
  expect(pair.nowMs - startMs).toBeLessThan(3000);
  expect(pair.isUp).toBe(true);
});

test('a child renewed with PFS keeps its group', () => {
  const pair = up({ child: { pfsGroup: 'ecp256' } });
  pair.input(pair.initiator, { kind: 'childWorn', inboundSpi: pair.initiator.children[0]?.inboundSpi ?? 0 });
  expect(pair.run(() => pair.isUp && pair.initiator.children.length === 2).ended).toBe('done');
});

test('both ends renew the same child at once: both keep the same one, and the other goes', () => {
  const kept = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const pair = up({ seed });
    for (const end of [pair.initiator, pair.responder]) {
      pair.input(end, { kind: 'childWorn', inboundSpi: end.children[0]?.inboundSpi ?? 0 });
    }
    pair.run(() => false, 60_000);
    expect(pair.isUp).toBe(true);
    expect(pair.initiator.children).toHaveLength(1);
    expect(pair.responder.children).toHaveLength(1);
    kept.add(pair.initiator.children[0]?.initiatedBy ?? 'none');
  }
  expect(kept).toEqual(new Set(['us', 'peer']));
});

test('both ends renew phase 1 at once: one SA stays', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const pair = up({ seed });
    pair.input(pair.initiator, { kind: 'rekeyIke' });
    pair.input(pair.responder, { kind: 'rekeyIke' });
    pair.run(() => false, 25_000);
    const left = [pair.initiator, pair.responder].map(({ state }) => (state.at === 'open' ? state.sas : []));
    expect(left.map((sas) => sas.map(({ cookies }) => cookies))).toEqual([[expect.anything()], [expect.anything()]]);
    expect(left[0]?.[0]?.cookies).toEqual(left[1]?.[0]?.cookies);
    for (const end of [pair.initiator, pair.responder]) expect(end.of('ikeEstablished')).toHaveLength(3);
    expect(pair.isUp).toBe(true);
  }
});

test('a renewal that fails is tried again until the SA ends, and then it is over', () => {
  const dpd = { idleMs: 1e9, retryMs: 1, tries: 1 };
  const pair = up({ initiator: { ...lifetimes(never, 100), dpd }, responder: lifetimes(never, 100) });
  pair.filter = (to) => to !== 'responder';
  pair.run(() => pair.initiator.of('childClosed').length > 0, 200_000);
  expect(pair.initiator.of('childClosed')).toMatchObject([{ cause: 'lifetimeExpired' }]);
});

test('an ISAKMP SA that the peer deletes while a child lives is made anew by the initiator', () => {
  const pair = up();
  const [sa] = pair.responder.state.at === 'open' ? pair.responder.state.sas : [];
  expect(sa).toBeDefined();
  // The responder's SA expires, its child does not.
  if (pair.responder.state.at === 'open' && sa !== undefined) {
    pair.responder.state = {
      ...pair.responder.state,
      sas: [{ ...sa, expiresAtMs: pair.nowMs + 1, rekeyAtMs: Infinity }],
    };
  }
  pair.run(() => pair.initiator.of('ikeEstablished').length === 2 && pair.responder.of('ikeEstablished').length === 2);
  expect(pair.isUp).toBe(true);
  expect(pair.initiator.children).toHaveLength(1);
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([undefined, undefined]);
});

test('a peer that started anew says INITIAL-CONTACT, and its old children are forgotten', () => {
  const pair = up();
  const fresh = new Pair({ seed: 99 });
  fresh.responder.state = pair.responder.state;
  fresh.run(() => fresh.responder.of('useChild').length > 0);
  expect(fresh.responder.of('childClosed')).toMatchObject([{ cause: 'initialContact' }]);
  expect(fresh.isUp).toBe(true);
});

/** By its state: an SPI that is free again may be taken again. */
const childrenOf = ({ state }: End) => ('children' in state ? state.children : []);

test.each(['initiator', 'responder'] as const)(
  'a peer for whom every byte is too many has the %s keep no more for it',
  (who) => {
    const pair = up({
      initiator: { ...lifetimes(never, never), spis: { first: 0x1000, count: 64 } },
      responder: {
        lifetimes: { ikeSeconds: never, espSeconds: never, espKilobytes: 1 },
        spis: { first: 0x2000, count: 64 },
      },
    });
    const end = pair[who];
    expect(end.of('childEstablished')[0]?.lifetimeKilobytes).toBe(1000);
    for (let packets = 0; packets < 300; packets++) {
      for (const each of [pair.initiator, pair.responder])
        pair.input(each, { kind: 'childUsed', inboundSpi: childrenOf(each).at(-1)?.inboundSpi ?? 0 });
      pair.input(end, { kind: 'childWorn', inboundSpi: childrenOf(end).at(-1)?.inboundSpi ?? 0 });
      pair.run(() => false, 150);
      expect(childrenOf(end).length).toBeLessThanOrEqual(8);
    }
    // 64 SPIs last for ever, at no more than ten renewals a second.
    expect(end.of('childEstablished').length).toBeGreaterThan(100);
    expect(end.of('childEstablished').length).toBeLessThanOrEqual(pair.nowMs / 100);
    expect(end.closed).toBeUndefined();
  },
);
