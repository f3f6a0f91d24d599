import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where this user's profiles are. `CULVERT_CONFIG_DIR` moves them, for tests. */
export function profileFolders(): { readonly profiles: string; readonly secrets: string; readonly system: string } {
  const { CULVERT_CONFIG_DIR, CULVERT_SYSTEM_PROFILES, XDG_CONFIG_HOME } = process.env;
  // XDG Base Directory Specification: a relative path there is to be ignored.
  const base =
    XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : join(homedir(), '.config');
  const config = CULVERT_CONFIG_DIR ?? join(base, 'culvert');
  return {
    profiles: join(config, 'profiles'),
    secrets: join(config, 'secrets.sealed'),
    // What is there is believed only where nobody but root can write it, wherever it is.
    system: CULVERT_SYSTEM_PROFILES ?? '/etc/culvert/profiles',
  };
}
