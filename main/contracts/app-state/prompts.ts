import { z } from 'zod';
import { prompt } from '../prompt.ts';

export const promptId = z.int().min(1);

/** Prompts that wait for the user, oldest first. `until`: milliseconds since 1970. */
export const promptsSlice = z.array(
  z.strictObject({ id: promptId, connection: z.string(), prompt, until: z.number() }),
);

export type WaitingPrompt = z.infer<typeof promptsSlice>[number];
