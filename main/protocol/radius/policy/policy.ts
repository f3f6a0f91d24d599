import { printable } from '../../wire/text.ts';
import type { AttributeValues } from '../wire/attributes.ts';
import type { Ipv6Prefix } from '../wire/values.ts';
import { parseFramedRoute, type FramedRoute } from './framed-route.ts';
import { readRateLimit, type RateLimit } from './rate-limit.ts';

/** RFC 2865 §5.8: two of the addresses say who chooses. */
export type FramedAddress =
  | { readonly chosenBy: 'server'; readonly address: string; readonly netmask: string | undefined }
  | { readonly chosenBy: 'client' }
  | { readonly chosenBy: 'host' };

/** What an Access-Accept (or a CoA-Request) says a session shall be. `undefined` and empty: the answer does not say. */
export interface ReplyPolicy {
  /** The name to account under, where the server knows a better one (RFC 2865 §5.1). */
  readonly userName: string | undefined;
  readonly address: FramedAddress | undefined;
  readonly pool: string | undefined;
  readonly routes: readonly FramedRoute[];
  readonly mtuBytes: number | undefined;
  readonly ipv6: {
    readonly address: string | undefined;
    readonly pool: string | undefined;
    readonly prefixes: readonly Ipv6Prefix[];
    readonly delegatedPrefixes: readonly Ipv6Prefix[];
    readonly routes: readonly FramedRoute[];
    readonly interfaceId: Uint8Array | undefined;
  };
  /** Filter-Id, as groups or filters are named here. */
  readonly filters: readonly string[];
  /** Returned verbatim with the accounting (RFC 2865 §5.25). */
  readonly class: readonly Uint8Array[];
  readonly sessionTimeoutSeconds: number | undefined;
  readonly idleTimeoutSeconds: number | undefined;
  readonly portLimit: number | undefined;
  readonly interimSeconds: number | undefined;
  readonly dns: readonly string[];
  readonly wins: readonly string[];
  readonly rateLimit: RateLimit | undefined;
  /** Reply-Message for the user: lines without control characters; '' where there is none. */
  readonly message: string;
  /** What was there and could not be used, for the log. */
  readonly unusable: readonly string[];
}

/** RFC 2869 §5.16: it must not be less. */
const leastInterimSeconds = 60;
/** RFC 2865 §5.12. */
const mtu = { leastBytes: 64, mostBytes: 65_535 };

export function readReplyPolicy(values: AttributeValues): ReplyPolicy {
  const unusable: string[] = [];
  const routes = (texts: readonly string[], family: 'ipv4' | 'ipv6'): FramedRoute[] =>
    texts.flatMap((text) => {
      const route = parseFramedRoute(text, family);
      if (route === undefined) unusable.push(`the route "${printable(text)}"`);
      return route ?? [];
    });
  const { mikrotikRateLimit, framedMtu } = values;
  const rateLimit = readRateLimit(values);
  if (rateLimit === 'malformed') unusable.push(`the rate limit "${printable(mikrotikRateLimit ?? '')}"`);
  const mtuFits = framedMtu === undefined || (framedMtu >= mtu.leastBytes && framedMtu <= mtu.mostBytes);
  if (!mtuFits) unusable.push(`the MTU ${framedMtu}`);
  return {
    userName: values.userName,
    address: framedAddress(values),
    pool: values.framedPool,
    routes: routes(values.framedRoute ?? [], 'ipv4'),
    mtuBytes: mtuFits ? framedMtu : undefined,
    ipv6: {
      address: values.framedIpv6Address,
      pool: values.framedIpv6Pool,
      prefixes: values.framedIpv6Prefix ?? [],
      delegatedPrefixes: values.delegatedIpv6Prefix ?? [],
      routes: routes(values.framedIpv6Route ?? [], 'ipv6'),
      interfaceId: values.framedInterfaceId,
    },
    filters: values.filterId ?? [],
    class: values.class ?? [],
    sessionTimeoutSeconds: unlessZero(values.sessionTimeout),
    idleTimeoutSeconds: unlessZero(values.idleTimeout),
    portLimit: unlessZero(values.portLimit),
    interimSeconds: interim(values.acctInterimInterval),
    dns: addresses(values.msPrimaryDnsServer, values.msSecondaryDnsServer, ...(values.dnsServerIpv6Address ?? [])),
    wins: addresses(values.msPrimaryNbnsServer, values.msSecondaryNbnsServer),
    rateLimit: rateLimit === 'malformed' ? undefined : rateLimit,
    message: replyMessage(values),
    unusable,
  };
}

/** RFC 2865 §5.18: several are shown in their order. */
export function replyMessage({ replyMessage: messages = [] }: AttributeValues): string {
  return messages
    .map(printable)
    .filter((message) => message !== '')
    .join('\n');
}

function framedAddress({ framedIpAddress, framedIpNetmask }: AttributeValues): FramedAddress | undefined {
  switch (framedIpAddress) {
    case undefined:
      return undefined;
    case '255.255.255.255':
      return { chosenBy: 'client' };
    case '255.255.255.254':
      return { chosenBy: 'host' };
    default:
      return { chosenBy: 'server', address: framedIpAddress, netmask: framedIpNetmask };
  }
}

/** Servers send 0 for "no limit", where the standard has them send nothing. */
function unlessZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function interim(seconds: number | undefined): number | undefined {
  const wanted = unlessZero(seconds);
  return wanted === undefined ? undefined : Math.max(leastInterimSeconds, wanted);
}

function addresses(...given: readonly (string | undefined)[]): string[] {
  return given.filter((address) => address !== undefined && address !== '0.0.0.0' && address !== '::') as string[];
}
