import { expect, test } from 'vitest';
import { fromHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { prove } from '../../../main/protocol/l2tp/authentication.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { config, connected, converse, Endpoint, message, only, read } from './support.ts';

const [right, wrong] = [utf8('tunnel secret'), utf8('another')];

test('a proof is the MD5 of message type, secret and challenge', () => {
  // MD5(02 "secret" 00..0f), computed separately.
  const challenge = fromHex('000102030405060708090a0b0c0d0e0f');
  expect(prove(seededCrypto(1), 'SCCRP', utf8('secret'), challenge)).toEqual(
    fromHex('dd4186e2196f00124a9d588f02701259'),
  );
});

test('two ends with the same secret prove it to each other', () => {
  const [lac, lns] = connected({ tunnelSecret: right }, { tunnelSecret: right });
  expect([lac.all('callUp'), lns.all('callUp')].map((ups) => ups.length)).toEqual([1, 1]);
});

test('a tunnel whose AVPs are all hidden comes up', () => {
  const secret = { tunnelSecret: right, hideAvps: true };
  const [lac, lns] = connected(secret, secret);
  expect([lac.all('callUp'), lns.all('callUp')].map((ups) => ups.length)).toEqual([1, 1]);
  expect(lac.last('tunnelUp').remoteVendor).toBe('Culvert');
  const sccrq = only(new Endpoint(config(secret)).give({ kind: 'open' }));
  expect(Object.keys(read(sccrq).avps)).not.toContain('assignedTunnelId');
});

test('a client with another secret than its gateway refuses the gateway', () => {
  const [lac, lns] = connected({ tunnelSecret: wrong }, { tunnelSecret: right });
  expect(lac.last('closed').cause).toEqual({ code: 'tunnelAuthenticationFailed', reason: 'wrongProof' });
  expect(lns.last('closed').cause).toEqual({ code: 'stopped', resultCode: 4 });
  expect(lac.all('tunnelUp')).toEqual([]);
});

test('a client without a secret cannot answer a gateway that asks', () => {
  const [lac, lns] = connected({}, { tunnelSecret: right });
  expect(lac.last('closed').cause).toEqual({ code: 'tunnelAuthenticationFailed', reason: 'noSecret' });
  expect(lns.last('closed').cause).toEqual({ code: 'stopped', resultCode: 4 });
});

test('a gateway without a secret refuses a client that asks', () => {
  const [lac, lns] = connected({ tunnelSecret: right }, {});
  expect(lns.last('closed').cause).toEqual({ code: 'tunnelAuthenticationFailed', reason: 'noSecret' });
  expect(lac.last('closed').cause).toEqual({ code: 'stopped', resultCode: 4 });
});

test('a gateway believes neither a wrong proof nor none', () => {
  for (const [proof, reason] of [
    [{}, 'noProof'],
    [{ challengeResponse: new Uint8Array(16) }, 'wrongProof'],
  ] as const) {
    const lns = new Endpoint(config({ role: 'lns', tunnelSecret: right }));
    const sccrp = only(lns.give({ kind: 'message', bytes: message('SCCRQ', { assignedTunnelId: 7 }) }));
    expect(read(sccrp).avps.challenge).toHaveLength(16);
    const scccn = message('SCCCN', proof, { tunnelId: 0x2222, ns: 1, nr: 1 });
    const reply = read(only(lns.give({ kind: 'message', bytes: scccn })));
    expect([reply.name, reply.avps.resultCode]).toEqual(['StopCCN', { resultCode: 4 }]);
    expect(lns.last('closed').cause).toEqual({ code: 'tunnelAuthenticationFailed', reason });
  }
});

test('a client does not believe a gateway that gives no proof', () => {
  const lac = new Endpoint(config({ tunnelSecret: right }));
  lac.give({ kind: 'open' });
  lac.give({ kind: 'message', bytes: message('SCCRP', { assignedTunnelId: 7 }, { tunnelId: 0x1111, nr: 1 }) });
  expect(lac.last('closed').cause).toEqual({ code: 'tunnelAuthenticationFailed', reason: 'noProof' });
});

test('hidden AVPs without a secret end the tunnel with a cause that says so', () => {
  const lac = new Endpoint(config({ tunnelSecret: right, hideAvps: true }));
  const lns = new Endpoint(config({ role: 'lns' }));
  converse(lac, lns, 'a', lac.give({ kind: 'open' }));
  expect(lns.last('closed').cause).toEqual({ code: 'tunnelAuthenticationFailed', reason: 'unreadableHiddenAvp' });
});
