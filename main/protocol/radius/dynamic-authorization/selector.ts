import type { ErrorCause } from '../numbers.ts';
import { readReplyPolicy, type ReplyPolicy } from '../policy/policy.ts';
import type { NasIdentity } from '../session.ts';
import { addressBytes, addressText } from '../../wire/address.ts';
import { serviceType } from '../numbers.ts';
import type { ReadAttributes } from '../wire/attribute-codec.ts';
import type { AttributeName, AttributeValues } from '../wire/attributes.ts';
import type { SessionSelector } from './types.ts';

/** RFC 5176 §3: which attributes may say which session is meant, and by what word. */
const selecting = {
  userName: 'userName',
  acctSessionId: 'sessionId',
  acctMultiSessionId: 'multiSessionId',
  nasPort: 'nasPort',
  nasPortId: 'nasPortId',
  framedIpAddress: 'framedAddress',
  framedIpv6Prefix: 'framedIpv6Prefix',
  framedInterfaceId: 'framedInterfaceId',
  callingStationId: 'callingStationId',
  calledStationId: 'calledStationId',
  chargeableUserIdentity: 'chargeableUserIdentity',
} as const satisfies Partial<Record<AttributeName, keyof SessionSelector>>;

const identifying: readonly AttributeName[] = ['nasIdentifier', 'nasIpAddress', 'nasIpv6Address'];
const accompanying: readonly AttributeName[] = ['messageAuthenticator', 'eventTimestamp', 'proxyState'];
/** RFC 5176 §3.6: a Disconnect-Request may carry these besides. */
const explaining: readonly AttributeName[] = ['acctTerminateCause', 'replyMessage', 'class'];
/** What a session that is up can still be told. */
const changing: readonly AttributeName[] = [
  'filterId',
  'class',
  'sessionTimeout',
  'idleTimeout',
  'acctInterimInterval',
  'replyMessage',
  'wisprBandwidthMaxUp',
  'wisprBandwidthMaxDown',
  'mikrotikRateLimit',
  'serviceType',
  'framedProtocol',
];

export type ReadRequest =
  | { readonly selector: SessionSelector; readonly policy: ReplyPolicy }
  | { readonly errorCause: ErrorCause; readonly what: string };

/** Which sessions a request means and what shall become of them, or why it cannot be done (RFC 5176 §3). */
export function readRequest(
  action: 'disconnect' | 'change',
  { values, unknown }: ReadAttributes,
  nas: NasIdentity,
): ReadRequest {
  if (!namesUs(values, nas)) return { errorCause: 'nasIdentificationMismatch', what: 'it names another gateway' };
  // RFC 5176 §3.2: what would have us ask the server anew.
  if (values.serviceType !== undefined && values.serviceType !== serviceType.framed) {
    return { errorCause: 'unsupportedService', what: `service ${values.serviceType}` };
  }
  const names = Object.keys(values) as AttributeName[];
  const allowed = new Set<string>([
    ...Object.keys(selecting),
    ...identifying,
    ...accompanying,
    ...(action === 'change' ? changing : explaining),
  ]);
  const strange = [
    ...names.filter((name) => !allowed.has(name)),
    ...unknown.map(({ vendorId, type }) => (vendorId === undefined ? `attribute ${type}` : `${vendorId}/${type}`)),
  ];
  if (strange.length > 0) return { errorCause: 'unsupportedAttribute', what: strange.join(', ') };
  const selector = selectorOf(values);
  if (Object.keys(selector).length === 0) return { errorCause: 'missingAttribute', what: 'it names no session' };
  const policy = readReplyPolicy(values);
  if (policy.unusable.length > 0) return { errorCause: 'invalidAttributeValue', what: policy.unusable.join(', ') };
  return { selector, policy };
}

function selectorOf(values: AttributeValues): SessionSelector {
  const given = Object.entries(selecting).flatMap(([name, word]) => {
    const value = values[name as keyof typeof selecting];
    return value === undefined ? [] : [[word, value] as const];
  });
  return Object.fromEntries(given);
}

function namesUs(values: AttributeValues, { identifier, address }: NasIdentity): boolean {
  const { nasIdentifier, nasIpAddress, nasIpv6Address } = values;
  const ours = address === undefined ? undefined : addressBytes(address);
  const ourText = ours && addressText(ours);
  return (
    (nasIdentifier ?? identifier) === identifier &&
    [nasIpAddress, nasIpv6Address].every((named) => named === undefined || named === ourText)
  );
}
