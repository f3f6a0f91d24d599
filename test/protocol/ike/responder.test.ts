import { describe, expect, test } from 'vitest';
import type { CandidateKey } from '../../../main/protocol/ike/index.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { decodePacket } from '../../../main/protocol/ike/wire/index.ts';
import { Pair } from './support.ts';

const key = (name: string, text: string, identity?: CandidateKey['identity']): CandidateKey => ({
  name,
  key: latin1(text),
  ...(identity !== undefined && { identity }),
});
const branch = { type: 'fqdn', name: 'branch.example' } as const;

describe('a responder with several pre-shared keys', () => {
  test('finds the one that the peer has', () => {
    const keys = [key('a', 'one'), key('b', 'correct horse'), key('c', 'three')];
    const pair = new Pair({ responder: { preSharedKey: keys } });
    expect(pair.run(() => pair.isUp).ended).toBe('done');
    expect(pair.responder.of('ikeEstablished')).toMatchObject([{ preSharedKeyName: 'b' }]);
  });

  test('says that the key is wrong when none fits', () => {
    const pair = new Pair({ responder: { preSharedKey: [key('a', 'one'), key('b', 'two')] } });
    pair.run(() => pair.responder.closed !== undefined);
    expect(pair.responder.closed).toMatchObject({ code: 'authenticationFailed', authentication: 'psk' });
  });

  test('does not try more keys than it may', () => {
    const keys = [...Array.from({ length: 16 }, (_, i) => key(`${i}`, `wrong ${i}`)), key('last', 'correct horse')];
    const pair = new Pair({ responder: { preSharedKey: keys } });
    pair.run(() => pair.responder.closed !== undefined);
    expect(pair.responder.closed?.code).toBe('authenticationFailed');
  });

  test("takes an identity's own key from nobody else", () => {
    const responder = { preSharedKey: [key('branch', 'correct horse', branch)] };
    const stranger = new Pair({ responder });
    stranger.run(() => stranger.responder.closed !== undefined);
    expect(stranger.responder.closed).toMatchObject({ code: 'identityMismatch', expected: branch });
    const own = new Pair({ responder, initiator: { localIdentity: branch } });
    expect(own.run(() => own.isUp).ended).toBe('done');
  });

  test('passes over a key of another identity', () => {
    const keys = [key('branch', 'correct horse', branch), key('all', 'correct horse')];
    const pair = new Pair({ responder: { preSharedKey: keys } });
    expect(pair.run(() => pair.isUp).ended).toBe('done');
    expect(pair.responder.of('ikeEstablished')).toMatchObject([{ preSharedKeyName: 'all' }]);
  });

  test('renews phase 1 by itself with the key that the peer has', () => {
    const keys = [key('a', 'one'), key('b', 'correct horse')];
    const pair = new Pair({ responder: { preSharedKey: keys } });
    pair.run(() => pair.isUp);
    pair.input(pair.responder, { kind: 'rekeyIke' });
    pair.run(() => pair.responder.of('ikeEstablished').length === 2, 20_000);
    expect(pair.responder.of('ikeEstablished')[1]).toMatchObject({ rekey: true, preSharedKeyName: 'b' });
  });
});

describe('a responder that forces encapsulation', () => {
  const unforced = { forceEncapsulation: false };
  const forced = { forceEncapsulation: true };

  test('makes the client find itself behind a NAT, and the host not', () => {
    const pair = new Pair({ initiator: unforced, responder: forced });
    expect(pair.run(() => pair.isUp).ended).toBe('done');
    const [client] = pair.initiator.of('ikeEstablished');
    expect(client).toMatchObject({ natDetected: { local: true, remote: false }, encapsulation: 'udp' });
    expect(pair.responder.of('ikeEstablished')).toMatchObject([{ encapsulation: 'udp' }]);
  });

  test('does so behind a port forward too, where its own address is another', () => {
    const local = { address: '192.168.1.2', port: 500 };
    const pair = new Pair({ initiator: unforced, responder: { ...forced, local } });
    expect(pair.run(() => pair.isUp).ended).toBe('done');
    expect(pair.initiator.of('ikeEstablished')).toMatchObject([{ natDetected: { local: true, remote: false } }]);
  });
});

test('a responder that renews a child names the ports and the addresses that the peer named', () => {
  const pair = new Pair();
  pair.run(() => pair.isUp);
  const [first] = pair.responder.of('childEstablished');
  expect(first?.selectors.remotePort).toBe(50_001);
  pair.input(pair.responder, { kind: 'childWorn', inboundSpi: first?.inboundSpi ?? 0 });
  pair.run(() => pair.responder.of('childEstablished').length === 2 && pair.isUp, 20_000);
  expect(pair.responder.of('childEstablished')[1]).toMatchObject({
    initiatedBy: 'us',
    selectors: { localPort: 1701, remotePort: 50_001 },
  });
});

test('machines of one host draw their SPIs from ranges of their own', () => {
  const spis = { first: 7 * 4096, count: 4096 };
  const pair = new Pair({ responder: { spis } });
  pair.run(() => pair.isUp);
  for (let round = 0; round < 20; round++) {
    pair.input(pair.initiator, { kind: 'establishChild' });
    pair.run(() => false, 3000);
  }
  const drawn = pair.responder.of('childEstablished').map(({ inboundSpi }) => inboundSpi);
  expect(drawn.length).toBeGreaterThan(8);
  for (const spi of drawn) expect(Math.floor(spi / 4096)).toBe(7);
});

test('a flood of bad messages 5 costs a bounded number of decryptions', () => {
  const pair = new Pair({ child: 'none' });
  pair.filter = (to, bytes) => to !== 'responder' || !decodePacket(bytes).header.encrypted;
  pair.run(() => pair.transcript.some(({ bytes }) => decodePacket(bytes).header.encrypted), 10_000);
  const fifth = pair.transcript.find(({ bytes }) => decodePacket(bytes).header.encrypted);
  let decryptions = 0;
  const { crypto } = pair.responder;
  const counted: typeof crypto = {
    ...crypto,
    decryptCbc: (...parts) => {
      decryptions += 1;
      return crypto.decryptCbc(...parts);
    },
  };
  Object.defineProperty(pair.responder, 'crypto', { value: counted });
  for (let round = 0; round < 100; round++) {
    const bytes = fifth?.bytes.slice() ?? new Uint8Array();
    bytes[bytes.length - 1] = round;
    const remote = { address: '192.0.2.10', port: 44_500 };
    pair.input(pair.responder, { kind: 'datagram', port: 'natt', remote, bytes });
  }
  expect(decryptions).toBeLessThanOrEqual(8);
});
