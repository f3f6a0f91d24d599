import { createHash } from 'node:crypto';
import type { RevocationSources } from '../types.ts';
import { fetchBounded } from './http.ts';
import { largestListBytes } from './list.ts';
import { largestAnswerBytes } from './responder.ts';

export interface RevocationSourceOptions {
  /** For each place that is asked. A peer waits for it, so it has to be less than peers wait. */
  readonly timeoutMs?: number;
  /** Where the responder runs on this machine. */
  readonly allowLoopback?: boolean;
}

interface Kept {
  readonly bytes: Uint8Array;
  readonly untilMs: number;
}

const standardTimeoutMs = 4000;
/** A place that did not answer is not asked again for so long: the next peer would have to wait too. */
const silentMs = 30_000;
const mostPlaces = 256;
const mostKeptBytes = 32 * 1024 * 1024;

/** Asks over HTTP, each place once at a time, and keeps what was found good until it is due to be replaced. */
export function openRevocationSources({
  timeoutMs = standardTimeoutMs,
  allowLoopback = false,
}: RevocationSourceOptions = {}): RevocationSources {
  const kept = new Map<string, Kept>();
  const silent = new Map<string, number>();
  const asking = new Map<string, Promise<Uint8Array | undefined>>();
  const origins = new WeakMap<Uint8Array, string>();

  const ask = async (
    key: string,
    nowMs: number,
    fetchNow: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> => {
    const known = kept.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.bytes;
    kept.delete(key);
    if (nowMs < (silent.get(key) ?? 0)) return undefined;
    const pending = asking.get(key) ?? fetchNow().finally(() => asking.delete(key));
    asking.set(key, pending);
    const bytes = await pending;
    if (bytes === undefined) remember(silent, key, nowMs + silentMs);
    else origins.set(bytes, key);
    return bytes;
  };

  return {
    fetchList: (url, nowMs) =>
      ask(keyOf(url), nowMs, () => fetchBounded(url, { limitBytes: largestListBytes, timeoutMs, allowLoopback })),
    askResponder: (url, request, nowMs) =>
      ask(keyOf(url, request), nowMs, () =>
        fetchBounded(url, {
          limitBytes: largestAnswerBytes,
          timeoutMs,
          allowLoopback,
          body: { bytes: request, type: 'application/ocsp-request' },
        }),
      ),
    keep: (bytes, untilMs) => {
      const key = origins.get(bytes);
      if (key === undefined) return;
      remember(kept, key, { bytes, untilMs });
      boundBytes(kept);
    },
  };
}

function keyOf(url: string, request?: Uint8Array): string {
  return request === undefined ? url : `${createHash('sha256').update(request).digest('hex')} ${url}`;
}

/** The oldest goes where there are too many. */
function remember<Value>(entries: Map<string, Value>, key: string, value: Value): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > mostPlaces && oldest !== undefined) entries.delete(oldest);
}

function boundBytes(kept: Map<string, Kept>): void {
  let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  for (const [key, { bytes }] of kept) {
    if (total <= mostKeptBytes) return;
    kept.delete(key);
    total -= bytes.length;
  }
}
