import { processesOn, processorSeconds, type Tunnel } from '../system.ts';
import { carryTcp, type TcpOptions, type Times } from '../traffic.ts';
import type { Figures, Measure } from './measure.ts';

type Carried = Awaited<ReturnType<typeof carryTcp>>;

const ports = { up: 5201, down: 5202 } as const;

/** The traffic's figures, and what the VPN's own processes used for all that was carried. */
async function accounted({ near, far }: Tunnel, carry: () => Promise<readonly Carried[]>): Promise<Figures> {
  const [nearPids, farPids] = [await processesOn(near.machine), await processesOn(far.machine)];
  const before = [processorSeconds(nearPids), processorSeconds(farPids)] as const;
  const carried = await carry();
  const gigabytes = carried.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9;
  return {
    gigabitsPerSecond: carried.reduce((sum, each) => sum + each.gigabitsPerSecond, 0),
    nearSecondsPerGigabyte: (processorSeconds(nearPids) - before[0]) / gigabytes,
    farSecondsPerGigabyte: (processorSeconds(farPids) - before[1]) / gigabytes,
  };
}

function upwards({ near, far }: Tunnel, times: Times, options: Pick<TcpOptions, 'streams' | 'sources'>) {
  return carryTcp(near, far, { ...times, ...options, port: ports.up });
}

/** `count` of the tunnel's own addresses, spread over all of its sessions. */
function spread({ sources }: Tunnel, count: number): string[] {
  const step = sources.length / Math.min(count, sources.length);
  return sources.filter((_, index) => index % Math.floor(step) === 0).slice(0, count);
}

const compared = ['underlay', 'culvert', 'peer'] as const;

export const tcp1: Measure = {
  name: 'tcp1',
  title: 'one TCP stream',
  quick: true,
  kinds: [...compared, 'translator', 'sessions'],
  run: ({ tunnel, times }) => accounted(tunnel, async () => [await upwards(tunnel, times, { streams: 1 })]),
};

export const tcp8: Measure = {
  name: 'tcp8',
  title: '8 TCP streams',
  quick: false,
  kinds: [...compared, 'translator'],
  run: ({ tunnel, times }) => accounted(tunnel, async () => [await upwards(tunnel, times, { streams: 8 })]),
};

export const tcpboth: Measure = {
  name: 'tcpboth',
  title: 'a TCP stream each way',
  quick: false,
  kinds: compared,
  run: ({ tunnel, times }) =>
    accounted(tunnel, () =>
      Promise.all([
        upwards(tunnel, times, { streams: 1 }),
        carryTcp(tunnel.far, tunnel.near, { ...times, streams: 1, port: ports.down }),
      ]),
    ),
};

export const tcp8spread: Measure = {
  name: 'tcp8spread',
  title: '8 TCP streams in as many sessions',
  quick: false,
  kinds: ['sessions'],
  run: ({ tunnel, times }) =>
    accounted(tunnel, async () => [await upwards(tunnel, times, { streams: 8, sources: spread(tunnel, 8) })]),
};
