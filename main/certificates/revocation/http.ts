import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request, type IncomingMessage } from 'node:http';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface Fetching {
  readonly limitBytes: number;
  /** From the first look-up to the last byte. */
  readonly timeoutMs: number;
  /** Present: posted; absent: fetched. */
  readonly body?: { readonly bytes: Uint8Array; readonly type: string };
  /** For a responder on this machine; otherwise nothing of this machine is asked, since whoever wrote the URL is somebody else. */
  readonly allowLoopback: boolean;
}

const mostRedirects = 3;

/** Addresses that are no place for a revocation list: of this machine, of its link (where clouds keep secrets), of many. */
const never = new BlockList();
never.addSubnet('0.0.0.0', 8);
never.addSubnet('169.254.0.0', 16);
never.addSubnet('224.0.0.0', 3);
never.addAddress('::', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Plain HTTP, bounded in size, time and redirects. @returns `undefined` where there is no answer with status 200 */
export async function fetchBounded(url: string, fetching: Fetching): Promise<Uint8Array | undefined> {
  const signal = AbortSignal.timeout(fetching.timeoutMs);
  let next = url;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const answer = await exchange(next, fetching, signal).catch(() => undefined);
    if (answer === undefined || 'bytes' in answer) return answer?.bytes;
    if (!URL.canParse(answer.location, next)) return undefined;
    next = new URL(answer.location, next).href;
  }
  return undefined;
}

type Answer = { readonly bytes: Uint8Array } | { readonly location: string };

function exchange(url: string, fetching: Fetching, signal: AbortSignal): Promise<Answer | undefined> {
  const { protocol, hostname, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isOpen = username === '' && password === '';
  if (protocol !== 'http:' || !isOpen || (isIP(host) !== 0 && !isAllowed(host, fetching.allowLoopback)))
    return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const { body } = fetching;
    const outgoing = request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': body.type, 'content-length': body.bytes.length },
      // A connection of its own: it is over with the answer.
      agent: false,
      lookup: guardedLookup(fetching.allowLoopback),
      maxHeaderSize: 8192,
      signal,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const { statusCode = 0, headers } = incoming;
      if ([301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined && body === undefined) {
        incoming.destroy();
        resolve({ location: headers.location });
      } else if (statusCode !== 200) {
        incoming.destroy();
        resolve(undefined);
      } else {
        collect(incoming, fetching.limitBytes).then((bytes) => {
          resolve(bytes && { bytes });
        }, reject);
      }
    });
    outgoing.end(body?.bytes);
  });
}

async function collect(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** What a name stands for is judged where it is used, so that it cannot stand for something else a moment later. */
function guardedLookup(allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const allowed = error === null ? addresses.filter(({ address }) => isAllowed(address, allowLoopback)) : [];
      const [first] = allowed;
      if (first === undefined) callback(error ?? new Error('no address that may be asked'), '', 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function isAllowed(address: string, allowLoopback: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  // An IPv4 address that is written as an IPv6 one is judged by the lists of IPv4 (BlockList does that).
  return !never.check(address, family) && (allowLoopback || !loopback.check(address, family));
}
