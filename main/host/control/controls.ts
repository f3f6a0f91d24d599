import type {
  ConfigurationVersion,
  HostSession,
  HostStatus,
  SessionChoice,
  SignInFailure,
} from '../../contracts/host-control.ts';
import type { Problem } from '../configuration/index.ts';
import type { UserAdministration } from '../users/index.ts';

/** What a configuration that was read again, or restored, came to. */
export type Reloaded =
  | {
      readonly ok: true;
      /** Names of members that changed. */
      readonly members: readonly string[];
      readonly sessionsEnded: number;
      readonly warnings: readonly Problem[];
    }
  /** The configuration of before stays in force. */
  | { readonly ok: false; readonly errors: readonly Problem[] };

/** What a running host lets an administrator see and do: implemented by the host, served on its control socket. */
export interface HostControls {
  status(): HostStatus;
  /** By ascending number. */
  sessions(): readonly HostSession[];
  /** The latest first; a bounded number. */
  failures(): readonly SignInFailure[];
  /** Resolves with how many sessions were ended, once they are. */
  disconnect(who: SessionChoice): Promise<number>;
  /** Reads the configuration file again. */
  reload(): Promise<Reloaded>;
  /** The oldest first. */
  versions(): readonly ConfigurationVersion[];
  /** Puts an earlier configuration back in place of the file, and in force. `undefined`: it is not kept. */
  restore(version: number): Promise<Reloaded | undefined>;
  readonly users: UserAdministration;
  /** What the application on a telephone calls the office. */
  readonly codesIssuer: string;
}
