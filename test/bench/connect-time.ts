// How long it takes to connect, over a relay that adds a distance: `npm run bench:connect -- [--runs N] [--json FILE]`.
// Interleaved, medians; the floor is counted in docs/performance.md, message by message.
import { writeFileSync } from 'node:fs';
import { phases, type Phase } from '../../main/contracts/failure.ts';
import { startCulvert } from '../support/culvert.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import { startSoftEther } from '../support/peers/softether.ts';
import { startStockClient } from '../support/peers/uml/stock-client.ts';
import { startStrongswanGateway } from '../support/peers/uml/strongswan-gateway.ts';
import { startUdpRelay } from '../support/udp-relay.ts';
import { type Options, parseConnectOptions, reportUsage, UsageError } from './options.ts';
import { median } from './statistics.ts';

const distancesMs = [0, 25, 100];
const allowance = { factor: 1.3, processingMs: 150 };

/** Round trips that no client can save, phase by phase: see docs/performance.md. */
const leastRoundTrips: Readonly<Partial<Record<Phase, number>>> = {
  reach: 1,
  ikePhase1: 1,
  ikeAuthentication: 1,
  ikePhase2: 1,
  l2tpTunnel: 2,
  lcp: 1,
  userAuthentication: 2,
  addresses: 2,
};
/** SoftEther rejects the magic number and the second name server. */
const gateways: Readonly<Record<string, Readonly<Partial<Record<Phase, number>>>>> = {
  'strongSwan + xl2tpd + pppd': leastRoundTrips,
  SoftEther: { ...leastRoundTrips, lcp: 2, addresses: 3 },
};

interface Sample {
  readonly totalMs: number;
  readonly phasesMs: Readonly<Partial<Record<Phase, number>>>;
}

interface Relayed {
  readonly gateway: string;
  readonly oneWayMs: number;
  readonly roundTrips: Readonly<Partial<Record<Phase, number>>>;
  readonly address: string;
}

async function connectOnce(client: Host, address: string): Promise<Sample> {
  const culvert = startCulvert(client, { gateway: address });
  try {
    await culvert.connected();
    await culvert.stop();
    const events = culvert.events();
    const done = events.flatMap((event) => (event.event === 'phase' && event.state === 'done' ? [event] : []));
    const connected = events.find((event) => event.event === 'connected');
    return {
      totalMs: connected?.atMs ?? NaN,
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
  const addresses: Record<string, string> = {
    'strongSwan + xl2tpd + pppd': (await startStrongswanGateway(network)).address,
    SoftEther: (await startSoftEther(machine)).address,
  };
  const relayed: Relayed[] = [];
  for (const [gateway, roundTrips] of Object.entries(gateways)) {
    for (const oneWayMs of distancesMs) {
      const address = `203.0.113.${100 + relayed.length}`;
      const relay = await network.addMachine(`relay${relayed.length}`, { address });
      await startUdpRelay(relay, { gateway: addresses[gateway] ?? '', delayMs: oneWayMs });
      relayed.push({ gateway, oneWayMs, roundTrips, address });
    }
  }
  return relayed;
}

function row({ gateway, oneWayMs, roundTrips }: Relayed, samples: readonly Sample[], stockMs: number) {
  const roundTripMs = 2 * oneWayMs;
  const floorMs = Object.values(roundTrips).reduce((sum, each) => sum + each, 0) * roundTripMs;
  const allowedMs = Math.round(floorMs * allowance.factor + allowance.processingMs);
  const culvertMs = Math.round(median(samples.map(({ totalMs }) => totalMs)));
  const overMs = (Object.keys(phases) as Phase[]).map((phase) => {
    const tookMs = median(samples.map(({ phasesMs }) => phasesMs[phase] ?? 0));
    return [phase, Math.round(tookMs - (roundTrips[phase] ?? 0) * roundTripMs)] as const;
  });
  return {
    gateway,
    oneWayMs,
    floorMs,
    allowedMs,
    culvertMs,
    met: culvertMs <= allowedMs,
    stockMs: Math.round(stockMs),
    overFloorMs: Object.fromEntries(overMs.filter(([, ms]) => ms > 0)),
  };
}

async function measure(network: Network, runs: number) {
  const client = await network.addMachine('client', { address: '203.0.113.30' });
  const relayed = await startGateways(network);
  const samples = new Map<Relayed, Sample[]>(relayed.map((one) => [one, []]));
  for (let run = 1; run <= runs; run++) {
    for (const one of relayed) samples.get(one)?.push(await connectOnce(client, one.address));
    console.error(`run ${run} of ${runs}`);
  }
  const rows = [];
  for (const one of relayed) {
    console.error(`the stock client, ${one.gateway}, ${one.oneWayMs} ms a way`);
    rows.push(row(one, samples.get(one) ?? [], await dialStockClient(network, one.address)));
  }
  return rows;
}

async function bench({ runs, json }: Pick<Options, 'runs' | 'json'>): Promise<void> {
  const network = await createNetwork();
  try {
    const rows = await measure(network, runs);
    console.table(rows, ['gateway', 'oneWayMs', 'floorMs', 'allowedMs', 'culvertMs', 'met', 'stockMs']);
    for (const { gateway, oneWayMs, overFloorMs } of rows) {
      const parts = Object.entries(overFloorMs).map(([phase, overMs]) => `${phase} ${overMs}`);
      console.log(`${gateway}, ${oneWayMs} ms a way, over the floor: ${parts.join(', ')}`);
    }
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ runs, rows }, null, 2)}\n`);
  } finally {
    await network.remove();
  }
}

try {
  await bench(parseConnectOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  reportUsage(error);
}
