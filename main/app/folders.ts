import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's own folders, by the XDG rules. */
export interface UserFolders {
  /** Settings and profiles. */
  readonly config: string;
  /** What has to outlive a run but is no choice of the user's. */
  readonly state: string;
  /** What may be deleted at any time. */
  readonly cache: string;
}

export function userFolders(environment: NodeJS.ProcessEnv = process.env, home = homedir()): UserFolders {
  // A relative path there is to be ignored (XDG Base Directory Specification).
  const folder = (variable: string, usual: string): string => {
    const told = environment[variable];
    return join(told?.startsWith('/') === true ? told : join(home, usual), 'culvert');
  };
  return {
    config: folder('XDG_CONFIG_HOME', '.config'),
    state: folder('XDG_STATE_HOME', '.local/state'),
    cache: folder('XDG_CACHE_HOME', '.cache'),
  };
}
