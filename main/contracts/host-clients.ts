import { z } from 'zod';
import { clientPlatforms, type ClientPlatform } from './client-platforms.ts';

/** How a client is set up: what to do on its own screens, and files that do it. */

export const clientPlatform = z.enum(Object.keys(clientPlatforms) as [ClientPlatform]);

/** One thing to do, in order: a sentence, then what to type into which field, or into a terminal. */
export const clientStep = z.strictObject({
  text: z.string(),
  /** `isTyped`: the value itself goes into the field; otherwise it says what to choose there. */
  fields: z
    .array(z.strictObject({ label: z.string(), value: z.string(), isTyped: z.boolean(), isSecret: z.boolean() }))
    .max(16),
  /** Lines of one command, or several. */
  commands: z.array(z.string()).max(16),
});

export const clientFileKinds = ['powershell', 'registry', 'mobileconfig', 'nmconnection', 'culvertProfile'] as const;

export const clientInstructions = z.strictObject({
  platform: clientPlatform,
  steps: z.array(clientStep).max(16),
  files: z.array(z.strictObject({ kind: z.enum(clientFileKinds), name: z.string(), what: z.string() })).max(4),
});

export type ClientStep = z.infer<typeof clientStep>;
export type ClientInstructions = z.infer<typeof clientInstructions>;
export type ClientFileKind = (typeof clientFileKinds)[number];
