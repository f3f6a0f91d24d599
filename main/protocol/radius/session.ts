import type { AttributeValues } from './wire/attributes.ts';
import { framedProtocol, nasPortType, serviceType } from './numbers.ts';

/** How this gateway names itself (RFC 2865 §5.4, §5.32). */
export interface NasIdentity {
  readonly identifier: string;
  /** IPv4 or IPv6. */
  readonly address?: string;
}

/** What a server and its administrator know a session by, from its first request on. */
export interface SessionFacts {
  /** Acct-Session-Id: unique for this gateway, over restarts too. */
  readonly sessionId: string;
  readonly nasPort?: number;
  /** Where the client comes from: its address outside the tunnel. */
  readonly callingStationId?: string;
  /** What it called: the gateway's address or name. */
  readonly calledStationId?: string;
  readonly connectInfo?: string;
}

export function nasAttributes({ identifier, address }: NasIdentity): AttributeValues {
  const named = { nasIdentifier: identifier };
  if (address === undefined) return named;
  return address.includes(':') ? { ...named, nasIpv6Address: address } : { ...named, nasIpAddress: address };
}

export function sessionAttributes({ sessionId, ...others }: SessionFacts): AttributeValues {
  return {
    acctSessionId: sessionId,
    ...others,
    serviceType: serviceType.framed,
    framedProtocol: framedProtocol.ppp,
    nasPortType: nasPortType.virtual,
  };
}
