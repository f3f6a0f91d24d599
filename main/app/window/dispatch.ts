import { z } from 'zod';
import { type CallName, calls, type Handlers } from '../../contracts/ipc/index.ts';
import type { Result } from '../../contracts/failure.ts';

/** What the window gets instead of an answer, where it asked for what there is not: only a broken or a hostile window does. */
export class CallRefused extends Error {
  readonly code = 'app.callRefused';
}

/**
 * Performs a call of the window: the name has to be one of the contract's, the argument of its shape, and the value of its shape too.
 * Refusals name places, never values, since there may be secrets.
 */
export async function dispatch(handlers: Handlers, name: unknown, argument: unknown): Promise<Result<unknown>> {
  if (!isCallName(name)) throw new CallRefused('there is no such call');
  const contract = calls[name];
  const taken = contract.argument.safeParse(argument);
  if (!taken.success) throw new CallRefused(`${name}: ${placesOf(taken.error)}`);
  const handler = handlers[name] as (argument: unknown) => Promise<Result<unknown>> | Result<unknown>;
  const result = await handler(taken.data);
  return result.ok ? { ok: true, value: z.encode(contract.value as z.ZodType, result.value) } : result;
}

function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name);
}

function placesOf(error: z.ZodError): string {
  const places = error.issues.slice(0, 5).map(({ path, code }) => `${path.join('.') || 'the argument'} (${code})`);
  return places.join(', ');
}
