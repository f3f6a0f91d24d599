import { expect, test } from 'vitest';
import type { EspProposal, IkeProposal } from '../../../main/protocol/ike/index.ts';
import { headerOf } from '../../../main/protocol/ike/envelope.ts';
import {
  type NotificationName,
  decodePacket,
  encodeMessage,
  vendorIds,
} from '../../../main/protocol/ike/wire/index.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { End, Pair, initiatorConfig, initiatorEndpoint, responderConfig, responderEndpoint, spoil } from './support.ts';

const strong: IkeProposal = { cipher: 'aes-256-cbc', hash: 'sha384', group: 'ecp384' };
const gcm: EspProposal = { cipher: 'aes-gcm-16', keyBits: 256, integrity: 'none' };
const noCookie = new Uint8Array(8);

function clearNotify(initiator: Uint8Array, responder: Uint8Array, type: NotificationName): Uint8Array {
  return encodeMessage(headerOf({ initiator, responder }, 'informational', 0, false), [
    { kind: 'notification', protocol: 'isakmp', spi: new Uint8Array(), type, data: new Uint8Array() },
  ]);
}

test('a silent peer: no response, within the time-out', () => {
  const pair = new Pair();
  pair.filter = (to) => to !== 'responder';
  const run = pair.run(() => pair.initiator.closed !== undefined);
  expect(pair.initiator.closed).toEqual({ code: 'noResponse' });
  expect(run.nowMs).toBe(30_000);
});

test('a peer that falls silent after its first answer', () => {
  const pair = new Pair();
  pair.filter = (to) => to === 'responder' || pair.transcript.filter((each) => each.to === 'initiator').length < 2;
  pair.run(() => pair.initiator.closed !== undefined);
  expect(pair.initiator.closed).toEqual({ code: 'phase1Timeout', awaiting: 'keyExchange' });
});

test('a wrong pre-shared key: silence after message 5 says so, and so does the noise at the responder', () => {
  const pair = new Pair({ initiator: { preSharedKey: latin1('guess') } });
  pair.run(() => pair.initiator.closed !== undefined && pair.responder.closed !== undefined);
  expect(pair.initiator.closed).toEqual({
    code: 'authenticationFailed',
    authentication: 'psk',
    evidence: 'silence',
  });
  expect(pair.responder.closed).toMatchObject({ code: 'authenticationFailed', authentication: 'psk' });
});

test.each(['payloadMalformed', 'invalidExchangeType', 'invalidIdInformation', 'noProposalChosen'] as const)(
  'a wrong pre-shared key: a complaint in the clear (%s) shortens the wait but is not obeyed at once',
  (type) => {
    const pair = new Pair({ initiator: { preSharedKey: latin1('guess') } });
    pair.run(() => pair.transcript.length >= 5, 1000);
    const { initiatorCookie, responderCookie } = decodePacket(pair.transcript.at(-1)?.bytes ?? noCookie).header;
    pair.input(pair.initiator, {
      kind: 'datagram',
      port: 'natt',
      remote: { ...responderEndpoint, port: 4500 },
      bytes: clearNotify(initiatorCookie, responderCookie, type),
    });
    expect(pair.initiator.closed).toBeUndefined();
    const run = pair.run(() => pair.initiator.closed !== undefined);
    expect(pair.initiator.closed).toMatchObject({
      code: 'authenticationFailed',
      evidence: 'notify',
      notification: type,
    });
    expect(run.nowMs).toBeLessThan(4000);
  },
);

test('a wrong pre-shared key: an encrypted complaint that reads as noise says so too', () => {
  const pair = new Pair({ initiator: { preSharedKey: latin1('guess') } });
  pair.run(() => pair.transcript.length >= 5, 1000);
  const { header } = decodePacket(pair.transcript.at(-1)?.bytes ?? noCookie);
  const noise = encodeMessage({ ...header, exchange: 'informational', messageId: 77 }, [
    { kind: 'hash', data: new Uint8Array(60).fill(7) },
  ]);
  pair.input(pair.initiator, {
    kind: 'datagram',
    port: 'natt',
    remote: { ...responderEndpoint, port: 4500 },
    bytes: noise,
  });
  pair.run(() => pair.initiator.closed !== undefined);
  expect(pair.initiator.closed).toMatchObject({ code: 'authenticationFailed', evidence: 'undecryptable' });
});

test('no common phase 1 proposal: both ends name what was offered', () => {
  const pair = new Pair({ responder: { ikeProposals: [strong] } });
  const run = pair.run(() => pair.initiator.closed !== undefined);
  expect(pair.initiator.closed).toEqual({
    code: 'noProposalChosen',
    phase: 1,
    offered: ['aes-256-cbc/sha256/ecp256'],
  });
  expect(pair.responder.closed).toEqual({
    code: 'noProposalChosen',
    phase: 1,
    offered: ['aes-cbc-256/sha256/ecp256/psk'],
  });
  expect(run.nowMs).toBe(20);
});

test("a refusal under the peer's own cookie is known by the cookie in the notification, as SoftEther sends it", () => {
  const end = new End(initiatorConfig, 1);
  const [first] = end.input({ kind: 'start' });
  const bytes = first?.kind === 'send' ? first.bytes : noCookie;
  const spi = new Uint8Array([...bytes.subarray(0, 8), ...noCookie]);
  const strange = { initiator: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1), responder: noCookie };
  const refusal = encodeMessage(headerOf(strange, 'informational', 0x5d59c80f, false), [
    { kind: 'notification', protocol: 'isakmp', spi, type: 'noProposalChosen', data: new Uint8Array() },
  ]);
  end.input({ kind: 'datagram', port: 'ike', remote: responderEndpoint, bytes: refusal });
  expect(end.closed?.code).toBe('noProposalChosen');
});

test('no common phase 2 proposal fails that child alone, and another stage may be tried', () => {
  const pair = new Pair({ child: { espProposals: [gcm] } });
  pair.run(() => pair.initiator.of('childFailed').length > 0);
  expect(pair.initiator.of('childFailed')[0]?.cause).toEqual({
    code: 'noProposalChosen',
    phase: 2,
    offered: ['aes-256-gcm-16'],
  });
  pair.input(pair.initiator, { kind: 'establishChild' });
  expect(pair.run(() => pair.isUp).ended).toBe('done');
});

test('a peer that never answers quick mode: the child fails, the SA stands', () => {
  const pair = new Pair();
  pair.filter = (to) => !(to === 'initiator' && pair.responder.children.length > 0);
  pair.run(() => pair.initiator.of('childFailed').length > 0);
  expect(pair.initiator.of('childFailed')[0]?.cause).toEqual({ code: 'phase2Timeout' });
  expect(pair.initiator.closed).toBeUndefined();
});

test('a child that the peer never confirms is closed', () => {
  const pair = new Pair();
  pair.filter = (to) => !(to === 'responder' && pair.initiator.children.length > 0);
  pair.run(() => pair.responder.of('childClosed').length > 0, 60_000);
  expect(pair.responder.of('childClosed')[0]?.cause).toBe('unconfirmed');
});

test('a proof that does not verify establishes nothing', () => {
  const pair = new Pair();
  const mainMode = 2;
  pair.filter = (to, bytes) => {
    // In message 5 the second cipher block and the next hold the hash alone.
    if (to === 'responder' && bytes[18] === mainMode && bytes[19] === 1) bytes[28 + 20] = (bytes[28 + 20] ?? 0) ^ 1;
    return true;
  };
  pair.run(() => pair.responder.closed !== undefined);
  expect(pair.responder.of('ikeEstablished')).toHaveLength(0);
  expect(pair.responder.closed).toMatchObject({ code: 'authenticationFailed', evidence: 'hashMismatch' });
});

test('a third message of quick mode that does not verify confirms nothing', () => {
  const pair = new Pair();
  const quickMode = 32;
  pair.filter = (to, bytes) => {
    const isThird = to === 'responder' && bytes[18] === quickMode && pair.initiator.children.length > 0;
    if (isThird) bytes[28 + 20] = (bytes[28 + 20] ?? 0) ^ 1;
    return true;
  };
  pair.run(() => false, 5000);
  expect(pair.responder.children).toHaveLength(1);
  expect(pair.responder.of('useChild')).toHaveLength(0);
});

test('an unexpected identity of the responder: named on one end, deleted on the other', () => {
  const expectedRemoteIdentity = { type: 'fqdn', name: 'gateway.example.org' } as const;
  const pair = new Pair({ initiator: { expectedRemoteIdentity } });
  pair.run(() => pair.initiator.closed !== undefined && pair.responder.closed !== undefined);
  expect(pair.initiator.closed).toEqual({
    code: 'identityMismatch',
    claimed: { type: 'ipv4', address: responderEndpoint.address },
    expected: expectedRemoteIdentity,
  });
  expect(pair.responder.closed).toEqual({ code: 'peerDeleted' });
});

test('an unexpected identity of the initiator: it is told, under protection', () => {
  const expectedRemoteIdentity = { type: 'keyId', bytes: latin1('office') } as const;
  const pair = new Pair({ responder: { expectedRemoteIdentity } });
  pair.run(() => pair.initiator.closed !== undefined && pair.responder.closed !== undefined);
  expect(pair.initiator.closed).toEqual({ code: 'invalidIdInformation', phase: 1 });
  expect(pair.responder.closed).toEqual({
    code: 'identityMismatch',
    claimed: { type: 'ipv4', address: initiatorEndpoint.address },
    expected: expectedRemoteIdentity,
  });
});

test('a peer without NAT traversal cannot serve forced encapsulation', () => {
  const pair = new Pair();
  pair.filter = (to, bytes) => {
    if (to === 'initiator') spoil(bytes, [vendorIds.natTraversal]);
    return true;
  };
  pair.run(() => pair.initiator.closed !== undefined);
  expect(pair.initiator.closed).toEqual({ code: 'natTraversalUnsupported' });
});

test('a selector that is not L2TP is refused', () => {
  const pair = new Pair({ initiator: { l2tp: { localPort: 5000, remotePort: 22 } } });
  pair.run(() => pair.initiator.of('childFailed').length > 0);
  expect(pair.initiator.of('childFailed')[0]?.cause).toEqual({ code: 'invalidIdInformation', phase: 2 });
});

test('aggressive mode is refused by a responder, in fewer bytes than it got', () => {
  const responder = new End(responderConfig, 1);
  const initiator = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const bytes = encodeMessage(headerOf({ initiator, responder: noCookie }, 'aggressive', 0, false), [
    { kind: 'nonce', data: new Uint8Array(64) },
  ]);
  responder.input({ kind: 'datagram', port: 'ike', remote: initiatorEndpoint, bytes });
  const [answer] = responder.of('send');
  expect(answer?.bytes.length).toBeLessThan(bytes.length);
  expect(responder.of('log')[0]?.event).toBe('ike.aggressiveModeRefused');
  expect(responder.closed).toEqual({ code: 'aggressiveModeRefused' });
});

test('after establishment nothing in the clear ends or changes anything', () => {
  const pair = new Pair();
  pair.run(() => pair.isUp);
  const { initiatorCookie, responderCookie } = decodePacket(pair.transcript.at(-1)?.bytes ?? noCookie).header;
  const cookies = { initiator: initiatorCookie, responder: responderCookie };
  const spi = new Uint8Array([...initiatorCookie, ...responderCookie]);
  const forged = [
    encodeMessage(headerOf(cookies, 'informational', 0, false), [{ kind: 'delete', protocol: 'isakmp', spis: [spi] }]),
    encodeMessage(headerOf(cookies, 'informational', 9, false), [{ kind: 'delete', protocol: 'isakmp', spis: [spi] }]),
    clearNotify(initiatorCookie, responderCookie, 'noProposalChosen'),
    clearNotify(initiatorCookie, responderCookie, 'authenticationFailed'),
    clearNotify(initiatorCookie, responderCookie, 'initialContact'),
  ];
  for (const end of [pair.initiator, pair.responder]) {
    for (const bytes of forged) {
      const effects = end.input({ kind: 'datagram', port: 'natt', remote: responderEndpoint, bytes });
      expect(effects.filter(({ kind }) => kind !== 'log')).toEqual([]);
    }
  }
});

test('a duplicate gets the identical cached answer, and no more than a bounded number of them', () => {
  const pair = new Pair();
  pair.run(() => pair.isUp);
  const toResponder = pair.transcript.filter(({ to }) => to === 'responder');
  const fifth = toResponder[2];
  const sixth = pair.transcript.filter(({ to }) => to === 'initiator')[2];
  const replies = Array.from({ length: 100 }, () =>
    pair.responder.input({
      kind: 'datagram',
      port: 'natt',
      remote: { ...initiatorEndpoint, port: 44_500 },
      bytes: fifth?.bytes ?? noCookie,
    }),
  ).flatMap((effects) => effects.filter(({ kind }) => kind === 'send'));
  expect(replies).toHaveLength(16);
  expect(replies[0]).toMatchObject({ bytes: sixth?.bytes });
});

test('closing deletes everything at the peer', () => {
  const pair = new Pair();
  pair.run(() => pair.isUp);
  pair.input(pair.initiator, { kind: 'close' });
  pair.run(() => pair.responder.closed !== undefined);
  expect(pair.initiator.closed).toEqual({ code: 'closedByUs' });
  expect(pair.responder.closed).toEqual({ code: 'peerDeleted' });
  expect(pair.responder.of('childClosed')).toMatchObject([{ cause: 'peerDeleted' }]);
});
