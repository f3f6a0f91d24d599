// How long it takes to connect, over a relay that adds a distance: `npm run bench:connect [-- --runs N] [--json FILE]`.
// Interleaved, medians; the floor is counted in docs/performance.md, message by message.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { phases, type Phase } from '../../main/contracts/failure.ts';
import { startCulvert } from '../support/culvert.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import type { Running } from '../support/processes.ts';
import { startSoftEther } from '../support/peers/softether.ts';
import { startStockClient } from '../support/peers/uml/stock-client.ts';
import { startStrongswanGateway } from '../support/peers/uml/strongswan-gateway.ts';
import { startUdpRelay } from '../support/udp-relay.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' }, json: { type: 'string' } } });
const runs = Number(values.runs);
const distancesMs = [0, 25, 100];
const allowance = { factor: 1.3, processingMs: 150 };

/** Round trips that no client can save with this gateway: see docs/performance.md. */
const gateways = { 'strongSwan + xl2tpd + pppd': 11, SoftEther: 13 } as const;
type Gateway = keyof typeof gateways;

interface Sample {
  readonly totalMs: number;
  /** How long the gateway owed an answer: its own time, measured without a distance. */
  readonly gatewayMs: number;
  readonly phasesMs: Readonly<Partial<Record<Phase, number>>>;
}

interface Relayed {
  readonly gateway: Gateway;
  readonly oneWayMs: number;
  readonly address: string;
  readonly relay: Running;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

function owedMs(relay: Running): number {
  return Number([...relay.stdout().matchAll(/^owed (.+)$/gm)].at(-1)?.[1] ?? 0);
}

async function connectOnce(client: Host, { address, relay }: Relayed): Promise<Sample> {
  const culvert = startCulvert(client, { gateway: address });
  try {
    await culvert.connected();
    const gatewayMs = owedMs(relay);
    await culvert.stop();
    const events = culvert.events();
    const done = events.flatMap((event) => (event.event === 'phase' && event.state === 'done' ? [event] : []));
    const connected = events.find((event) => event.event === 'connected');
    return {
      totalMs: connected?.atMs ?? NaN,
      gatewayMs,
      phasesMs: Object.fromEntries(done.map(({ phase, tookMs }) => [phase, tookMs])),
    };
  } finally {
    await culvert.cleanUp();
  }
}

async function dialStockClient(network: Network, address: string): Promise<number> {
  const client = await startStockClient(network, { gateway: address });
  try {
    const { ikeMs, l2tpMs } = await client.dial();
    await client.hangUp();
    return ikeMs + l2tpMs;
  } finally {
    await client.stop();
  }
}

async function startGateways(network: Network): Promise<readonly Relayed[]> {
  const machine = await network.addMachine('softether', { address: '203.0.113.10' });
  const addresses: Record<Gateway, string> = {
    'strongSwan + xl2tpd + pppd': (await startStrongswanGateway(network)).address,
    SoftEther: (await startSoftEther(machine)).address,
  };
  const relayed: Relayed[] = [];
  for (const gateway of Object.keys(gateways) as Gateway[]) {
    for (const oneWayMs of distancesMs) {
      const address = `203.0.113.${100 + relayed.length}`;
      const relay = await network.addMachine(`relay${relayed.length}`, { address });
      const running = await startUdpRelay(relay, { gateway: addresses[gateway], delayMs: oneWayMs });
      relayed.push({ gateway, oneWayMs, address, relay: running });
    }
  }
  return relayed;
}

function row(relayed: Relayed, samples: readonly Sample[], gatewayMs: number, stockMs: number) {
  const floorMs = gateways[relayed.gateway] * 2 * relayed.oneWayMs;
  const allowedMs = Math.round(floorMs * allowance.factor + allowance.processingMs);
  const culvertMs = Math.round(median(samples.map(({ totalMs }) => totalMs)));
  const phaseMedians = (Object.keys(phases) as Phase[]).map(
    (phase) => [phase, Math.round(median(samples.map(({ phasesMs }) => phasesMs[phase] ?? 0)))] as const,
  );
  return {
    gateway: relayed.gateway,
    oneWayMs: relayed.oneWayMs,
    floorMs,
    allowedMs,
    culvertMs,
    gatewayMs: Math.round(gatewayMs),
    met: culvertMs <= allowedMs ? 'yes' : culvertMs - gatewayMs <= allowedMs ? "but for the gateway's own time" : 'no',
    stockMs: Math.round(stockMs),
    phasesMs: Object.fromEntries(phaseMedians.filter(([, tookMs]) => tookMs > 0)),
  };
}

async function measure(network: Network) {
  const client = await network.addMachine('client', { address: '203.0.113.30' });
  const relayed = await startGateways(network);
  const samples = new Map<Relayed, Sample[]>(relayed.map((one) => [one, []]));
  for (let run = 1; run <= runs; run++) {
    for (const one of relayed) samples.get(one)?.push(await connectOnce(client, one));
    console.error(`run ${run} of ${runs}`);
  }
  const rows = [];
  for (const one of relayed) {
    const near = relayed.find(({ gateway, oneWayMs }) => gateway === one.gateway && oneWayMs === 0) ?? one;
    const gatewayMs = median((samples.get(near) ?? []).map((sample) => sample.gatewayMs));
    console.error(`the stock client, ${one.gateway}, ${one.oneWayMs} ms a way`);
    rows.push(row(one, samples.get(one) ?? [], gatewayMs, await dialStockClient(network, one.address)));
  }
  return rows;
}

const network = await createNetwork();
try {
  const rows = await measure(network);
  console.table(rows, ['gateway', 'oneWayMs', 'floorMs', 'allowedMs', 'culvertMs', 'gatewayMs', 'met', 'stockMs']);
  for (const { gateway, oneWayMs, phasesMs } of rows) {
    const parts = Object.entries(phasesMs).map(([phase, tookMs]) => `${phase} ${tookMs}`);
    console.log(`${gateway}, ${oneWayMs} ms a way: ${parts.join(', ')}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ runs, rows }, null, 2)}\n`);
} finally {
  await network.remove();
}
