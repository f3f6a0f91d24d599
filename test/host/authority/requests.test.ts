import { createSocket } from 'node:dgram';
import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../main/contracts/secret.ts';
import { codes, readPacket } from '../../../main/protocol/radius/wire/packet.ts';
import { readAttributes } from '../../../main/protocol/radius/wire/attribute-codec.ts';
import type { AttributeValues } from '../../../main/protocol/radius/wire/attributes.ts';
import { writeDynamicRequest } from '../../../main/protocol/radius/wire/authenticators.ts';
import { latin1, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { MemoryServer } from '../../protocol/radius/support.ts';
import { freePort } from '../../support/peers/freeradius.ts';
import { crypto, home, Scene, serve } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const secret = 'radsecret';
const groups = {
  default: { idleTimeout: 600, rate: { up: 9000, down: 9000 }, mtu: 1300 },
  guests: { isolated: true, rate: { up: 64, down: 64 } },
};

async function open(users: readonly string[] = ['ada', 'bob'], policy: AttributeValues = {}) {
  const port = await freePort();
  const server = new MemoryServer({ alice: 'alice-pass' }, { class: [latin1('c1')], sessionTimeout: 3600, ...policy });
  const radius = await serve(server);
  const members = {
    authentication: { sources: ['local', 'radius'] },
    groups,
    radius: {
      servers: [{ address: '127.0.0.1', authenticationPort: radius, accountingPort: radius, secret }],
      dynamicAuthorization: { port, clients: [{ address: '127.0.0.1', secret }] },
      groups: [
        { value: 'visitors', group: 'guests' },
        { value: 'ghosts', group: 'default' },
      ],
    },
  };
  const scene = await Scene.open(
    members,
    users.map((name) => ({ name })),
  );
  return { scene, port, server, members };
}

let identifier = 0;

/** Sends a request; the code of the answer, and its Error-Cause. */
async function ask(port: number, code: number, values: AttributeValues): Promise<[number, number | undefined]> {
  const socket = createSocket('udp4');
  const answered = new Promise<Uint8Array>((resolve) => socket.once('message', resolve));
  const eventTimestamp = Math.floor(Date.now() / 1000);
  identifier = (identifier + 1) & 0xff;
  socket.send(
    writeDynamicRequest(crypto, utf8(secret), { code, identifier }, { eventTimestamp, ...values }),
    port,
    '127.0.0.1',
  );
  const answer = readPacket(new Uint8Array(await answered));
  await new Promise<void>((resolve) => void socket.close(resolve));
  return [answer.code, readAttributes(answer.attributes).values.errorCause];
}

const disconnect = (port: number, values: AttributeValues) => ask(port, codes.disconnectRequest, values);
const change = (port: number, values: AttributeValues) => ask(port, codes.coaRequest, values);
const notFound = 503;
const invalidValue = 407;

describe('a server disconnects', () => {
  test.each<[string, (id: string) => AttributeValues]>([
    ['Acct-Session-Id', (acctSessionId) => ({ acctSessionId })],
    ['User-Name', () => ({ userName: 'alice' })],
    ['Framed-IP-Address', () => ({ framedIpAddress: '10.91.37.9' })],
    ['NAS-Port', () => ({ nasPort: 2 })],
    [
      'all of them',
      (acctSessionId) => ({
        acctSessionId,
        userName: 'alice',
        framedIpAddress: '10.91.37.9',
        callingStationId: '203.0.113.9',
      }),
    ],
  ])('the session with this %s', async (_, values) => {
    const { scene, port, server } = await open();
    await scene.online('ada', '10.91.37.8', { from: home });
    const session = await scene.online('alice', '10.91.37.9', { from: '203.0.113.9' });
    const id = server.requests.flatMap(({ values: { userName, acctSessionId } }) =>
      userName === 'alice' ? (acctSessionId ?? []) : [],
    )[0];
    expect(await disconnect(port, values(id ?? ''))).toEqual([codes.disconnectAck, undefined]);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause: 'serverRequest' }]);
    scene.end(session, 'alice', 'serverRequest');
    expect(scene.recorded('sessionStopped')).toMatchObject([{ cause: 'radius' }]);
    await scene.until('the stop', () =>
      server.requests.some(({ values: { acctTerminateCause } }) => acctTerminateCause === 6),
    );
  });

  test('all sessions that fit, and none where one of its words does not', async () => {
    const { scene, port } = await open();
    await scene.online('ada', '10.91.37.8');
    await scene.online('ada', '10.91.37.9');
    for (const odd of [
      { framedIpAddress: '10.91.37.1' },
      { nasPort: 99 },
      { chargeableUserIdentity: latin1('x') },
      { acctMultiSessionId: 'x' },
    ]) {
      expect(await disconnect(port, { userName: 'ada', ...odd })).toEqual([codes.disconnectNak, notFound]);
    }
    expect(await disconnect(port, { userName: 'Ada' })).toEqual([codes.disconnectNak, notFound]);
    expect(await disconnect(port, { nasIdentifier: 'other', userName: 'ada' })).toEqual([codes.disconnectNak, 403]);
    expect(scene.of('disconnect')).toEqual([]);
    expect(await disconnect(port, { userName: 'ada' })).toEqual([codes.disconnectAck, undefined]);
    expect(scene.of('disconnect')).toHaveLength(2);
    expect(await disconnect(port, { userName: 'ada' })).toEqual([codes.disconnectNak, notFound]);
  });
});

describe('a server changes', () => {
  test('what holds for a session, and what it does not say stays', async () => {
    const { scene, port } = await open();
    const session = await scene.online('alice', '10.91.37.9');
    const before = scene.verdicts[0];
    if (before === undefined || !('policy' in before)) throw new Error('refused');
    expect(before.policy).toMatchObject({ sessionTimeout: 3600, idleTimeout: 600, rateUp: 9000 });
    expect(await change(port, { userName: 'alice', sessionTimeout: 120, wisprBandwidthMaxUp: 128_000 })).toEqual([
      codes.coaAck,
      undefined,
    ]);
    expect(scene.of('changePolicy')).toEqual([
      { kind: 'changePolicy', session, policy: { ...before.policy, sessionTimeout: 120, rateUp: 128 } },
    ]);
    expect(await change(port, { userName: 'alice', filterId: ['Visitors'], idleTimeout: 90 })).toEqual([
      codes.coaAck,
      undefined,
    ]);
    expect(scene.of('changePolicy').at(-1)?.policy).toMatchObject({
      groups: ['guests'],
      sessionTimeout: 120,
      idleTimeout: 90,
      rateUp: 128,
      rateDown: 64,
      mtu: 1300,
    });
    expect(scene.recorded('policyDecided').map(({ groups: names }) => names)).toEqual([
      ['default'],
      ['default'],
      ['guests'],
    ]);
  });

  test('every session that fits or, where that is impossible, none', async () => {
    const { scene, port } = await open();
    await scene.online('ada', '10.91.37.8');
    await scene.online('alice', '10.91.37.9');
    const everybody = { callingStationId: home };
    expect(await change(port, { ...everybody, filterId: ['nobody'] })).toEqual([codes.coaNak, invalidValue]);
    expect(await change(port, { ...everybody, framedPool: 'office' })).toEqual([codes.coaNak, 401]);
    expect(await change(port, { ...everybody, mikrotikRateLimit: 'fast' })).toEqual([codes.coaNak, invalidValue]);
    expect(scene.of('changePolicy')).toEqual([]);
    expect(await change(port, { ...everybody, mikrotikRateLimit: '1M/2M' })).toEqual([codes.coaAck, undefined]);
    expect(scene.of('changePolicy').map(({ policy }) => [policy.rateUp, policy.rateDown])).toEqual([
      [1000, 2000],
      [1000, 2000],
    ]);
  });

  test('none of several where one of them cannot be', async () => {
    const { scene, port, members } = await open(['ada'], { framedPool: 'office' });
    await scene.online('ada', '10.91.37.8');
    await scene.online('alice', '10.91.37.9');
    const pools = { other: { ranges: ['10.92.37.0/24'] } };
    const ground = scene.ground({ ...members, pools });
    expect(await scene.authority.reconfigure(ground, { how: 'reloaded', sessionsEnded: 0 })).toMatchObject({
      ok: true,
    });
    const asked = { callingStationId: home, idleTimeout: 77 };
    expect(await change(port, asked)).toEqual([codes.coaNak, invalidValue]);
    expect(scene.of('changePolicy')).toEqual([]);
    expect(await change(port, { ...asked, userName: 'ada' })).toEqual([codes.coaAck, undefined]);
  });

  test('a time-out, but not the end of the account', async () => {
    const { scene, port } = await open([]);
    const { users } = scene.authority;
    await users.add({ name: 'eve', expiresAt: new Date(Date.now() + 600_000).toISOString() }, new Secret('eve-pass'));
    await scene.online('eve', '10.91.37.9');
    await change(port, { userName: 'eve', sessionTimeout: 86_400 });
    expect(scene.of('changePolicy')[0]?.policy.sessionTimeout).toBeLessThanOrEqual(600);
    await change(port, { userName: 'eve', sessionTimeout: 60 });
    expect(scene.of('changePolicy')[1]?.policy.sessionTimeout).toBe(60);
  });
});

test('a port that is taken refuses the reload, and all is as it was', async () => {
  const { scene, port } = await open();
  const session = await scene.online('ada', '10.91.37.8');
  const taken = createSocket('udp4');
  await new Promise<void>((resolve) => taken.bind(0, '0.0.0.0', resolve));
  const clients = [{ address: '127.0.0.1', secret }];
  const dynamicAuthorization = { port: taken.address().port, clients };
  const ground = scene.ground({ radius: { servers: [{ address: '127.0.0.1', secret }], dynamicAuthorization } });
  const refused = await scene.authority.reconfigure(ground, { how: 'reloaded', sessionsEnded: 0 });
  expect(refused).toMatchObject({ ok: false, failure: { code: 'helper.portBusy' } });
  await new Promise<void>((resolve) => void taken.close(resolve));
  expect(scene.recorded('configurationChanged')).toHaveLength(1);
  expect(await disconnect(port, { userName: 'ada' })).toEqual([codes.disconnectAck, undefined]);
  expect(scene.of('disconnect')).toMatchObject([{ who: { session } }]);
});
