import { expect, test } from 'vitest';
import { headerOf, sealInformational } from '../../../main/protocol/ike/envelope.ts';
import { isakmpNotification } from '../../../main/protocol/ike/protected.ts';
import { decodePacket, encodeMessage, vendorIds } from '../../../main/protocol/ike/wire/index.ts';
import { Pair, type PairOptions, initiatorEndpoint, spoil } from './support.ts';

function up(options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  return pair;
}

test('two idle ends keep finding each other alive', () => {
  const pair = up();
  pair.run(() => false, 200_000);
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([undefined, undefined]);
});

test.each(['initiator', 'responder'] as const)('the %s notices a dead peer in the configured time', (who) => {
  const pair = up();
  const end = pair[who];
  pair.filter = (to) => to !== who;
  const run = pair.run(() => end.closed !== undefined);
  expect(end.closed).toEqual({ code: 'deadPeer' });
  // 30 s of silence, then four questions five seconds apart.
  expect(run.nowMs).toBeLessThanOrEqual(50_000);
  expect(run.nowMs).toBeGreaterThan(49_000);
});

test('traffic postpones the question', () => {
  const pair = up();
  pair.filter = () => false;
  const { length } = pair.transcript;
  pair.run(() => false, 29_000);
  pair.input(pair.initiator, { kind: 'activity' });
  pair.run(() => false, 29_000);
  expect(pair.transcript.slice(length).filter(({ to }) => to === 'responder')).toHaveLength(0);
});

test('a peer without dead peer detection is never asked', () => {
  const pair = new Pair();
  pair.filter = (_to, bytes) => {
    spoil(bytes, [vendorIds.deadPeerDetection]);
    return true;
  };
  pair.run(() => pair.isUp);
  pair.filter = () => false;
  pair.run(() => false, 200_000);
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([undefined, undefined]);
});

test('a recorded answer played back keeps nobody alive', () => {
  const pair = up();
  const from = pair.transcript.length;
  pair.run(() => false, 35_000);
  const recorded = pair.transcript.slice(from).filter(({ to }) => to === 'initiator');
  expect(recorded.length).toBeGreaterThan(0);
  pair.filter = (to) => to !== 'initiator';
  for (let round = 0; round < 20; round++) {
    for (const { bytes, port } of recorded) {
      pair.input(pair.initiator, { kind: 'datagram', port, remote: { address: '203.0.113.20', port: 4500 }, bytes });
    }
    pair.run(() => false, 5000);
  }
  expect(pair.initiator.closed).toEqual({ code: 'deadPeer' });
});

test('a question is answered once, and again only with a greater number', () => {
  const pair = up();
  const [sa] = pair.initiator.state.at === 'open' ? pair.initiator.state.sas : [];
  const ask = (sequence: number, messageId: number) => {
    if (sa === undefined) return [];
    const payload = isakmpNotification(sa, 'areYouThere', Uint8Array.of(0, 0, 0, sequence));
    const bytes = sealInformational(pair.initiator.crypto, sa, messageId, payload);
    const remote = { ...initiatorEndpoint, port: 44_500 };
    const effects = pair.responder.input({ kind: 'datagram', port: 'natt', remote, bytes });
    return effects.filter(({ kind }) => kind === 'send');
  };
  expect(ask(5, 1)).toHaveLength(1);
  expect(ask(5, 2)).toHaveLength(0);
  expect(ask(4, 3)).toHaveLength(0);
  expect(ask(6, 1)).toHaveLength(0);
  expect(ask(6, 4)).toHaveLength(1);
});

test('an unauthenticated "invalid cookie" is answered by a question at most', () => {
  const pair = up();
  const { initiatorCookie, responderCookie } = decodePacket(pair.transcript.at(-1)?.bytes ?? new Uint8Array()).header;
  const cookies = { initiator: initiatorCookie, responder: responderCookie };
  const bytes = encodeMessage(headerOf(cookies, 'informational', 0, false), [
    { kind: 'notification', protocol: 'isakmp', spi: new Uint8Array(), type: 'invalidCookie', data: new Uint8Array() },
  ]);
  for (let i = 0; i < 50; i++)
    pair.input(pair.initiator, { kind: 'datagram', port: 'natt', remote: initiatorEndpoint, bytes });
  expect(pair.initiator.effects.slice(-50).filter(({ kind }) => kind === 'send')).toHaveLength(1);
  pair.run(() => false, 100);
  expect(pair.initiator.closed).toBeUndefined();
});

test('keepalives go out while nothing else does, from the end behind the NAT alone', () => {
  const pair = up({
    initiator: { dpd: { idleMs: 1e9, retryMs: 1, tries: 1 } },
    responder: { dpd: { idleMs: 1e9, retryMs: 1, tries: 1 } },
  });
  pair.run(() => false, 100_000);
  expect(pair.initiator.of('keepalive')).toHaveLength(5);
  expect(pair.initiator.of('keepalive')[0]?.remote).toEqual({ address: '203.0.113.20', port: 4500 });
  expect(pair.responder.of('keepalive')).toHaveLength(0);
});

test('ESP that was sent postpones the keepalive', () => {
  const pair = up();
  pair.run(() => false, 15_000);
  pair.input(pair.initiator, { kind: 'sent' });
  pair.run(() => false, 15_000);
  expect(pair.initiator.of('keepalive')).toHaveLength(0);
});

test("the responder follows its peer's NAT to another port", () => {
  const pair = up();
  const moved = { address: initiatorEndpoint.address, port: 61_000 };
  pair.initiator.nowMs = pair.nowMs;
  const [request] = pair.initiator.input({ kind: 'establishChild' });
  const bytes = request?.kind === 'send' ? request.bytes : new Uint8Array();
  const effects = pair.responder.input({ kind: 'datagram', port: 'natt', remote: moved, bytes });
  const answer = effects.find(({ kind }) => kind === 'send');
  expect(answer).toMatchObject({ remote: moved });
});
