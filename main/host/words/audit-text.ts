import type { AuditEvent, AuditRecord } from '../../contracts/audit.ts';
import { phases } from '../../contracts/failure.ts';
import type { Break } from '../audit/index.ts';
import { bytesText, countText, durationText, momentText, printable } from './format.ts';
import { reasonTexts } from './reasons.ts';

/** A record of the audit log, as a line for people. */
export function describeRecord({ sequence, at, event }: AuditRecord): string {
  return `${String(sequence).padStart(6)}  ${momentText(at)}  ${printable(describeEvent(event))}`;
}

/** What happened, as a line without its time. */
export function describeEvent(event: AuditEvent): string {
  switch (event.kind) {
    case 'hostStarted':
      return 'the host started';
    case 'hostStopped':
      return 'the host stopped';
    case 'authenticationSucceeded':
      return `${event.user} signed in from ${event.source} (${event.method}, judged by ${event.judgedBy})`;
    case 'authenticationFailed': {
      const who = event.user === undefined ? event.source : `${event.user} from ${event.source}`;
      return `${who} did not get in: ${reasonTexts[event.reason].what} [${event.reason}, ${phases[event.phase].title}]`;
    }
    case 'lockedOut':
      return `${event.source} may not try ${event.user ?? 'anybody'} for ${durationText(event.seconds)}`;
    case 'sessionStarted': {
      const { session, user, source, address = 'no address', groups, client, ike, esp } = event;
      return `session ${session} of ${user} began: ${address}, from ${source}, ${client}, groups ${listed(groups)}, ${ike}; ${esp}`;
    }
    case 'sessionStopped': {
      const { session, user, cause, seconds, receivedBytes, sentBytes } = event;
      const carried = `${bytesText(receivedBytes)} received, ${bytesText(sentBytes)} sent`;
      return `session ${session} of ${user} ended after ${durationText(seconds)}: ${causes[cause]}; ${carried}`;
    }
    case 'policyDecided': {
      const decided = event.decisions.filter(({ from }) => from !== 'default');
      const decisions = decided.map(({ member, from, groups }) => `${member} by ${groups?.join('+') ?? from}`);
      const rest = decided.length === 0 ? ['all by default'] : ['the rest by default'];
      return `policy of ${event.user}, groups ${listed(event.groups)}: ${listed([...decisions, ...rest])}`;
    }
    case 'configurationChanged': {
      const { how, members, sessionsEnded } = event;
      if (how === 'started') return 'the configuration is in force';
      const changes = members.length === 0 ? 'nothing changed' : members.join(', ');
      return `the configuration was ${how}: ${changes}; ${countText(sessionsEnded, 'session')} ended`;
    }
    case 'configurationRefused':
      return `a configuration was refused: ${countText(event.errors, 'error')}`;
    case 'userChanged':
      return `user ${event.user} ${userChanges[event.change]} by ${event.by === 'user' ? 'the user' : 'an administrator'}`;
    case 'certificateIssued':
    case 'certificateRevoked':
    case 'certificateExpiring': {
      const whose = event.user === undefined ? `the ${event.use}'s certificate` : `a certificate of ${event.user}`;
      const what =
        event.kind === 'certificateExpiring'
          ? 'ends'
          : `was ${event.kind === 'certificateIssued' ? 'issued' : 'revoked'}, ends`;
      return `${whose} (${event.serial}) ${what} on ${event.expiresAt.slice(0, 10)}`;
    }
    case 'serverUnavailable':
      return `${servers[event.server]} ${event.address} does not answer`;
    case 'logOpened':
      return `the log ${openings[event.how]}${event.tornBytes > 0 ? `, without ${event.tornBytes} bytes that a crash cut off` : ''}`;
  }
}

const servers = {
  radius: 'the RADIUS server',
  ldap: 'the directory',
  winbind: 'winbind for the domain',
} as const;

const listed = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : texts.join(', '));

const userChanges: Readonly<Record<Extract<AuditEvent, { kind: 'userChanged' }>['change'], string>> = {
  added: 'was added',
  changed: 'was changed',
  passwordChanged: 'got a new password',
  removed: 'was removed',
  codesEnrolled: 'got one-time codes',
  codesRemoved: 'lost the one-time codes',
  recoveryRenewed: 'got new recovery codes',
  recoveryUsed: 'used a recovery code',
};

const openings: Readonly<Record<Extract<AuditEvent, { kind: 'logOpened' }>['how'], string>> = {
  first: 'begins',
  rotated: 'goes on in a new file',
  resumed: 'goes on after a stop',
  damaged: 'begins anew, since the file before could not be continued',
};

const causes: Readonly<Record<Extract<AuditEvent, { kind: 'sessionStopped' }>['cause'], string>> = {
  clientEnded: 'the client hung up',
  clientGone: 'the client fell silent',
  idleTimeout: 'there was no traffic',
  sessionTimeout: 'its time was over',
  hoursEnded: 'the allowed hours, or the account, were over',
  accountClosed: 'the user was disabled or removed',
  certificateEnded: "the client's certificate was revoked, or has expired",
  administrator: 'an administrator ended it',
  radius: 'a RADIUS server ended it',
  configurationChanged: 'the configuration changed',
  replaced: 'the same client began anew',
  displaced: 'the same user began another, and may have no more',
  rekeyFailed: 'the keys could not be renewed',
  authenticationFailed: 'the user did not sign in again',
  protocolError: 'the client broke the protocol',
  systemRefused: 'the system refused what it needs',
  hostStopped: 'the host stopped',
};

/** What is wrong with a line, as a sentence's end after its place. */
export const breaks: Readonly<Record<Break | 'unfinished' | 'newChain' | 'endMissing', string>> = {
  malformed: 'is no record',
  changed: 'was changed after it was written',
  outOfOrder: 'does not continue the line before: something was removed, added or moved',
  unfinished: 'breaks off, although more was written after it',
  newChain: 'begins a new chain: the file before could not be continued',
  endMissing: 'does not hold the end that was noted: it was cut off or replaced',
};
