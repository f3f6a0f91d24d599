import type { CallMessage } from './messages.ts';

/** One call (RFC 2661 §7.3 to §7.5), with what exists in each state. */
export type Call = {
  readonly localSessionId: number;
  readonly automaton: CallAutomaton;
  readonly callSerial: number;
} & (
  | { readonly at: 'waitTunnel'; readonly calledNumber?: string; readonly callingNumber?: string }
  | { readonly at: 'waitReply'; readonly deadlineMs: number }
  | {
      readonly at: 'waitConnect';
      readonly deadlineMs: number;
      readonly remoteSessionId: number;
    }
  | { readonly at: 'established'; readonly remoteSessionId: number }
);

export type CallAction =
  /** ICRQ or OCRQ goes out. */
  | 'request'
  /** ICRP was good: ICCN goes out, the call is up. */
  | 'connect'
  /** OCRP was good: the LAC dials. */
  | 'awaitConnect'
  /** ICCN or OCCN: the call is up. */
  | 'up'
  /** Out of place: CDN. */
  | 'refuse'
  /** The peer ends the call. */
  | 'clear'
  | 'tellLinkInfo'
  | 'tellWanErrors';

type Row = { readonly [E in CallMessage | 'tunnelUp']?: CallAction };

/**
 * The four automata of RFC 2661 §7.4.1, §7.4.2, §7.5.1 and §7.5.2. Left out: the idle rows (a request that comes to no
 * call starts one, another message to none is refused or ignored), the local close request (CDN from every state after
 * waitTunnel), and the LAC's wait-cs-answer, since a bearer that is answered at once keeps no one waiting. What a row
 * does not name is ignored.
 */
export const callTables = {
  incomingLac: {
    waitTunnel: { tunnelUp: 'request' },
    waitReply: { ICRP: 'connect', ICRQ: 'refuse', ICCN: 'refuse', CDN: 'clear' },
    waitConnect: {},
    established: { ICRQ: 'refuse', ICRP: 'refuse', ICCN: 'refuse', CDN: 'clear', SLI: 'tellLinkInfo' },
  },
  incomingLns: {
    waitTunnel: {},
    waitReply: {},
    waitConnect: { ICCN: 'up', ICRQ: 'refuse', ICRP: 'refuse', CDN: 'clear' },
    established: { ICRQ: 'refuse', ICRP: 'refuse', ICCN: 'refuse', CDN: 'clear', WEN: 'tellWanErrors' },
  },
  outgoingLac: {
    waitTunnel: {},
    waitReply: {},
    waitConnect: {},
    established: { OCRQ: 'refuse', OCRP: 'refuse', OCCN: 'refuse', CDN: 'clear', SLI: 'tellLinkInfo' },
  },
  outgoingLns: {
    waitTunnel: { tunnelUp: 'request' },
    waitReply: { OCRP: 'awaitConnect', OCRQ: 'refuse', OCCN: 'refuse', CDN: 'clear' },
    waitConnect: { OCCN: 'up', OCRQ: 'refuse', OCRP: 'refuse', CDN: 'clear' },
    established: { OCRQ: 'refuse', OCRP: 'refuse', OCCN: 'refuse', CDN: 'clear', WEN: 'tellWanErrors' },
  },
} as const satisfies Record<string, Record<'waitTunnel' | 'waitReply' | 'waitConnect' | 'established', Row>>;

export type CallAutomaton = keyof typeof callTables;

export function callAction(call: Call, event: CallMessage | 'tunnelUp'): CallAction | undefined {
  const row: Row = callTables[call.automaton][call.at];
  return row[event];
}

/** The peer's name for the call, 0 while it has none (RFC 2661 §4.4.4). */
export function remoteSessionId(call: Call): number {
  return 'remoteSessionId' in call ? call.remoteSessionId : 0;
}
