import { z } from 'zod';
import { profileId } from '../app-state/profiles.ts';
import { trafficSample } from '../app-state/traffic.ts';
import { call, nothing } from './call.ts';

export const connectionCalls = {
  /** Answers at once; the connection's slice shows what becomes of it. Another connection is ended first. */
  'connection.connect': call(
    z.strictObject({
      /** `trialId`: to the gateway of a trial, which is started for it. */
      profile: profileId,
      /** This once, offer proposals one level below the profile's `ipsec.security`. */
      allowOlder: z.literal(true).exactOptional(),
      /** This once, where the service gives no helper: start one by an administrator's password. */
      elevate: z.literal(true).exactOptional(),
    }),
    nothing,
  ),
  /** Also ends a connection that is being dialled, or that waits to dial again. */
  'connection.disconnect': call(nothing, nothing),
  /** Puts a failed connection out of sight, and what an earlier run left to say. */
  'connection.dismiss': call(nothing, nothing),
  /** The samples so far, oldest first: the slice shows the newest alone. */
  'connection.traffic': call(nothing, z.array(trafficSample)),
} as const;
