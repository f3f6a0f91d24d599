import { describe, expect, test } from 'vitest';
import type { FailureCode } from '../../main/contracts/failure.ts';
import type { CertificateFault, PeerVerdict } from '../../main/protocol/ike/index.ts';
import { toHex, utf8 } from '../../main/protocol/wire/bytes.ts';
import { believing, type Signer, signer } from '../support/signers.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { hostConfig, MemoryHost, type MemoryHostOptions } from './support/memory-host.ts';
import { Star } from './support/star.ts';

/** The whole client and the whole host, with certificates in IKE. */

const [alice, bob, gateway, gatewayRsa] = [
  signer('alice'),
  signer('bob'),
  signer('gateway'),
  signer('gateway', 'rsa'),
] as const;
const authorities = [utf8('CN=ca')];
const certificates = { own: [gateway.own, gatewayRsa.own], authorities, judgedBy: 'ca' };

function clientOf(own: Signer | undefined, seed: number): MemoryClient {
  const changes = own === undefined ? {} : { certificates: { own: [own.own], authorities } };
  const client = new MemoryClient(clientConfig({}, { ...changes, hostName: `laptop-${seed}` }), seed);
  client.judge = believing(gateway, gatewayRsa);
  return client;
}

function scene(options: MemoryHostOptions = {}) {
  const host = new MemoryHost({ config: { certificates }, judge: believing(alice, bob), ...options });
  return { host, star: new Star(host) };
}

function refusedAs(reason: CertificateFault): PeerVerdict {
  return { ok: false, reason, subject: 'CN=x', detail: 'is so' };
}

test('clients with certificates and clients with the pre-shared key are online side by side', () => {
  const { host, star } = scene();
  const clients = [clientOf(alice, 1), clientOf(undefined, 2), clientOf(bob, 3)];
  clients.forEach((client) => star.add(client));
  expect(star.run(() => clients.every(({ connected }) => connected))).toBe(true);
  const facts = host.of('sessionStarted').map(({ about }) => [about.hostName, about.certificate, about.preSharedKey]);
  expect(facts.toSorted()).toEqual([
    ['laptop-1', alice.facts, undefined],
    ['laptop-2', undefined, 'everybody'],
    ['laptop-3', bob.facts, undefined],
  ]);
  const identities = host.facts('peerUp').map(({ identity }) => identity);
  expect(identities.toSorted()).toEqual(['192.168.50.100', 'CN=alice', 'CN=bob']);
  expect(clients[0]?.state.facts.gatewayIdentity).toBe('CN=gateway');
});

test('a host without pre-shared keys lets nobody in by one', () => {
  const { host, star } = scene({ config: { certificates, preSharedKeys: [] } });
  const [byCertificate, byKey] = [clientOf(alice, 1), clientOf(undefined, 2)];
  star.add(byCertificate);
  star.add(byKey);
  expect(star.run(() => byCertificate.connected && byKey.ended !== undefined)).toBe(true);
  expect(byKey.ended?.code).toBe('ike.noCommonProposal');
  expect(new Set(host.facts('peerRefused').map(({ code }) => code))).toEqual(new Set(['noProposalChosen']));
});

describe('every fault of a certificate', () => {
  const codes: Readonly<Record<CertificateFault, FailureCode>> = {
    malformed: 'certificate.malformed',
    unknownAuthority: 'certificate.unknownAuthority',
    weak: 'certificate.weak',
    notYetValid: 'certificate.notYetValid',
    expired: 'certificate.expired',
    wrongUsage: 'certificate.wrongUsage',
    wrongName: 'certificate.wrongName',
    revoked: 'certificate.revoked',
    revocationUnknown: 'certificate.revocationUnknown',
    wrongKey: 'certificate.wrongKey',
  };
  const cases = Object.entries(codes) as [CertificateFault, FailureCode][];

  test.each(cases)('%s of the gateway is %s for the user, and leaves nothing behind', (reason, code) => {
    const { host, star } = scene();
    const client = clientOf(alice, 1);
    client.judge = () => refusedAs(reason);
    star.add(client);
    expect(star.run(() => client.ended !== undefined && host.state.peers.size === 0)).toBe(true);
    expect(client.ended).toMatchObject({ code, phase: 'ikeAuthentication', facts: { subject: 'CN=x' } });
    expect(host.installed).toEqual([0, 0, 0]);
  });

  test.each(cases)('%s of a client is told to its user as a refusal, and to the audit log by its name', (reason) => {
    const { host, star } = scene({ judge: () => refusedAs(reason) });
    const client = clientOf(alice, 1);
    star.add(client);
    expect(star.run(() => client.ended !== undefined && host.state.size === 0)).toBe(true);
    expect(client.ended?.code).toBe('ike.certificateRefused');
    expect(host.facts('peerRefused')).toMatchObject([
      { code: 'certificateRejected', rejection: reason, detail: `${reason} CN=x is so` },
    ]);
  });
});

test("a host that answers nothing to the client's certificate is told apart from a wrong pre-shared key", () => {
  const { star } = scene({ judge: () => undefined });
  const client = clientOf(alice, 1);
  star.add(client);
  expect(star.run(() => client.ended !== undefined)).toBe(true);
  expect(client.ended?.code).toBe('ike.certificateNoAnswer');
});

describe('a reload', () => {
  function reload(change: Parameters<typeof hostConfig>[0]) {
    const judge = believing(alice, bob);
    let isJudging = true;
    const { host, star } = scene({ judge: (asked) => (isJudging ? judge(asked) : refusedAs('revoked')) });
    const clients = [clientOf(alice, 1), clientOf(undefined, 2)];
    clients.forEach((client) => star.add(client));
    star.run(() => clients.every(({ connected }) => connected));
    isJudging = false;
    const config = hostConfig({ certificates, ...change });
    star.atHost((at, nowMs) => at.give({ kind: 'configure', config }, nowMs));
    star.run(() => false, 20_000);
    return { connected: clients.map((client) => client.connected), asked: host.of('verifyPeer').length };
  }
  const another = { certificates: { ...certificates, judgedBy: 'another list' } };
  const ownAlone = { certificates: { ...certificates, own: [gateway.own] } };
  const newKey = { preSharedKeys: [{ name: 'everybody', key: utf8('new') }] };

  test.each([
    ['that changes nothing ends nobody', {}, [true, true], 1],
    ["of the host's own certificate ends nobody", ownAlone, [true, true], 1],
    ['of whose certificates are believed judges those again who came by one', another, [false, true], 2],
    ['of the pre-shared key ends those who came by it', newKey, [true, false], 1],
  ] as const)('%s', (_, change, connected, asked) => {
    expect(reload(change)).toEqual({ connected, asked });
  });
});

test('who is online has to go when its certificate is revoked meanwhile, and stays where it is not', () => {
  const judge = believing(alice, bob);
  let revoked = '';
  const isRevoked = (data: Uint8Array | undefined) => revoked !== '' && toHex(data ?? utf8('')).startsWith(revoked);
  const { host, star } = scene({
    judge: (asked) => (isRevoked(asked.certificates[0]?.data) ? refusedAs('revoked') : judge(asked)),
  });
  const clients = [clientOf(alice, 1), clientOf(bob, 2)];
  clients.forEach((client) => star.add(client));
  star.run(() => clients.every(({ connected }) => connected));
  const again = (): void => {
    star.atHost((at, nowMs) => at.give({ kind: 'judgeAgain' }, nowMs));
    star.run(() => false, 20_000);
  };
  again();
  expect(clients.map(({ connected }) => connected)).toEqual([true, true]);
  revoked = toHex(utf8('bob'));
  again();
  expect(clients.map(({ connected }) => connected)).toEqual([true, false]);
  expect(host.of('sessionEnded').map(({ end }) => end.code)).toEqual(['certificateEnded']);
});
