import { expect, test } from 'vitest';
import type { CbcName, DhGroupName, HashName } from '../../../main/protocol/crypto.ts';
import { type EspProposal, type IkeProposal, type Identity, ikeName } from '../../../main/protocol/ike/index.ts';
import { vendorIds } from '../../../main/protocol/ike/wire/index.ts';
import { toHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { Pair, type PairOptions, spoil } from './support.ts';

function up(options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  const run = pair.run(() => pair.isUp);
  expect(run.ended).toBe('done');
  return pair;
}

test('both phases take nine messages, three round trips and then one and a half', () => {
  const pair = new Pair();
  const run = pair.run(() => pair.isUp);
  expect(run).toEqual({ nowMs: 90, datagrams: 9, ended: 'done' });
});

test('the initiator may send in the same instant as its last message', () => {
  const { initiator } = up();
  const kinds = initiator.effects.map(({ kind }) => kind);
  expect(kinds.slice(-3)).toEqual(['childEstablished', 'send', 'useChild']);
});

test('what one end sends by, the other receives by, with the same keys', () => {
  const { initiator, responder } = up();
  const [ours, theirs] = [initiator.children[0], responder.children[0]];
  expect(ours?.outboundSpi).toBe(theirs?.inboundSpi);
  expect(ours?.inboundSpi).toBe(theirs?.outboundSpi);
  expect(ours?.outboundKeys).toEqual(theirs?.inboundKeys);
  expect(ours?.inboundKeys).toEqual(theirs?.outboundKeys);
  expect(toHex(ours?.inboundKeys.cipherKey ?? new Uint8Array())).not.toBe(
    toHex(ours?.outboundKeys.cipherKey ?? new Uint8Array()),
  );
  expect(theirs?.selectors).toEqual({ localPort: 1701, remotePort: 50_001 });
});

test('forced encapsulation makes a NAT, and the exchange moves to the other socket with message 5', () => {
  const { initiator, responder, transcript } = up();
  expect(transcript.map(({ port }) => port)).toEqual([
    ...Array<string>(4).fill('ike'),
    ...Array<string>(5).fill('natt'),
  ]);
  const [established] = initiator.of('ikeEstablished');
  expect(established?.natDetected.local).toBe(true);
  expect(established?.encapsulation).toBe('udp');
  expect(responder.of('ikeEstablished')[0]?.natDetected.remote).toBe(true);
});

test('without a NAT and not forced, ESP stays bare and port 500 stays in use', () => {
  const pair = up({ initiator: { forceEncapsulation: false } });
  expect(pair.initiator.children[0]?.encapsulation).toBe('none');
  expect(pair.transcript.every(({ port }) => port === 'ike')).toBe(true);
});

const ciphers: readonly CbcName[] = ['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', '3des-cbc'];
const hashes: readonly HashName[] = ['sha1', 'sha256', 'sha384', 'sha512', 'md5'];
const groups: readonly DhGroupName[] = [
  'modp1024',
  'modp1536',
  'modp2048',
  'modp3072',
  'ecp256',
  'ecp384',
  'ecp521',
  'curve25519',
];

const matrix: readonly IkeProposal[] = [
  ...groups.flatMap((group) => ciphers.flatMap((cipher) => hashes.map((hash) => ({ cipher, hash, group })))),
  { cipher: 'aes-256-cbc', hash: 'sha512', group: 'modp4096' },
];

test('every phase 1 proposal of the matrix completes', { timeout: 60_000 }, () => {
  for (const [seed, proposal] of matrix.entries()) {
    const { initiator } = up({
      seed,
      initiator: { ikeProposals: [proposal] },
      responder: { ikeProposals: [...matrix].reverse() },
    });
    expect(initiator.of('ikeEstablished')[0]?.suite, ikeName(proposal)).toEqual(proposal);
  }
});

const suites: readonly EspProposal[] = [
  ...([128, 192, 256] as const).map((keyBits): EspProposal => ({ cipher: 'aes-gcm-16', keyBits, integrity: 'none' })),
  ...(['hmac-md5-96', 'hmac-sha1-96', 'hmac-sha256-128', 'hmac-sha384-192', 'hmac-sha512-256'] as const).flatMap(
    (integrity): EspProposal[] => [
      ...([128, 192, 256] as const).map((keyBits): EspProposal => ({ cipher: 'aes-cbc', keyBits, integrity })),
      { cipher: '3des-cbc', keyBits: 192, integrity },
    ],
  ),
];

test.each([undefined, 'ecp256', 'modp1536', 'curve25519'] as const)(
  'every phase 2 suite completes with PFS by %s',
  { timeout: 60_000 },
  (pfsGroup) => {
    for (const [seed, suite] of suites.entries()) {
      const { initiator } = up({
        seed,
        child: { espProposals: [suite], ...(pfsGroup && { pfsGroup }) },
        responder: { espProposals: suites, pfsGroups: ['ecp256', 'modp1536', 'curve25519'] },
      });
      expect(initiator.children[0]?.suite).toEqual(suite);
    }
  },
);

test('the responder takes the first of its own preferences that is offered', () => {
  const [weak, strong] = [matrix[0], matrix.at(-2)] as [IkeProposal, IkeProposal];
  const { initiator } = up({
    initiator: { ikeProposals: [weak, strong] },
    responder: { ikeProposals: [strong, weak] },
  });
  expect(initiator.of('ikeEstablished')[0]?.suite).toEqual(strong);
});

test.each([
  ['RFC 3947', vendorIds.natTraversal, 2],
  ['draft -03', vendorIds.natTraversalDraft03, 2],
  ['draft -02 with its line feed', vendorIds.natTraversalDraft02Newline, 1],
  ['draft -02', vendorIds.natTraversalDraft02, 1],
])('a peer that speaks NAT traversal by %s alone is met', (_name, spoken, originals) => {
  const others = [
    vendorIds.natTraversal,
    vendorIds.natTraversalDraft03,
    vendorIds.natTraversalDraft02Newline,
    vendorIds.natTraversalDraft02,
  ].filter((each) => each !== spoken);
  const pair = new Pair();
  // The other dialects' vendor ids are made unknown on their way.
  pair.filter = (_to, bytes) => {
    spoil(bytes, others);
    return true;
  };
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  const natOriginalAddresses = pair.responder.children[0]?.natOriginalAddresses ?? {};
  expect(Object.keys(natOriginalAddresses)).toHaveLength(originals);
  expect(natOriginalAddresses.initiator).toBe('192.0.2.10');
});

const identities: readonly Identity[] = [
  { type: 'ipv4', address: '0.0.0.0' },
  { type: 'ipv4', address: '10.1.2.3' },
  { type: 'ipv6', address: '2001:db8::1' },
  { type: 'fqdn', name: 'gateway.example.org' },
  { type: 'userFqdn', name: 'anna@example.org' },
  { type: 'keyId', bytes: utf8('office') },
];

test.each(identities)('identity %o is stated and recognised', (identity) => {
  const { initiator, responder } = up({
    initiator: { localIdentity: identity, expectedRemoteIdentity: identity },
    responder: { localIdentity: identity, expectedRemoteIdentity: identity },
  });
  expect(initiator.of('ikeEstablished')[0]?.remoteIdentity).toEqual(identity);
  expect(responder.of('ikeEstablished')[0]?.remoteIdentity).toEqual(identity);
});

test('a first contact says so, and the responder reports it', () => {
  const { responder } = up();
  expect(responder.of('ikeEstablished')[0]?.initialContact).toBe(true);
});

test('the shorter of both lifetimes holds, and RESPONDER-LIFETIME tells the initiator', () => {
  const { initiator, responder } = up({
    initiator: { lifetimes: { ikeSeconds: 1000, espSeconds: 900 } },
    responder: { lifetimes: { ikeSeconds: 2000, espSeconds: 600, espKilobytes: 250_000 } },
  });
  for (const end of [initiator, responder]) {
    expect(end.of('ikeEstablished')[0]?.lifetimeSeconds).toBe(1000);
    expect(end.children[0]).toMatchObject({ lifetimeSeconds: 600, lifetimeKilobytes: 250_000 });
  }
});

test('a responder may start a quick mode of its own, and the initiator answers it', () => {
  const pair = up();
  pair.input(pair.responder, { kind: 'establishChild' });
  const takesOver = () => pair.initiator.sendingSpi === pair.initiator.children[1]?.outboundSpi;
  expect(pair.run(() => pair.isUp && takesOver()).ended).toBe('done');
  const [, second] = pair.initiator.children;
  expect(second?.initiatedBy).toBe('peer');
  expect(second?.selectors).toEqual({ localPort: 50_001, remotePort: 1701 });
});

test('two children of one SA are negotiated at once', () => {
  const pair = up();
  pair.input(pair.initiator, { kind: 'establishChild' });
  pair.input(pair.initiator, { kind: 'establishChild' });
  expect(pair.run(() => pair.isUp && pair.initiator.children.length === 3).ended).toBe('done');
});

test('valid packets on a new SA confirm it where the last message of quick mode is lost', () => {
  const pair = new Pair();
  pair.filter = (to) => !(to === 'responder' && pair.initiator.children.length > 0);
  pair.run(() => pair.initiator.children.length > 0 && pair.nowMs >= 0, 500);
  const [child] = pair.responder.children;
  expect(pair.responder.sendingSpi).toBeUndefined();
  pair.input(pair.responder, { kind: 'childUsed', inboundSpi: child?.inboundSpi ?? 0 });
  expect(pair.responder.sendingSpi).toBe(child?.outboundSpi);
});

test('a peer that sets the commit bit is waited for, but not for long', () => {
  const pair = new Pair();
  const quickMode = 32;
  pair.filter = (to, bytes) => {
    if (to === 'initiator' && bytes[18] === quickMode) bytes[19] = (bytes[19] ?? 0) | 2;
    return true;
  };
  pair.run(() => pair.initiator.children.length > 0);
  expect(pair.initiator.sendingSpi).toBeUndefined();
  const run = pair.run(() => pair.isUp);
  expect(run).toMatchObject({ ended: 'done', nowMs: 700 });
});

test('a peer that never deletes what it renewed leaves a bounded number behind', () => {
  const pair = up();
  for (let round = 0; round < 30; round++) {
    pair.input(pair.responder, { kind: 'establishChild' });
    pair.run(() => false, 1000);
    pair.input(pair.responder, { kind: 'rekeyIke' });
    pair.run(() => false, 1000);
  }
  const { state } = pair.initiator;
  expect(pair.initiator.children.length).toBeLessThanOrEqual(8);
  expect(state.at === 'open' ? state.sas.length : 0).toBeLessThanOrEqual(6);
  expect(pair.isUp).toBe(true);
});

test('the round trip is measured at each answer to a request sent once', () => {
  const { initiator } = up();
  expect(initiator.of('roundTrip').map(({ roundTripMs }) => roundTripMs)).toEqual([20, 20, 20, 20]);
});
