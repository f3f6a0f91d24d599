import { z } from 'zod';
import { promptId } from '../app-state/prompts.ts';
import { promptAnswer } from '../prompt.ts';
import { call, nothing } from './call.ts';

/** A prompt that is over meanwhile is no error: its time was up just before. */
export const promptCalls = {
  'prompts.answer': call(z.strictObject({ id: promptId, answer: promptAnswer }), nothing),
  'prompts.cancel': call(z.strictObject({ id: promptId }), nothing),
} as const;
