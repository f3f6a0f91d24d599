import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CertificateFault, IkeConfig } from '../../../main/protocol/ike/index.ts';
import { headerOf } from '../../../main/protocol/ike/envelope.ts';
import { encryptBody } from '../../../main/protocol/ike/keys.ts';
import { decodeMessage, decodePacket, encodePacket, findAll } from '../../../main/protocol/ike/wire/index.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { seedCount } from '../../support/seeded-crypto.ts';
import { believing, certificates, methods, type Signer, signer } from '../../support/signers.ts';
import { Pair, type PairOptions, initiatorEndpoint } from './support.ts';

const noKey = new Uint8Array();
const [alice, gateway] = [signer('alice'), signer('gateway')];

/** Both ends with certificates, each believing the other's. */
function signed(client: Signer, host: Signer, options: PairOptions = {}): Pair {
  const pair = new Pair({
    ...options,
    initiator: { preSharedKey: noKey, ...certificates(client), ...options.initiator },
    responder: { preSharedKey: noKey, ...certificates(host), ...options.responder },
  });
  pair.initiator.judge = believing(host);
  pair.responder.judge = believing(client);
  return pair;
}

const isOver = (pair: Pair) => () => pair.initiator.closed !== undefined && pair.responder.closed !== undefined;

describe('main mode with signatures', () => {
  test.each(methods)('%s: both ends prove themselves, and each learns who the other is', (method) => {
    const [client, host] = [signer('alice', method), signer('gateway', method)];
    const pair = signed(client, host);
    expect(pair.run(() => pair.isUp).ended).toBe('done');
    const { authentication, remoteIdentity, certificate } = pair.initiator.of('ikeEstablished')[0] ?? {};
    expect({ authentication, remoteIdentity, certificate }).toEqual({
      ...{ authentication: method, remoteIdentity: host.own.identity, certificate: host.facts },
    });
    expect(pair.responder.of('ikeEstablished')[0]).toMatchObject({
      ...{ authentication: method, remoteIdentity: client.own.identity, certificate: client.facts },
    });
  });

  test('each asks the other for a certificate of the authority that it trusts, and sends the whole chain sealed', () => {
    const pair = signed(alice, gateway);
    pair.run(() => pair.isUp);
    const clear = pair.transcript.map(({ bytes }) => bytes).filter((bytes) => !decodePacket(bytes).header.encrypted);
    const requests = clear.map((bytes) => findAll(decodeMessage(bytes).chain, 'certificateRequest'));
    const request = { kind: 'certificateRequest', encoding: 'x509Signature', data: latin1('CN=ca') };
    expect(requests.slice(0, 4)).toEqual([[], [], [request], [request]]);
    expect(pair.responder.of('verifyPeer')).toMatchObject([
      { certificates: alice.own.chain.map((data) => ({ encoding: 'x509', data })), identity: alice.own.identity },
    ]);
    const everything = pair.transcript.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join();
    expect(everything).not.toContain('CN=alice');
    expect(everything).not.toContain('intermediate');
  });

  test('a chain of 40 KB passes in fragments', () => {
    const large = signer('large', 'ecdsa256', 40_000);
    const pair = signed(alice, large);
    expect(pair.run(() => pair.isUp).ended).toBe('done');
    expect(Math.max(...pair.transcript.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(1280);
  });

  test('renewals go the same way, from either end, and are judged anew', () => {
    const both = { preSharedKey: latin1('correct horse') };
    const pair = signed(alice, gateway, { initiator: both, responder: both });
    pair.run(() => pair.isUp);
    for (const end of [pair.initiator, pair.responder]) {
      pair.input(end, { kind: 'rekeyIke' });
      pair.run(() => false, 20_000);
    }
    for (const end of [pair.initiator, pair.responder]) {
      expect(end.of('ikeEstablished').map(({ authentication, rekey }) => [authentication, rekey])).toEqual([
        ['ecdsa256', false],
        ['ecdsa256', true],
        ['ecdsa256', true],
      ]);
      expect(end.of('verifyPeer')).toHaveLength(3);
    }
    expect(pair.isUp).toBe(true);
  });
});

describe('which way is gone', () => {
  const host = { preSharedKey: latin1('correct horse'), ...certificates(gateway, signer('gateway', 'rsa')) };
  const met = (initiator: Partial<IkeConfig>, responder: Partial<IkeConfig> = host) => {
    const pair = new Pair({ initiator, responder });
    pair.initiator.judge = believing(gateway, signer('gateway', 'rsa'));
    pair.responder.judge = believing(alice, signer('alice', 'rsa'));
    pair.run(() => pair.isUp || isOver(pair)(), 60_000);
    return pair.initiator.of('ikeEstablished')[0]?.authentication ?? pair.initiator.closed?.code;
  };

  test.each([
    ['a client with the pre-shared key', {}, 'psk'],
    ['a client with a certificate for ECDSA', { preSharedKey: noKey, ...certificates(alice) }, 'ecdsa256'],
    ['a client with one for RSA', { preSharedKey: noKey, ...certificates(signer('alice', 'rsa')) }, 'rsa'],
    ['a client that has both', certificates(alice), 'ecdsa256'],
    [
      'a client whose kind of key the host has not',
      { preSharedKey: noKey, ...certificates(signer('alice', 'ecdsa384')) },
      'noProposalChosen',
    ],
  ])('one host, %s: %s', (_, client, expected) => {
    expect(met(client)).toBe(expected);
  });

  test('neither end falls back to what it was not told to', () => {
    const bySignature = { preSharedKey: noKey, ...certificates(alice) };
    expect(met(bySignature, {})).toBe('noProposalChosen');
    expect(met({}, { preSharedKey: noKey, ...certificates(gateway) })).toBe('noProposalChosen');
  });
});

describe('a certificate that is not believed', () => {
  const faults: readonly CertificateFault[] = [
    ...(['malformed', 'unknownAuthority', 'weak', 'notYetValid', 'expired'] as const),
    ...(['wrongUsage', 'wrongName', 'revoked', 'revocationUnknown'] as const),
  ];
  const refusing = (reason: CertificateFault) => () =>
    ({ ok: false, reason, subject: 'CN=x', detail: 'ended on a day' }) as const;

  test.each(faults)("the gateway's, for being %s: the client says so, and takes the SA back", (reason) => {
    const pair = signed(alice, gateway);
    pair.initiator.judge = refusing(reason);
    pair.run(isOver(pair));
    const cause = { code: 'certificateRejected', reason, subject: 'CN=x', detail: 'ended on a day' };
    expect(pair.initiator.closed).toEqual(cause);
    expect(pair.initiator.of('ikeEstablished')).toEqual([]);
    expect(pair.responder.closed).toEqual({ code: 'peerDeleted' });
  });

  test.each(faults)("the client's, for being %s: the client hears of it", (reason) => {
    const pair = signed(alice, gateway);
    pair.responder.judge = refusing(reason);
    pair.run(isOver(pair));
    expect(pair.responder.closed).toMatchObject({ code: 'certificateRejected', reason });
    expect(pair.responder.of('ikeEstablished')).toEqual([]);
    expect(pair.initiator.closed).toMatchObject({ code: 'authenticationFailed', authentication: 'ecdsa256' });
    expect(pair.initiator.closed).toMatchObject({ evidence: 'notify', notification: expect.any(String) as string });
  });

  test("somebody else's, without the key that belongs to it, is none on either end", () => {
    const thief = { ...alice, own: { ...alice.own, key: signer('thief').own.key } };
    const byClient = signed(thief, gateway);
    byClient.run(isOver(byClient));
    expect(byClient.responder.of('ikeEstablished')).toEqual([]);
    expect(byClient.responder.closed).toMatchObject({ code: 'certificateRejected', reason: 'badSignature' });

    const impostor = { ...gateway, own: { ...gateway.own, key: signer('thief').own.key } };
    const byHost = signed(alice, impostor);
    byHost.run(isOver(byHost));
    expect(byHost.initiator.of('ikeEstablished')).toEqual([]);
    expect(byHost.initiator.closed).toMatchObject({ code: 'certificateRejected', reason: 'badSignature' });
  });

  test('one with another kind of key than was agreed on is refused before its signature is looked at', () => {
    const pair = signed(alice, gateway);
    pair.initiator.judge = () => signer('gateway', 'rsa').accepted;
    pair.run(isOver(pair));
    expect(pair.initiator.closed).toMatchObject({ code: 'certificateRejected', reason: 'wrongKey' });
  });

  test.each([
    ['none at all', [], 'missing'],
    ['eleven', Array.from({ length: 11 }, (_, i) => latin1(`certificate ${i}`)), 'malformed'],
    ['50 KB', [new Uint8Array(50_000)], 'malformed'],
  ] as const)('%s: nobody is asked about it', (_, chain, reason) => {
    const pair = signed({ ...alice, own: { ...alice.own, chain } }, gateway);
    pair.run(isOver(pair));
    expect(pair.responder.of('verifyPeer')).toEqual([]);
    expect(pair.responder.closed).toMatchObject({ code: 'certificateRejected', reason });
  });
});

describe('while it is being judged', () => {
  test.each(['initiator', 'responder'] as const)('a verdict that comes late is waited for by the %s', (role) => {
    const pair = signed(alice, gateway);
    pair[role].judge = () => undefined;
    pair.run(() => false, 4000);
    expect(pair[role].of('verifyPeer')).toHaveLength(1);
    const exchange = pair[role].of('verifyPeer')[0]?.exchange ?? 0;
    expect(pair[role].of('ikeEstablished')).toEqual([]);
    const { accepted } = role === 'initiator' ? gateway : alice;
    pair.input(pair[role], { kind: 'peerVerdict', exchange: exchange + 1, verdict: accepted });
    pair.input(pair[role], { kind: 'peerVerdict', exchange, verdict: accepted });
    pair.input(pair[role], { kind: 'peerVerdict', exchange, verdict: accepted });
    pair.run(() => pair.isUp, 60_000);
    expect(pair.isUp).toBe(true);
    expect(pair[role].of('ikeEstablished')).toHaveLength(1);
  });

  test.each(['initiator', 'responder'] as const)('one that never comes is not waited for by the %s', (role) => {
    const pair = signed(alice, gateway);
    pair[role].judge = () => undefined;
    pair.run(isOver(pair), 60_000);
    expect(pair[role].closed).toMatchObject({ code: 'certificateRejected', reason: 'timeout' });
    const exchange = pair[role].of('verifyPeer')[0]?.exchange ?? 0;
    pair.input(pair[role], { kind: 'peerVerdict', exchange, verdict: alice.accepted });
    expect(pair[role].of('ikeEstablished')).toEqual([]);
  });

  test('what comes meanwhile ends nothing', () => {
    const pair = signed(alice, gateway);
    pair.responder.judge = () => undefined;
    pair.run(() => false, 1000);
    for (const { bytes, port } of [...pair.transcript]) {
      for (const message of [bytes, bytes.map((byte, i) => (i > 40 ? byte ^ 0x55 : byte))]) {
        pair.responder.input({ kind: 'datagram', port, remote: initiatorEndpoint, bytes: message });
      }
    }
    const exchange = pair.responder.of('verifyPeer')[0]?.exchange ?? 0;
    pair.input(pair.responder, { kind: 'peerVerdict', exchange, verdict: alice.accepted });
    pair.run(() => pair.isUp, 60_000);
    expect(pair.isUp).toBe(true);
  });
});

describe('adversity', () => {
  const seeds = seedCount(20);

  test('a wire that loses a fifth, repeats and reorders only delays', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const faults = { loss: 0.2, repeat: 0.2, reorder: 0.3, delayMs: 40 };
      const pair = signed(alice, gateway, { seed, faults });
      pair.run(() => pair.isUp, 120_000);
      expect(pair.isUp, `seed ${seed}`).toBe(true);
    }
  });

  test('a wire that corrupts as well ends up, or closed with a cause', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const faults = { loss: 0.1, repeat: 0.2, reorder: 0.3, corrupt: 0.1, delayMs: 40 };
      const pair = signed(alice, gateway, { seed, faults });
      pair.run(() => pair.isUp || isOver(pair)(), 120_000);
      const told = pair.initiator.closed ?? pair.initiator.of('childFailed')[0]?.cause;
      if (!pair.isUp) expect(told?.code, `seed ${seed}`).toBeDefined();
    }
  });

  test('whatever message 5 holds, sealed as it should be, it neither throws nor lets anybody in', () => {
    const pair = signed(alice, gateway);
    pair.filter = (to, bytes) => to === 'initiator' || !decodePacket(bytes).header.encrypted;
    pair.run(() => pair.initiator.state.at === 'open' && pair.initiator.state.mainModes[0]?.awaits === 6, 5000);
    const { state, crypto } = pair.initiator;
    const mode = state.at === 'open' ? state.mainModes[0] : undefined;
    const { responder } = pair;
    const waiting = responder.state;
    if (mode?.awaits !== 6 || waiting.at !== 'open') throw new Error('message 5 was not sent');
    const first = waiting.mainModes[0];
    if (first?.awaits !== 5) throw new Error('message 5 is not awaited');
    const payload = fc.tuple(fc.constantFrom(5, 6, 8, 9, 11, 13), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(payload, { minLength: 1, maxLength: 12 }), (payloads) => {
        const body = payloads.flatMap(([, data], i) => {
          const next = payloads[i + 1]?.[0] ?? 0;
          return [next, 0, (data.length + 4) >> 8, (data.length + 4) & 255, ...data];
        });
        const sealed = encryptBody(crypto, mode.keys, first.iv, Uint8Array.from(body));
        const header = headerOf(mode.cookies, 'mainMode', 0, true);
        const bytes = encodePacket({ header, firstPayload: payloads[0]?.[0] ?? 0, body: sealed.body });
        responder.state = waiting;
        responder.input({ kind: 'datagram', port: 'natt', remote: initiatorEndpoint, bytes });
        expect(responder.of('ikeEstablished')).toEqual([]);
      }),
      { numRuns: seeds * 20 },
    );
  });
});
