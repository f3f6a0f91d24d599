import { hostFolders } from '../../engine/folders.ts';
import { beside } from '../../files/durable.ts';
import { endingCertificates, endingOwn, openCertificateAuthority } from '../../host/ca/index.ts';
import { loadHostConfig } from '../../host/configuration/index.ts';
import { ownCertificates, surroundings } from '../../host/service/index.ts';

/** A certificate of this machine's host that is about to end. */
export interface Ending {
  readonly serial: string;
  /** A user, the host or its authority, for people. */
  readonly of: string;
  readonly notAfter: string;
}

/** Empty where there is no host, or its files are somebody else's. */
export async function endingOfHost(nowMs: number): Promise<readonly Ending[]> {
  const { configFile } = hostFolders();
  try {
    const loaded = loadHostConfig(configFile, surroundings(nowMs));
    if (!loaded.ok) return [];
    const { folder, urls, warnDays } = loaded.config.certificateAuthority;
    const state = await openCertificateAuthority(beside(configFile, folder), urls).state();
    const ofAuthority = state.ok ? endingCertificates(state.value, nowMs, warnDays) : [];
    const own = await ownCertificates(loaded.config, configFile);
    const ofOthers = endingOwn(own, state.ok ? state.value.issued : [], nowMs, warnDays);
    return [...ofAuthority, ...ofOthers].map(({ serial, use, user, expiresAt }) => ({
      serial,
      of: user ?? `the ${use === 'server' ? 'host' : use}`,
      notAfter: expiresAt,
    }));
  } catch {
    return [];
  }
}
