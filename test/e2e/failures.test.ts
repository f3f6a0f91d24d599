import { describe, expect, test } from 'vitest';
import { type FailureCode, phases } from '../../main/contracts/failure.ts';
import type { Culvert } from '../support/culvert.ts';
import { startNameServer } from '../support/peers/dnsmasq.ts';
import { softEtherAddress, useScene } from './scene.ts';

const scene = useScene();

async function expectFailure(culvert: Culvert, code: FailureCode, withinMs: number): Promise<void> {
  const failure = await culvert.failed(withinMs);
  expect(failure).toMatchObject({ code });
  expect(failure.cause).toMatch(/\.$/);
  expect(failure.fix).toMatch(/\.$/);
  expect(failure.cause + failure.fix).not.toMatch(/[{}]/);
  const { exitCode } = await culvert.process.exited;
  expect(exitCode).toBe(phases[failure.phase].exitCode);
}

describe('what fails at SoftEther is named', () => {
  test('a wrong pre-shared key', async () => {
    await scene.softEther({ preSharedKey: 'something else' });
    const culvert = scene.culvert(await scene.client(), { gateway: softEtherAddress });
    const failure = await culvert.failed(30_000);
    expect(['ike.wrongPreSharedKey', 'ike.authenticationTimeout']).toContain(failure.code);
    expect(failure.fix).toContain('pre-shared key');
  });

  test.each([
    ['a wrong password', { password: 'not it' }],
    ['an unknown user', { user: 'mallory' }],
  ])('%s', async (_, options) => {
    await scene.softEther();
    const client = await scene.client();
    const before = await client.machineState();
    const culvert = scene.culvert(client, { gateway: softEtherAddress, ...options });
    await expectFailure(culvert, 'auth.rejected', 30_000);
    expect(await client.machineState()).toEqual(before);
  });

  test('no common proposal', async () => {
    await scene.softEther();
    const profile = { ipsec: { ikeProposals: ['aes256-sha256-ecp521'] } };
    const culvert = scene.culvert(await scene.client(), { gateway: softEtherAddress, profile });
    await expectFailure(culvert, 'ike.noCommonProposal', 30_000);
  });

  test('no address to give', async () => {
    await scene.softEther({ poolSize: 0 });
    const culvert = scene.culvert(await scene.client(), { gateway: softEtherAddress });
    const failure = await culvert.failed(60_000);
    expect(['ppp.noAddress', 'ppp.ipcpTimeout']).toContain(failure.code);
  });
});

describe('what fails at strongSwan, xl2tpd and pppd is named', () => {
  test('a wrong pre-shared key', async () => {
    const { address } = await scene.strongswan({ preSharedKey: 'something else' });
    const culvert = scene.culvert(await scene.client(), { gateway: address });
    await expectFailure(culvert, 'ike.wrongPreSharedKey', 30_000);
  });

  test.each([
    ['a wrong password', { password: 'not it' }],
    ['an unknown user', { user: 'mallory' }],
  ])('%s', async (_, options) => {
    const { address } = await scene.strongswan();
    const culvert = scene.culvert(await scene.client(), { gateway: address, ...options });
    await expectFailure(culvert, 'auth.rejected', 30_000);
  });

  test.each([
    ['phase 1', 'ike.noCommonProposal', { ike: 'aes192-sha512-modp4096' }],
    ['phase 2', 'esp.noCommonProposal', { esp: 'aes192-sha512' }],
  ] as const)('no common proposal in %s', async (_, code, options) => {
    const { address } = await scene.strongswan(options);
    await expectFailure(scene.culvert(await scene.client(), { gateway: address }), code, 30_000);
  });

  test('a gateway that answers IKE but not L2TP', async () => {
    const { address } = await scene.strongswan({ answersL2tp: false });
    await expectFailure(scene.culvert(await scene.client(), { gateway: address }), 'l2tp.noResponse', 45_000);
  });

  test('an address pool that is empty', async () => {
    const { address } = await scene.strongswan({ pool: 'empty' });
    const culvert = scene.culvert(await scene.client(), { gateway: address });
    const failure = await culvert.failed(60_000);
    expect(['l2tp.callRefused', 'ppp.noAddress']).toContain(failure.code);
    expect(failure.cause + failure.fix).toContain('address');
  });
});

describe('what fails before there is a gateway is named', () => {
  test('a host that is up but runs no gateway', async () => {
    await scene.network.addMachine('empty', { address: softEtherAddress });
    const culvert = scene.culvert(await scene.client(), { gateway: softEtherAddress });
    await expectFailure(culvert, 'gateway.portClosed', 45_000);
  });

  test('an address where nobody is', async () => {
    const silent = await scene.network.addMachine('silent', { address: softEtherAddress });
    await silent.unplug();
    const client = await scene.client();
    const before = await client.machineState();
    const culvert = scene.culvert(client, { gateway: softEtherAddress });
    await expectFailure(culvert, 'gateway.unreachable', 60_000);
    expect(await client.machineState()).toEqual(before);
  });

  test('no route at all', async () => {
    const client = await scene.client();
    await client.exec(['ip', 'route', 'del', 'default']);
    await expectFailure(scene.culvert(client, { gateway: '198.51.100.1' }), 'gateway.noRoute', 15_000);
  });

  test('a name that does not exist', async () => {
    const client = await scene.client();
    await startNameServer(client);
    await expectFailure(scene.culvert(client, { gateway: 'gateway.invalid' }), 'gateway.nameNotFound', 30_000);
  });

  test('a name server that cannot be reached', async () => {
    const culvert = scene.culvert(await scene.client(), { gateway: 'gateway.invalid' });
    await expectFailure(culvert, 'gateway.lookupFailed', 30_000);
  });
});
