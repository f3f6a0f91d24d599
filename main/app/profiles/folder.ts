import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProfileEntry, profileId, type ProfilesSlice } from '../../contracts/app-state/profiles.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import { type EapTlsFiles, readEapTls } from '../../profiles/eap-tls.ts';
import { loadProfile } from '../../profiles/load.ts';
import { resolveSecret } from '../../profiles/secrets.ts';

/** A profile with what is known of its secrets; the rest is asked for. */
export interface Dialable {
  readonly profile: Profile;
  readonly preSharedKey?: Secret;
  readonly tunnelSecret?: Secret;
  readonly eapTls?: EapTlsFiles;
}

/** The profiles in a folder of the user's: a JSON file each. */
export class ProfileFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<ProfilesSlice> {
    const files = await readdir(this.#folder).catch(() => []);
    const ids = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
    const read = await Promise.all(ids.sort().map(async (id) => [id, await this.#load(id)] as const));
    return {
      entries: read.flatMap(([id, loaded]) => (loaded.ok ? [entryOf(id, loaded.value)] : [])),
      broken: read.flatMap(([id, loaded]) =>
        loaded.ok ? [] : [{ file: this.#file(id), problem: loaded.failure.cause }],
      ),
    };
  }

  async find(id: string): Promise<Result<Dialable>> {
    const loaded = await this.#load(id);
    if (!loaded.ok) return loaded;
    const profile = loaded.value;
    const file = this.#file(id);
    const { preSharedKey } = profile.ipsec;
    const { tunnelSecret } = profile.l2tp;
    const key = preSharedKey === undefined ? undefined : await resolveSecret(preSharedKey, file, 'pre-shared key');
    if (key?.ok === false) return key;
    const secret =
      tunnelSecret === undefined ? undefined : await resolveSecret(tunnelSecret, file, 'L2TP tunnel secret');
    if (secret?.ok === false) return secret;
    const eapTls = await readEapTls(profile, file);
    if (!eapTls.ok) return eapTls;
    return {
      ok: true,
      value: {
        profile,
        ...(key !== undefined && { preSharedKey: key.value }),
        ...(secret !== undefined && { tunnelSecret: secret.value }),
        ...(eapTls.value !== undefined && { eapTls: eapTls.value }),
      },
    };
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #load(id: string): Promise<Result<Profile>> {
    if (profileId.safeParse(id).success) return loadProfile(this.#file(id));
    const problems = 'the name of its file has to be of lower-case letters, digits and dashes';
    return Promise.resolve({ ok: false, failure: failure('profile.invalid', { file: this.#file(id), problems }) });
  }
}

function entryOf(id: string, { name, gateway, user, network, ipsec }: Profile): ProfileEntry {
  return {
    ...{ id, name, gateway, mode: network.mode, killSwitch: network.killSwitch, security: ipsec.security },
    ...(user !== undefined && { user }),
  };
}
