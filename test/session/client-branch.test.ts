import { describe, expect, test } from 'vitest';
import { profile } from '../../main/contracts/profile.ts';
import { preparationPlan } from '../../main/session/client/index.ts';
import { runWire } from '../support/lossy-wire.ts';
import { clientConfig, gatewayAddress, MemoryClient } from './support/memory-client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

const branch = ['192.168.77.0/24', '192.168.78.0/24'];
const routes = ['10.20.0.0/16'];
/** What the gateway in memory gives: an address, its own, and two name servers, one of which it is itself. */
const given = { local: '10.99.0.10/32', servers: ['10.99.0.1/32', '10.99.0.2/32'] };

function dial(network: object, ppp: object = {}) {
  const client = new MemoryClient(clientConfig({ network: { mode: 'split', routes, ...network }, ppp }), 1);
  const gateway = new MemoryGateway({ seed: 1 });
  return {
    client,
    run: (done: () => boolean) => runWire([client, gateway], { seed: 1 }, { done, timeoutMs: 60_000 }),
  };
}

function connect(network: object, ppp?: object): MemoryClient {
  const { client, run } = dial(network, ppp);
  run(() => client.connected);
  expect(client.connected).toBe(true);
  return client;
}

describe('a client with a branch', () => {
  test('forwards between the tunnel and its networks, and lets the office reach nothing beside them and itself', () => {
    const plan = connect({ branch }).plans.at(-1);
    expect(plan?.gateway).toEqual({
      ipv4: true,
      ipv6: false,
      masquerade: [],
      neighbours: [],
      groups: [
        {
          group: 1,
          isolated: false,
          incoming: true,
          reach: [...branch, given.local].map((network) => ({ network, protocol: 'any' })),
        },
      ],
    });
    expect(plan?.routes).toEqual([{ to: `${gatewayAddress}/32`, via: 'underlay' }]);
  });

  test('lets in what is from the networks behind the gateway, once the plan holds and before it says connected', () => {
    const client = connect({ branch });
    const prefixes = [...routes, ...given.servers];
    expect(client.policies).toEqual([
      { plans: client.plans.length, request: { kind: 'setSessionPolicy', session: 1, group: 1, prefixes } },
    ]);
    expect(client.events.find(({ event }) => event === 'connected')).toMatchObject({
      connection: { routes: prefixes },
    });
  });

  test('lets the gateway itself in where it is no name server', () => {
    const client = connect({ branch, dns: { use: 'none' } });
    expect(client.policies.at(-1)?.request.prefixes).toEqual([...routes, '10.99.0.1/32']);
  });

  test('tells the datapath that its networks are the session’s, but not before their family has an address', () => {
    const client = connect({ branch: [...branch, '2001:db8:77::/64'] }, { ipv6: true });
    expect(client.plans.at(-1)?.gateway).toMatchObject({ ipv4: true, ipv6: true });
    expect(client.prefixes.at(0)).toEqual([]);
    expect(client.prefixes.at(-1)).toEqual([given.local, ...branch]);
  });

  test('keeps what it forwards from leaving beside the tunnel where there is a kill switch', () => {
    const kept = { to: routes[0], via: 'unreachable', metric: 0xffff_fffe };
    const pinned = { to: `${gatewayAddress}/32`, via: 'underlay' };
    const { plans } = connect({ branch, killSwitch: true });
    expect(plans.map((plan) => plan.routes)).toEqual([
      [pinned, kept],
      [pinned, kept],
    ]);
  });

  test('says what the helper refused instead of being half a branch', () => {
    const { client, run } = dial({ branch });
    client.refused = 'setSessionPolicy';
    run(() => client.ended !== undefined);
    expect(client.ended?.code).toBe('helper.firewall');
    expect(client.events.some(({ event }) => event === 'connected')).toBe(false);
  });
});

test('without a branch nothing is forwarded, no session is made, nothing is kept', () => {
  const client = connect({ killSwitch: true });
  expect(client.plans.map(({ gateway }) => gateway)).toEqual([undefined, undefined]);
  expect(client.policies).toEqual([]);
  expect(
    preparationPlan(profile.parse({ version: 1, name: 'a', gateway: 'b', network: { killSwitch: true } }), 'c'),
  ).toEqual({
    routes: [],
    killSwitch: { allow: ['c'] },
  });
});
