import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatapathEvent } from '../../main/contracts/helper.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import { eventually } from '../support/processes.ts';
import { type ConnectedHelper, helperGone, helperWithClient } from './helper-client.ts';

type SocketError = Extract<DatapathEvent, { kind: 'socketError' }>;

/** What the router says of each address (ip-route(8)); 192.0.2.0/24 has no route at all. */
const routes = [
  ['unreachable', '198.51.100.1'],
  ['prohibit', '198.51.100.2'],
] as const;

let network: Network;
let host: Host;
let helper: ConnectedHelper;
let errors: SocketError[];

beforeAll(async () => {
  network = await createNetwork();
  host = await network.addMachine('icmp', { address: '203.0.113.40' });
  // ICMP errors are rationed by default (icmp(7)).
  await network.wan.exec(['sysctl', '-qw', 'net.ipv4.icmp_ratelimit=0']);
  for (const [kind, address] of routes) await network.wan.exec(['ip', 'route', 'add', kind, address]);
  helper = await helperWithClient(host);
  helper.client.datapath.onEvent = (event) => {
    if (event.kind === 'socketError') errors.push(event);
  };
});

afterAll(async () => {
  helper.client.close();
  await helperGone(helper);
  await network.remove();
});

async function sendTo(address: string): Promise<void> {
  errors = [];
  const remote = { address, port: 500 };
  await helper.client.broker.request({ kind: 'openSocket', socket: 'ike', localPort: 500, remote });
  helper.client.datapath.command({ kind: 'sendIke', socket: 'ike', remote }, new Uint8Array(28));
}

/** proc(5): a process that its event loop keeps waking is never seen asleep. */
function isAsleep(pid: number): boolean {
  return /^State:\tS/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test.each([
  ['unreachable host', '198.51.100.1', 'hostUnreachable'],
  ['filtered host', '198.51.100.2', 'hostUnreachable'],
  ['network without a route', '192.0.2.1', 'networkUnreachable'],
  ['closed port', '203.0.113.1', 'portUnreachable'],
])('%s: the control plane hears of it once', async (_, address, reason) => {
  await sendTo(address);
  await eventually('what ICMP says', 5000, () => (errors.length > 0 ? errors : undefined));
  // What was told is not told again: an answer to a later request comes after every event before it.
  await helper.client.datapath.request({ kind: 'statistics' });
  expect(errors).toEqual([{ kind: 'socketError', socket: 'ike', reason }]);
  await eventually('the datapath to fall asleep again', 5000, () => isAsleep(helper.processes.datapath));
});
