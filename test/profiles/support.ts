import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Failure, Result } from '../../main/contracts/failure.ts';
import type { ManagedPayload } from '../../main/contracts/profile-document.ts';
import { type VerifiedProfile, verifyManaged } from '../../main/profiles/managed/managed-profile.ts';
import { generateSigningKey, readPrivateKey, signPayload } from '../../main/profiles/managed/signing.ts';
import { ProfileStore } from '../../main/profiles/store/store.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

export const office = { version: 1, name: 'office', gateway: 'vpn.example.com' } as const;

/** A store in folders of its own, fresh for each test. */
export function useStore() {
  let folder = '';
  beforeEach(() => {
    folder = scratchFolder('store');
    for (const each of ['etc', 'etc/profiles']) {
      mkdirSync(join(folder, each));
      chmodSync(join(folder, each), 0o755);
    }
  });
  afterEach(() => {
    removeScratch(folder);
  });
  return {
    get folder() {
      return folder;
    },
    profiles: () => join(folder, 'profiles'),
    computer: () => join(folder, 'etc', 'profiles'),
    open: () => new ProfileStore({ profiles: join(folder, 'profiles'), system: join(folder, 'etc', 'profiles') }),
  };
}

export function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.cause}`);
  return result.value;
}

export function failureOf(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('it did not fail');
  return result.failure;
}

export const signingKey = readPrivateKey(generateSigningKey().privatePem);

export function payload(changes: Partial<ManagedPayload> = {}): ManagedPayload {
  return {
    managedProfile: 1,
    organisation: 'Example Ltd',
    id: 'example-office',
    serial: 1,
    locked: 'all',
    profile: { ...office, network: { mode: 'split', routes: ['10.20.0.0/16'] } },
    ...changes,
  };
}

export function signed(changes: Partial<ManagedPayload> = {}, key = signingKey) {
  if (key === undefined) throw new Error('no key');
  return signPayload(Buffer.from(JSON.stringify(payload(changes))), key);
}

export function verified(changes: Partial<ManagedPayload> = {}, key = signingKey): VerifiedProfile {
  return valueOf(verifyManaged(signed(changes, key), 'office.culvert'));
}
