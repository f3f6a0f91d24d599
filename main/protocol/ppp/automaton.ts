/** The option negotiation automaton of RFC 1661 §4.1, for LCP and every network control protocol. */

export type AutomatonState =
  'initial' | 'starting' | 'closed' | 'stopped' | 'closing' | 'stopping' | 'reqSent' | 'ackRcvd' | 'ackSent' | 'opened';

/** RFC 1661 §4.3. TO: the restart timer, with (+) or without (-) tries left. RXJ-: a reject that cannot be lived with. */
export type AutomatonEvent =
  | 'Up'
  | 'Down'
  | 'Open'
  | 'Close'
  | 'TO+'
  | 'TO-'
  | 'RCR+'
  | 'RCR-'
  | 'RCA'
  | 'RCN'
  | 'RTR'
  | 'RTA'
  | 'RUC'
  | 'RXJ+'
  | 'RXJ-'
  | 'RXR';

/** RFC 1661 §4.4. */
export type AutomatonAction =
  'tlu' | 'tld' | 'tls' | 'tlf' | 'irc' | 'zrc' | 'scr' | 'sca' | 'scn' | 'str' | 'sta' | 'scj' | 'ser';

export type Transition = readonly [next: AutomatonState, ...actions: AutomatonAction[]];

/**
 * What is absent cannot happen in that state (the RFC's dash). The RFC's options are not taken: Open in a state marked
 * `r` does not restart the layer, TO- marked `p` does not wait passively.
 */
export const automaton: Readonly<Record<AutomatonState, Readonly<Partial<Record<AutomatonEvent, Transition>>>>> = {
  initial: { Up: ['closed'], Open: ['starting', 'tls'], Close: ['initial'] },
  starting: { Up: ['reqSent', 'irc', 'scr'], Open: ['starting'], Close: ['initial', 'tlf'] },
  closed: {
    Down: ['initial'],
    Open: ['reqSent', 'irc', 'scr'],
    Close: ['closed'],
    'RCR+': ['closed', 'sta'],
    'RCR-': ['closed', 'sta'],
    RCA: ['closed', 'sta'],
    RCN: ['closed', 'sta'],
    RTR: ['closed', 'sta'],
    RTA: ['closed'],
    RUC: ['closed', 'scj'],
    'RXJ+': ['closed'],
    'RXJ-': ['closed', 'tlf'],
    RXR: ['closed'],
  },
  stopped: {
    Down: ['starting', 'tls'],
    Open: ['stopped'],
    Close: ['closed'],
    'RCR+': ['ackSent', 'irc', 'scr', 'sca'],
    'RCR-': ['reqSent', 'irc', 'scr', 'scn'],
    RCA: ['stopped', 'sta'],
    RCN: ['stopped', 'sta'],
    RTR: ['stopped', 'sta'],
    RTA: ['stopped'],
    RUC: ['stopped', 'scj'],
    'RXJ+': ['stopped'],
    'RXJ-': ['stopped', 'tlf'],
    RXR: ['stopped'],
  },
  closing: {
    Down: ['initial'],
    Open: ['stopping'],
    Close: ['closing'],
    'TO+': ['closing', 'str'],
    'TO-': ['closed', 'tlf'],
    'RCR+': ['closing'],
    'RCR-': ['closing'],
    RCA: ['closing'],
    RCN: ['closing'],
    RTR: ['closing', 'sta'],
    RTA: ['closed', 'tlf'],
    RUC: ['closing', 'scj'],
    'RXJ+': ['closing'],
    'RXJ-': ['closed', 'tlf'],
    RXR: ['closing'],
  },
  stopping: {
    Down: ['starting'],
    Open: ['stopping'],
    Close: ['closing'],
    'TO+': ['stopping', 'str'],
    'TO-': ['stopped', 'tlf'],
    'RCR+': ['stopping'],
    'RCR-': ['stopping'],
    RCA: ['stopping'],
    RCN: ['stopping'],
    RTR: ['stopping', 'sta'],
    RTA: ['stopped', 'tlf'],
    RUC: ['stopping', 'scj'],
    'RXJ+': ['stopping'],
    'RXJ-': ['stopped', 'tlf'],
    RXR: ['stopping'],
  },
  reqSent: {
    Down: ['starting'],
    Open: ['reqSent'],
    Close: ['closing', 'irc', 'str'],
    'TO+': ['reqSent', 'scr'],
    'TO-': ['stopped', 'tlf'],
    'RCR+': ['ackSent', 'sca'],
    'RCR-': ['reqSent', 'scn'],
    RCA: ['ackRcvd', 'irc'],
    RCN: ['reqSent', 'irc', 'scr'],
    RTR: ['reqSent', 'sta'],
    RTA: ['reqSent'],
    RUC: ['reqSent', 'scj'],
    'RXJ+': ['reqSent'],
    'RXJ-': ['stopped', 'tlf'],
    RXR: ['reqSent'],
  },
  ackRcvd: {
    Down: ['starting'],
    Open: ['ackRcvd'],
    Close: ['closing', 'irc', 'str'],
    'TO+': ['reqSent', 'scr'],
    'TO-': ['stopped', 'tlf'],
    'RCR+': ['opened', 'sca', 'tlu'],
    'RCR-': ['ackRcvd', 'scn'],
    RCA: ['reqSent', 'scr'],
    RCN: ['reqSent', 'scr'],
    RTR: ['reqSent', 'sta'],
    RTA: ['reqSent'],
    RUC: ['ackRcvd', 'scj'],
    'RXJ+': ['reqSent'],
    'RXJ-': ['stopped', 'tlf'],
    RXR: ['ackRcvd'],
  },
  ackSent: {
    Down: ['starting'],
    Open: ['ackSent'],
    Close: ['closing', 'irc', 'str'],
    'TO+': ['ackSent', 'scr'],
    'TO-': ['stopped', 'tlf'],
    'RCR+': ['ackSent', 'sca'],
    'RCR-': ['reqSent', 'scn'],
    RCA: ['opened', 'irc', 'tlu'],
    RCN: ['ackSent', 'irc', 'scr'],
    RTR: ['reqSent', 'sta'],
    RTA: ['ackSent'],
    RUC: ['ackSent', 'scj'],
    'RXJ+': ['ackSent'],
    'RXJ-': ['stopped', 'tlf'],
    RXR: ['ackSent'],
  },
  opened: {
    Down: ['starting', 'tld'],
    Open: ['opened'],
    Close: ['closing', 'tld', 'irc', 'str'],
    'RCR+': ['ackSent', 'tld', 'scr', 'sca'],
    'RCR-': ['reqSent', 'tld', 'scr', 'scn'],
    RCA: ['reqSent', 'tld', 'scr'],
    RCN: ['reqSent', 'tld', 'scr'],
    RTR: ['stopping', 'tld', 'zrc', 'sta'],
    RTA: ['reqSent', 'tld', 'scr'],
    RUC: ['opened', 'scj'],
    'RXJ+': ['opened'],
    'RXJ-': ['stopping', 'tld', 'irc', 'str'],
    RXR: ['opened', 'ser'],
  },
};
