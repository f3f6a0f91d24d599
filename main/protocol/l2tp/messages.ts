import type { AvpName, AvpValues } from './avps.ts';
import { readAvps, writeAvps, type AvpProblem, type Hiding } from './avp-codec.ts';
import { readControl, type ControlHeader } from './header.ts';

interface MessageDefinition {
  readonly type: number;
  /** What an error in it ends: the tunnel (by StopCCN) or one call (by CDN). */
  readonly about: 'tunnel' | 'call';
  /**
   * What nothing can be done without. RFC 2661 §6 requires more; peers leave some of it out, and nothing hangs on it.
   */
  readonly needs: readonly AvpName[];
}

/** Every control message of RFC 2661 §3.2. */
export const messages = {
  SCCRQ: { type: 1, about: 'tunnel', needs: ['assignedTunnelId'] },
  SCCRP: { type: 2, about: 'tunnel', needs: ['assignedTunnelId'] },
  SCCCN: { type: 3, about: 'tunnel', needs: [] },
  StopCCN: { type: 4, about: 'tunnel', needs: [] },
  HELLO: { type: 6, about: 'tunnel', needs: [] },
  OCRQ: { type: 7, about: 'call', needs: ['assignedSessionId'] },
  OCRP: { type: 8, about: 'call', needs: ['assignedSessionId'] },
  OCCN: { type: 9, about: 'call', needs: [] },
  ICRQ: { type: 10, about: 'call', needs: ['assignedSessionId'] },
  ICRP: { type: 11, about: 'call', needs: ['assignedSessionId'] },
  ICCN: { type: 12, about: 'call', needs: [] },
  CDN: { type: 14, about: 'call', needs: [] },
  WEN: { type: 15, about: 'call', needs: ['callErrors'] },
  SLI: { type: 16, about: 'call', needs: ['accm'] },
} as const satisfies Record<string, MessageDefinition>;

export type MessageName = keyof typeof messages;
export type TunnelMessage = {
  [K in MessageName]: (typeof messages)[K]['about'] extends 'tunnel' ? K : never;
}[MessageName];
export type CallMessage = Exclude<MessageName, TunnelMessage>;

const definitions = new Map<number, MessageName>(
  (Object.keys(messages) as MessageName[]).map((name) => [messages[name].type, name]),
);

/** One control message, read. */
export interface Message {
  readonly header: ControlHeader;
  /** `ZLB`: an acknowledgement alone. `unknown`: a message type this document does not define. */
  readonly name: MessageName | 'ZLB' | 'unknown';
  readonly avps: AvpValues;
  /** AVPs that were not understood, in the order of the message. */
  readonly problems: readonly AvpProblem[];
}

/**
 * Reads a control message whole.
 * @throws WireError where the header or the framing of the AVPs is broken; a bad AVP in good framing is a problem instead.
 */
export function readMessage(bytes: Uint8Array, hiding: Hiding | undefined): Message {
  const { header, body } = readControl(bytes);
  if (body.length === 0) return { header, name: 'ZLB', avps: {}, problems: [] };
  const { values, problems, typeIsMandatory } = readAvps(body, hiding);
  const name = definitions.get(values.messageType);
  if (name !== undefined) return { header, name, avps: values, problems };
  // §4.4.1: an unknown message type is fatal if its M bit is set, else the message is ignored.
  const problem = { what: 'unknown', vendorId: 0, type: 0, mandatory: typeIsMandatory } as const;
  return { header, name: 'unknown', avps: values, problems: [problem] };
}

/** The AVPs of one message, the message type first (§4.4.1). */
export function writeBody(name: MessageName, values: AvpValues, hiding: Hiding | undefined): Uint8Array {
  return writeAvps({ ...values, messageType: messages[name].type }, hiding);
}

export function isAbout<A extends 'tunnel' | 'call'>(
  name: MessageName,
  about: A,
): name is A extends 'tunnel' ? TunnelMessage : CallMessage {
  return messages[name].about === about;
}
