import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { failure, type Result } from '../contracts/failure.ts';

const lookupTimeoutMs = 10_000;

/** What Node makes of EAI_NONAME (RFC 3493 §6.1), and of EAI_NODATA, which is older. */
const nameUnknown = 'ENOTFOUND';
const reasons: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'no name server gave a usable answer',
  EAI_FAIL: 'the name server failed',
};

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
    const reason = `no name server answered within ${lookupTimeoutMs / 1000} s`;
    return { ok: false, failure: failure('gateway.lookupFailed', { host, reason }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === nameUnknown) return { ok: false, failure: failure('gateway.nameNotFound', { host }) };
    return { ok: false, failure: failure('gateway.lookupFailed', { host, reason: reasons[code] ?? code }) };
  } finally {
    timeout.abort();
  }
}
