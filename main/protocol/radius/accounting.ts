import { acctAuthentic, acctStatusType, terminateCauses, type TerminateCause } from './numbers.ts';
import { sessionAttributes, type SessionFacts } from './session.ts';
import type { AttributeValues } from './wire/attributes.ts';

export interface AccountedSession extends SessionFacts {
  /** As the user signed in, or as the server's Access-Accept renamed him. */
  readonly userName: string;
  readonly authentic: keyof typeof acctAuthentic;
  /** Of the Access-Accept, verbatim. */
  readonly class: readonly Uint8Array[];
  /** The address given to the client, IPv4. */
  readonly framedAddress?: string;
}

interface Amount {
  readonly octets: bigint;
  readonly packets: bigint;
}

export interface SessionUsage {
  readonly seconds: number;
  /** What the client sent ("input"), and what it was sent. */
  readonly fromUser: Amount;
  readonly toUser: Amount;
}

/** One event to be accounted for. */
export type AccountingRecord =
  /** The gateway came up, or goes down: no session is left from before (RFC 2866 §5.1). */
  | { readonly kind: 'on' | 'off' }
  | { readonly kind: 'start'; readonly session: AccountedSession }
  | { readonly kind: 'interim'; readonly session: AccountedSession; readonly usage: SessionUsage }
  | {
      readonly kind: 'stop';
      readonly session: AccountedSession;
      readonly usage: SessionUsage;
      readonly cause: TerminateCause;
    };

/** RFC 2866 §5, RFC 2869 §5.1 to §5.3. */
export function accountingAttributes(record: AccountingRecord): AttributeValues {
  const acctStatusTypeValue = { acctStatusType: acctStatusType[record.kind] };
  switch (record.kind) {
    case 'on':
    case 'off':
      return acctStatusTypeValue;
    case 'start':
      return { ...acctStatusTypeValue, ...who(record.session) };
    case 'interim':
      return { ...acctStatusTypeValue, ...who(record.session), ...used(record.usage) };
    case 'stop':
      return {
        ...acctStatusTypeValue,
        ...who(record.session),
        ...used(record.usage),
        acctTerminateCause: terminateCauses[record.cause],
      };
  }
}

function who({ userName, authentic, class: classes, framedAddress, ...facts }: AccountedSession): AttributeValues {
  return {
    ...sessionAttributes(facts),
    userName,
    acctAuthentic: acctAuthentic[authentic],
    class: classes,
    ...(framedAddress === undefined ? {} : { framedIpAddress: framedAddress }),
  };
}

function used({ seconds, fromUser, toUser }: SessionUsage): AttributeValues {
  return {
    acctSessionTime: Math.floor(seconds),
    acctInputOctets: low(fromUser.octets),
    acctInputGigawords: low(fromUser.octets >> 32n),
    acctInputPackets: low(fromUser.packets),
    acctOutputOctets: low(toUser.octets),
    acctOutputGigawords: low(toUser.octets >> 32n),
    acctOutputPackets: low(toUser.packets),
  };
}

function low(count: bigint): number {
  return Number(count & 0xffff_ffffn);
}
