import { delay } from '../../support/processes.ts';
import { carryTcp, ping } from '../traffic.ts';
import type { Measure } from './measure.ts';

const ports = { stream: 5204, echo: 5205 } as const;
const intervalMs = 4;

/** Round trips of small packets while one TCP stream takes all that it gets, the same way. */
export const latency: Measure = {
  name: 'latency',
  title: 'latency under one TCP stream',
  quick: false,
  kinds: ['underlay', 'culvert', 'peer'],
  run: async ({ tunnel: { near, far }, times: { warmUpMs, measureMs } }) => {
    // The stream outlasts the pings, also where they start late.
    const stream = carryTcp(near, far, { warmUpMs, measureMs: measureMs + 1000, streams: 1, port: ports.stream });
    const pings = delay(warmUpMs * 2).then(() =>
      ping(near, far, { durationMs: measureMs, intervalMs, port: ports.echo }),
    );
    const [carried, trips] = await Promise.allSettled([stream, pings]);
    if (carried.status === 'rejected') throw carried.reason;
    if (trips.status === 'rejected') throw trips.reason;
    const { packets, lost, medianMs, percentile99Ms } = trips.value;
    return { medianMs, percentile99Ms, lostShare: lost / packets, gigabitsPerSecond: carried.value.gigabitsPerSecond };
  },
};
