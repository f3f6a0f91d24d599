import { describe, expect, test } from 'vitest';
import { clientAddress, expectTraffic, useScene } from './scene.ts';

const megabyte = 1_000_000;

const suites = {
  'AES-CBC with SHA-1': {
    ike: 'aes256-sha1-modp2048',
    esp: 'aes256-sha1',
    name: 'aes-256-cbc/hmac-sha1-96',
  },
  'AES-GCM with SHA-2': {
    ike: 'aes256-sha256-ecp256',
    esp: 'aes256gcm16',
    name: 'aes-256-gcm-16',
  },
} as const;

describe('strongSwan, xl2tpd and pppd on a real kernel as the gateway', () => {
  const scene = useScene();

  const cases = (Object.keys(suites) as (keyof typeof suites)[]).flatMap((suite) => [
    { suite, behindNat: false, between: 'nothing' },
    { suite, behindNat: true, between: 'a NAT' },
  ]);
  test.each(cases)('$suite, with $between between: 100 MB each way', async ({ suite, behindNat }) => {
    const { ike, esp, name } = suites[suite];
    const strongswan = await scene.strongswan({ ike, esp });
    const client = await scene.client('client', { address: behindNat ? '192.168.50.11' : clientAddress, behindNat });
    const before = await client.machineState();
    const culvert = scene.culvert(client, { gateway: strongswan.address });
    expect(await culvert.connected()).toMatchObject({ espSuite: name, authentication: 'mschapv2' });
    await expectTraffic(client, strongswan.innerAddress);
    expect((await culvert.stop()).exitCode).toBe(0);
    expect(await client.machineState()).toEqual(before);
    expect(await strongswan.status()).toContain('Security Associations (0 up');
  });

  test.each([
    ['pap', 'pap'],
    ['chap', 'chap-md5'],
  ] as const)('signs in with pppd %s', async (authentication, method) => {
    const strongswan = await scene.strongswan({ authentication });
    const client = await scene.client();
    const profile = { ppp: { authentication: ['mschapv2', 'chap-md5', 'pap'] } };
    const culvert = scene.culvert(client, { gateway: strongswan.address, profile });
    expect((await culvert.connected()).authentication).toBe(method);
    await expectTraffic(client, strongswan.innerAddress, megabyte);
    await culvert.stop();
  });

  test('two clients behind one NAT at the same time, where stock clients fail', async () => {
    const strongswan = await scene.strongswan();
    const clients = await scene.clientsBehindNat();
    const culverts = clients.map((client) => scene.culvert(client, { gateway: strongswan.address }));
    const connections = await Promise.all(culverts.map((culvert) => culvert.connected()));
    expect(new Set(connections.map(({ localAddress }) => localAddress)).size).toBe(2);
    await Promise.all(clients.map((client) => expectTraffic(client, strongswan.innerAddress, 20 * megabyte)));
    await Promise.all(culverts.map((culvert) => culvert.stop()));
  });
});
