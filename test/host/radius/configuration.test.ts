import { describe, expect, test } from 'vitest';
import { failure } from '../../../main/contracts/failure.ts';
import { radius } from '../../../main/contracts/host-authentication.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { configureRadius, groupsOf, type RadiusSurroundings } from '../../../main/host/radius/index.ts';
import { readReplyPolicy } from '../../../main/protocol/radius/policy/policy.ts';
import { latin1, utf8 } from '../../../main/protocol/wire/bytes.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  'aaa.test': ['192.0.2.1', '2001:db8::1'],
  'gone.test': [],
};
const surroundings: RadiusSurroundings = {
  secretOf: (reference, what) =>
    Promise.resolve(
      reference.kind === 'inline'
        ? { ok: true, value: new Secret(utf8(reference.text.expose())) }
        : { ok: false, failure: failure('profile.unreadable', { reason: what }) },
    ),
  addressesOf: (name) => Promise.resolve(names[name] ?? [name]),
  hostName: 'gateway',
  address: '203.0.113.1',
};

describe('the settings of host mode', () => {
  test('become servers in their order, one for each address of a name, with their ports, secrets and patience', async () => {
    const settings = radius.parse({
      servers: [
        { address: 'aaa.test', secret: 'one', tries: 2 },
        { address: 'gone.test', secret: 'x' },
        { address: '192.0.2.9', secret: 'two', authenticationPort: 1645, accountingPort: 1646, timeout: 10 },
      ],
      deadTime: 5,
      dynamicAuthorization: { clients: [{ address: '192.0.2.1', secret: 'three' }] },
    });
    const made = await configureRadius(settings, surroundings);
    if (!made.ok) throw new Error(made.failure.code);
    const { client, dynamicAuthorization, unresolved } = made.value;
    expect(
      client.servers.authentication.map(({ name, address, port, secret, retransmission }) => {
        return [name, address, port, secret, retransmission?.firstMs, retransmission?.sends];
      }),
    ).toEqual([
      ['aaa.test:1812 (192.0.2.1)', '192.0.2.1', 1812, utf8('one'), 3000, 2],
      ['aaa.test:1812 (2001:db8::1)', '2001:db8::1', 1812, utf8('one'), 3000, 2],
      ['192.0.2.9:1645', '192.0.2.9', 1645, utf8('two'), 10_000, 3],
    ]);
    expect(client.servers.accounting.map(({ port }) => port)).toEqual([1813, 1813, 1646]);
    expect(client).toMatchObject({ deadTimeMs: 5000, nas: { identifier: 'gateway', address: '203.0.113.1' } });
    expect(unresolved).toEqual(['gone.test']);
    expect(dynamicAuthorization).toMatchObject({
      port: 3799,
      config: { clients: [{ address: '192.0.2.1', secret: utf8('three') }], requireEventTimestamp: true },
    });
  });

  test('may leave out accounting and dynamic authorization, and name the gateway', async () => {
    const settings = radius.parse({
      servers: [{ address: '192.0.2.9', secret: 's' }],
      accounting: { enabled: false },
      nasIdentifier: 'branch',
    });
    const made = await configureRadius(settings, surroundings);
    expect(made).toMatchObject({
      ok: true,
      value: {
        client: { servers: { accounting: [] }, nas: { identifier: 'branch' } },
        dynamicAuthorization: undefined,
      },
    });
  });

  test('are refused where a secret cannot be had, by the name of the secret', async () => {
    const lost = { file: 'gone' };
    const servers = [{ address: '192.0.2.9', secret: lost }];
    const clients = [{ address: '192.0.2.9', secret: lost }];
    for (const [settings, what] of [
      [radius.parse({ servers }), 'radius.servers.0.secret'],
      [
        radius.parse({ servers: [{ address: '192.0.2.9', secret: 's' }], dynamicAuthorization: { clients } }),
        'radius.dynamicAuthorization.clients.0.secret',
      ],
    ] as const) {
      expect(await configureRadius(settings, surroundings)).toMatchObject({ failure: { facts: { reason: what } } });
    }
  });
});

test('a Filter-Id or a Class means a group, whatever its case; the order is that of the settings', () => {
  const mapping = [
    { value: 'Admins', group: 'admins' },
    { value: 'STAFF', group: 'office' },
    { value: 'class-Ä', group: 'office' },
    { value: 'other', group: 'guests' },
  ];
  const policy = readReplyPolicy({ filterId: ['staff', 'admins'], class: [utf8('CLASS-ä'), latin1('\xff')] });
  expect(groupsOf(policy, mapping)).toEqual(['admins', 'office']);
  expect(groupsOf(readReplyPolicy({}), mapping)).toEqual([]);
});
