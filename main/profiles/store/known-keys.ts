import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { failure, type Failure } from '../../contracts/failure.ts';
import { managedPayload, signedProfile } from '../../contracts/profile-document.ts';
import { isMissing, writeDurably } from '../../files/durable.ts';
import type { VerifiedProfile } from '../managed/managed-profile.ts';
import { fingerprintOf, speaksFor } from '../managed/signing.ts';

const mostKnown = 1000;
const known = z.strictObject({
  id: managedPayload.shape.id,
  organisation: managedPayload.shape.organisation,
  key: signedProfile.shape.key,
  serial: managedPayload.shape.serial,
});
type Known = z.infer<typeof known>;
const schema = z.array(known).max(mostKnown);

/**
 * Which key signed each managed profile that was ever imported, and its highest serial: it outlives the profile, so that deleting
 * one and importing an older or somebody else's is no way around either.
 */
export class KnownKeys {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Why this profile must not be imported, if it must not. */
  objection({ signed, payload }: VerifiedProfile): Failure | undefined {
    const before = this.#read();
    if (before === undefined) return this.#damaged();
    const { id, organisation, serial } = payload;
    const last = before.find((each) => each.id === id);
    if (last === undefined) return undefined;
    if (!speaksFor(last.key, signed)) {
      const facts = { id, fingerprint: fingerprintOf(signed.key), known: fingerprintOf(last.key) };
      return failure('managed.otherKey', { ...facts, organisation: last.organisation });
    }
    return serial < last.serial
      ? failure('managed.older', { id, serial, known: last.serial, organisation })
      : undefined;
  }

  /** Whether the user has confirmed this key, or one that endorsed it, before. */
  isKnown({ signed }: VerifiedProfile): boolean {
    return (this.#read() ?? []).some(({ key }) => speaksFor(key, signed));
  }

  /** @throws on system errors */
  learn({ signed: { key }, payload: { id, organisation, serial } }: VerifiedProfile): void {
    const others = (this.#read() ?? []).filter((each) => each.id !== id);
    this.#write([...others.slice(-mostKnown + 1), { id, organisation, key, serial }]);
  }

  /** @throws on system errors */
  forget(id: string): void {
    const known = this.#read();
    if (known !== undefined) this.#write(known.filter((each) => each.id !== id));
  }

  #write(all: readonly Known[]): void {
    writeDurably(this.#file, `${JSON.stringify(all, undefined, 2)}\n`);
  }

  #damaged(): Failure {
    return failure('profile.unreadable', { file: this.#file, reason: 'it does not hold what Culvert wrote there' });
  }

  /** `undefined`: it is damaged, so nothing is known of what it held. */
  #read(): readonly Known[] | undefined {
    try {
      return schema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (error) {
      return isMissing(error) ? [] : undefined;
    }
  }
}
