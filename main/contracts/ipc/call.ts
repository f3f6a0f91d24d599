import { z } from 'zod';

/** What the window may ask the program for: the main process checks the argument before it acts, and the result before it answers. */
export interface CallContract<Argument extends z.ZodType = z.ZodType, Value extends z.ZodType = z.ZodType> {
  readonly argument: Argument;
  /** Of a call that went well; otherwise its answer is a failure. */
  readonly value: Value;
}

export function call<Argument extends z.ZodType, Value extends z.ZodType>(
  argument: Argument,
  value: Value,
): CallContract<Argument, Value> {
  return { argument, value };
}

/** No argument, or nothing to say but that it is done. */
export const nothing = z.undefined();
