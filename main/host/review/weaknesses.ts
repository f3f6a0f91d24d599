import type { ReviewedUser, Weakness } from '../../contracts/access-review.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import { legacyAllowed } from '../configuration/index.ts';

/** What the configuration lets anybody do that is weaker than it needs to be. */
export function weaknessesOfHost(config: HostConfig, nowMs: number): readonly Weakness[] {
  const { methods } = config.authentication;
  const found: Readonly<Partial<Record<Weakness, boolean>>> = {
    sharedKey: config.preSharedKey !== undefined,
    legacy: legacyAllowed(config.ipsec, nowMs),
    pap: methods.includes('pap'),
    chapMd5: methods.includes('chap-md5'),
  };
  return those(found);
}

/** What the last session of a user made use of. */
export function weaknessesInUse({
  lastSignIn,
  lastSession,
}: Pick<ReviewedUser, 'lastSignIn' | 'lastSession'>): readonly Weakness[] {
  const algorithms = new Set(lastSession === undefined ? [] : [lastSession.ike, lastSession.esp].join('/').split('/'));
  const found: Readonly<Partial<Record<Weakness, boolean>>> = {
    pap: lastSignIn?.method === 'pap',
    chapMd5: lastSignIn?.method === 'chap-md5',
    tripleDes: [...algorithms].some((name) => name.startsWith('3des')),
    md5: algorithms.has('md5'),
    modp1024: algorithms.has('modp1024'),
  };
  return those(found);
}

function those(found: Readonly<Partial<Record<Weakness, boolean>>>): readonly Weakness[] {
  return (Object.keys(found) as Weakness[]).filter((weakness) => found[weakness] === true);
}
