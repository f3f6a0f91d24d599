import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { failure, type Result } from '../contracts/failure.ts';

const lookupTimeoutMs = 10_000;

/** The gateway's address; what is an address already needs no lookup. */
export async function resolveGateway(host: string): Promise<Result<string>> {
  if (isIP(host) !== 0) return { ok: true, value: host };
  const notFound = (reason: string): Result<string> => ({
    ok: false,
    failure: failure('gateway.nameNotFound', { host, reason }),
  });
  const timeout = new AbortController();
  try {
    const found = await Promise.race([
      lookup(host),
      pause(lookupTimeoutMs, undefined, { ref: false, signal: timeout.signal }),
    ]);
    return found === undefined ? notFound('no answer from the name servers') : { ok: true, value: found.address };
  } catch (error) {
    return notFound(error instanceof Error && 'code' in error ? String(error.code) : String(error));
  } finally {
    timeout.abort();
  }
}
