import { z } from 'zod';

/** What the tunnel carried in the time before `at` (milliseconds since 1970), as users' bytes in a second. */
export const trafficSample = z.strictObject({
  at: z.number(),
  receivedPerSecond: z.number().min(0),
  sentPerSecond: z.number().min(0),
});

/** Since the connection was made; counters are decimal strings, since they outgrow a double. */
export const trafficSlice = z.strictObject({
  receivedBytes: z.string(),
  sentBytes: z.string(),
  newest: trafficSample.exactOptional(),
});

export type TrafficSample = z.infer<typeof trafficSample>;
export type TrafficSlice = z.infer<typeof trafficSlice>;
