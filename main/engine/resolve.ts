import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { failure, type Result } from '../contracts/failure.ts';

const lookupTimeoutMs = 10_000;

/** What Node makes of a name that is none (EAI_NONAME and EAI_NODATA of RFC 3493 §6.1); all else is about who was asked. */
const nameUnknown = 'ENOTFOUND';

/** The gateway's address; what is an address already needs no lookup. */
export async function resolveGateway(host: string): Promise<Result<string>> {
  if (isIP(host) !== 0) return { ok: true, value: host };
  const timeout = new AbortController();
  try {
    const found = await Promise.race([
      lookup(host),
      pause(lookupTimeoutMs, undefined, { ref: false, signal: timeout.signal }),
    ]);
    if (found !== undefined) return { ok: true, value: found.address };
    return { ok: false, failure: failure('gateway.noNameServer', { host }) };
  } catch (error) {
    const isUnknown = error instanceof Error && 'code' in error && error.code === nameUnknown;
    return { ok: false, failure: failure(isUnknown ? 'gateway.nameNotFound' : 'gateway.noNameServer', { host }) };
  } finally {
    timeout.abort();
  }
}
