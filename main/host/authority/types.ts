import type { AuditEvent } from '../../contracts/audit.ts';
import type { Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import type { HostEffect, HostInput, SessionCounters } from '../../session/host/index.ts';
import type { UserStore } from '../users/index.ts';

/** What of the sessions' effects the authority performs, each in its turn. */
export type AuthorityEffect = Extract<
  HostEffect,
  { kind: 'authenticate' | 'sessionStarted' | 'sessionEnded' | 'fact' }
>;

/** What it has to say to the sessions. It never says it from within `perform`. */
export type AuthorityInput = Extract<HostInput, { kind: 'verdict' | 'changePolicy' | 'disconnect' }>;

/** What it judges by; a reload brings another. */
export interface AuthorityGround {
  readonly config: HostConfig;
  /** What the paths of secrets are relative to. */
  readonly configFile: string;
  /** For clients whose groups name none. */
  readonly hostDnsServers: readonly string[];
  /** NAS-Identifier, where the configuration has none. */
  readonly hostName: string;
  /** Where clients reach this host: NAS-IP-Address and Called-Station-Id. */
  readonly localAddress?: string;
}

export interface AuthorityOptions {
  readonly ground: AuthorityGround;
  readonly crypto: CryptoPort;
  readonly give: (input: AuthorityInput) => void;
  /** For the administrator: servers that fail and return, what was refused and why. No secrets. */
  readonly say: (text: string) => void;
  /** Each event as it goes into the audit log, for whoever counts and shows them. */
  readonly recorded?: (event: AuditEvent, atMs: number) => void;
}

/** Refused where a secret cannot be read, a port is taken, or another host writes the audit log. */
export type OpenAuthority = (options: AuthorityOptions) => Promise<Result<Authority>>;

/** How a new configuration came about, for the audit log. */
export interface ConfigurationChange {
  readonly how: 'reloaded' | 'restored';
  readonly previousVersion?: number;
  /** How many sessions it ends. */
  readonly sessionsEnded: number;
}

/**
 * Who may come in, and the record of it: judges sign-ins (local users, RADIUS, a directory), locks out who guesses, decides
 * what holds for a session, ends sessions whose user may no longer be there, does what RADIUS servers ask for, and writes
 * the audit log and the RADIUS accounting. Knows the sessions by the effects it performs.
 */
export interface Authority {
  perform(effect: AuthorityEffect): void;
  /** What the datapath counted, as given to the sessions: for interim records. */
  counted(sessions: ReadonlyMap<number, SessionCounters>): void;
  /** The local users of the present configuration. */
  readonly users: UserStore;
  /** Writes down what happens elsewhere: users changed, a configuration refused. */
  record(event: AuditEvent): void;
  /**
   * Holds from the next sign-in on, and for live sessions whose account is no longer good. Refused as a whole, and all is as
   * it was, where a secret cannot be read or a port is taken.
   */
  reconfigure(ground: AuthorityGround, change: ConfigurationChange): Promise<Result<undefined>>;
  /** After the last session's end was performed. Waits a while for the accounting; never rejects. */
  stop(): Promise<void>;
}
