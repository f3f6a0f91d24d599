import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NetworkPlan } from '../../main/contracts/helper.ts';
import { createNetwork, type Network } from '../support/namespaces.ts';
import { type ResolvedMachine, withResolved } from '../support/resolved.ts';
import { type ConnectedHelper, helperGone, helperWithClient } from './helper-client.ts';

const tunnel = { name: 'culvert0', mtuBytes: 1400, addresses: [{ local: '10.9.0.2/32', peer: '10.9.0.1' }] };
const untouched = { dns: '', domain: '', 'default-route': 'no' };

let network: Network;
let machine: ResolvedMachine;
let helper: ConnectedHelper;
let resolvConf: string;

beforeAll(async () => {
  network = await createNetwork();
  machine = await withResolved(await network.addMachine('resolved', { address: '203.0.113.50' }));
  resolvConf = await readResolvConf();
  helper = await helperWithClient(machine);
});

afterAll(async () => {
  helper.client.close();
  await helperGone(helper);
  await machine.stop();
  await network.remove();
});

const readResolvConf = async (): Promise<string> => (await machine.exec(['cat', '/etc/resolv.conf'])).stdout;
const apply = (plan: Partial<NetworkPlan>): Promise<unknown> =>
  helper.client.broker.request({ kind: 'applyPlan', plan: { routes: [], ...plan } });

/** What systemd-resolved says of the tunnel's link. */
async function linkDns(): Promise<Record<string, string>> {
  const facts = Object.keys(untouched).map(async (fact) => {
    const line = await machine.resolvectl(fact, 'culvert0');
    return [fact, line.replace(/^Link \d+ \(culvert0\):\s*/, '')] as const;
  });
  return Object.fromEntries(await Promise.all(facts));
}

test('without domains every name goes to the tunnel, and search domains complete names', async () => {
  await apply({ tunnel, dns: { servers: ['10.9.0.1', '2001:db8:9::1'], searchDomains: ['corp.test'], domains: [] } });
  expect(await linkDns()).toEqual({ dns: '10.9.0.1 2001:db8:9::1', domain: 'corp.test ~.', 'default-route': 'yes' });
});

test('with domains only their names go there', async () => {
  await apply({ tunnel, dns: { servers: ['10.9.0.1'], searchDomains: [], domains: ['corp.test', 'lab.test'] } });
  expect(await linkDns()).toEqual({ dns: '10.9.0.1', domain: '~corp.test ~lab.test', 'default-route': 'no' });
});

test('a plan without DNS takes it back, and resolv.conf was never touched', async () => {
  await apply({ tunnel, dns: { servers: ['10.9.0.1'], searchDomains: ['corp.test'], domains: [] } });
  expect(await readResolvConf()).toBe(resolvConf);
  await apply({ tunnel });
  expect(await linkDns()).toEqual(untouched);
  expect(await readResolvConf()).toBe(resolvConf);
});
