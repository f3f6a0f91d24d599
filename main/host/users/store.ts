import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { hostPassword, hostUser, storedUser, type HostUser } from '../../contracts/host-user.ts';
import type { KeyDerivation } from '../../contracts/sealed.ts';
import { Secret } from '../../contracts/secret.ts';
import { isMissing, makePrivateFolder, readGuarded, removeUnfinished, writeDurably } from '../../files/durable.ts';
import { acquireLock } from '../../files/lock.ts';
import { parseSealed, seal, unseal } from '../../files/sealed.ts';
import { loadKey, newDerivation, type KeyFailure, type KeySource } from '../../files/sealing-key.ts';
import { newRecovery, storedCodes, type Enrolment, type KnownCodes, type UsedCode } from './codes.ts';
import type { KnownUser } from './judge.ts';

/** Why the store could not be read or changed. `invalid` comes with what is wrong, which quotes no value. */
export type StoreFailure =
  | { readonly reason: KeyFailure | 'storeExposed' | 'damaged' | 'wrongKeyOrChanged' | 'busy' }
  | { readonly reason: 'nameTaken' | 'nameUnknown' | 'notEnrolled' }
  | { readonly reason: 'invalid'; readonly problems: readonly string[] };

export type StoreResult<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: StoreFailure };

/** What a new user is made of: the name and what differs from the defaults. */
export type NewUser = Omit<z.input<typeof hostUser>, 'oneTimeCode'>;
/** Members to change; `undefined` takes a member back to its default. */
export type UserChanges = { readonly [Member in Exclude<keyof NewUser, 'name'>]?: NewUser[Member] | undefined };

/** A second factor, as it is shown once: to the user, by whom it was made for them. */
export interface Enrolled {
  readonly user: HostUser;
  /** otpauth://, for a QR code; absent where the recovery codes alone are new. */
  readonly uri?: Secret<string>;
  readonly recovery: readonly Secret<string>[];
}

/**
 * The local users: one encrypted file, replaced as a whole by one writer at a time. Names are kept and compared verbatim.
 * No result but `find` carries a password, and there it cannot be printed. Throws on system errors only.
 */
export interface UserStore {
  /** In the order in which they were added. */
  list(): Promise<StoreResult<readonly HostUser[]>>;
  find(name: string): Promise<StoreResult<KnownUser | undefined>>;
  add(user: NewUser, password: Secret<string>): Promise<StoreResult<HostUser>>;
  change(name: string, changes: UserChanges): Promise<StoreResult<HostUser>>;
  /** Also takes back that the password expired. */
  setPassword(name: string, password: Secret<string>): Promise<StoreResult<HostUser>>;
  remove(name: string): Promise<StoreResult<HostUser>>;
  /** A new second factor, in place of one that is there. */
  enrol(name: string, enrolment: Enrolment): Promise<StoreResult<Enrolled>>;
  /** The user signs in without a code again. */
  removeCodes(name: string): Promise<StoreResult<HostUser>>;
  /** New recovery codes; those of before are worth nothing. */
  renewRecovery(name: string): Promise<StoreResult<Enrolled>>;
  /** Takes a code once, for good. `false`: somebody was faster, or it is not there any more. */
  useCode(name: string, used: UsedCode): Promise<StoreResult<boolean>>;
}

interface Users {
  readonly derivation: KeyDerivation;
  readonly key: Secret;
  readonly byName: ReadonlyMap<string, KnownUser>;
}

const format = 'culvert-users-1';
const content = z.strictObject({ users: z.array(storedUser.extend({ codes: storedCodes.exactOptional() })) });
const lockPatienceMs = 15_000;

export function openUserStore(file: string, keySource: KeySource): UserStore {
  let remembered: { readonly stamp: string; readonly users: Users } | undefined;

  const read = async (mayCreateKey: boolean): Promise<StoreResult<Users>> => {
    const stamp = stampOf(file);
    if (stamp !== undefined && remembered?.stamp === stamp) return { ok: true, value: remembered.users };
    const users = await readUsers(file, keySource, mayCreateKey);
    // Remembered under the stamp from before: what was replaced in between is read again.
    remembered = users.ok && stamp !== undefined ? { stamp, users: users.value } : undefined;
    return users;
  };

  type Edit = (known: Map<string, KnownUser>) => StoreResult<HostUser>;

  const edit = async (apply: Edit): Promise<StoreResult<HostUser>> => {
    makePrivateFolder(dirname(file));
    const lock = await acquireLock(file, lockPatienceMs);
    if (lock === undefined) return fail({ reason: 'busy' });
    try {
      removeUnfinished(dirname(file), basename(file));
      const users = await read(true);
      if (!users.ok) return users;
      const known = new Map(users.value.byName);
      const edited = apply(known);
      if (edited.ok) writeUsers(file, { ...users.value, byName: known });
      return edited;
    } finally {
      lock.release();
    }
  };

  const replace = (name: string, next: (before: KnownUser) => StoreResult<KnownUser>): Promise<StoreResult<HostUser>> =>
    edit((known) => {
      const before = known.get(name);
      if (before === undefined) return fail({ reason: 'nameUnknown' });
      const after = next(before);
      if (!after.ok) return after;
      known.set(name, after.value);
      return { ok: true, value: after.value.user };
    });

  return {
    list: async () => map(await read(false), ({ byName }) => [...byName.values()].map(({ user }) => user)),
    find: async (name) => map(await read(false), ({ byName }) => byName.get(name)),
    add: (user, password) =>
      edit((known) => {
        const checked = checkUser(user, password);
        if (!checked.ok) return checked;
        if (known.has(user.name)) return fail({ reason: 'nameTaken' });
        known.set(user.name, checked.value);
        return { ok: true, value: checked.value.user };
      }),
    change: (name, changes) =>
      replace(name, ({ user, password, codes }) =>
        checkUser({ ...definedOnly({ ...user, ...changes }), name }, password, codes),
      ),
    setPassword: (name, password) =>
      replace(name, ({ user, codes }) =>
        checkUser(definedOnly({ ...user, mustChangePassword: false, passwordExpiresAt: undefined }), password, codes),
      ),
    enrol: async (name, { codes, uri, recovery }) => {
      const replaced = await replace(name, ({ user, password }) => checkUser(user, password, codes));
      return map(replaced, (user) => ({ user, uri, recovery }));
    },
    removeCodes: (name) =>
      replace(name, ({ user, password, codes }) =>
        codes === undefined ? fail({ reason: 'notEnrolled' }) : checkUser(user, password),
      ),
    renewRecovery: async (name) => {
      const { codes: recovery, hashes } = newRecovery(name);
      const replaced = await replace(name, ({ user, password, codes }) =>
        codes === undefined
          ? fail({ reason: 'notEnrolled' })
          : checkUser(user, password, { ...codes, recovery: hashes }),
      );
      return map(replaced, (user) => ({ user, recovery }));
    },
    useCode: async (name, used) => {
      let isTaken = false;
      const replaced = await replace(name, ({ user, password, codes }) => {
        const left = codes === undefined ? undefined : without(codes, used);
        isTaken = left !== undefined;
        return checkUser(user, password, left ?? codes);
      });
      return map(replaced, () => isTaken);
    },
    remove: (name) =>
      edit((known) => {
        const before = known.get(name);
        if (before === undefined) return fail({ reason: 'nameUnknown' });
        known.delete(name);
        return { ok: true, value: before.user };
      }),
  };
}

async function readUsers(file: string, keySource: KeySource, mayCreateKey: boolean): Promise<StoreResult<Users>> {
  const stored = readGuarded(file);
  if (stored === undefined) {
    const derivation = newDerivation(keySource);
    if (!mayCreateKey) return { ok: true, value: { derivation, key: new Secret(new Uint8Array()), byName: new Map() } };
    const loaded = await loadKey(keySource, derivation, true);
    return loaded.ok
      ? { ok: true, value: { derivation, key: loaded.key, byName: new Map() } }
      : fail({ reason: loaded.reason });
  }
  if (stored.exposure !== undefined) return fail({ reason: 'storeExposed' });
  const envelope = parseSealed(stored.bytes.toString('utf8'), format);
  if (envelope === undefined) return fail({ reason: 'damaged' });
  const loaded = await loadKey(keySource, envelope.key, false);
  if (!loaded.ok) return fail({ reason: loaded.reason });
  const plain = unseal(envelope, loaded.key);
  if (plain === undefined) return fail({ reason: 'wrongKeyOrChanged' });
  const parsed = content.safeParse(JSON.parse(plain.toString('utf8')));
  plain.fill(0);
  if (!parsed.success) return fail({ reason: 'damaged' });
  const known = parsed.data.users.map(
    ({ password, codes, ...user }) =>
      [
        user.name,
        knownUser(
          user,
          new Secret(password),
          codes === undefined ? undefined : { ...codes, secret: new Secret(codes.secret) },
        ),
      ] as const,
  );
  return { ok: true, value: { derivation: envelope.key, key: loaded.key, byName: new Map(known) } };
}

function writeUsers(file: string, { derivation, key, byName }: Users): void {
  const users = [...byName.values()].map(({ user, password, codes }) => ({
    ...withoutCodes(user),
    password: password.expose(),
    ...(codes !== undefined && { codes: { ...codes, secret: codes.secret.expose() } }),
  }));
  const plain = Buffer.from(JSON.stringify({ users } satisfies z.infer<typeof content>));
  writeDurably(file, `${JSON.stringify(seal(format, plain, key, derivation))}\n`);
  plain.fill(0);
}

function withoutCodes(user: HostUser): Omit<HostUser, 'oneTimeCode'> {
  const { oneTimeCode, ...others } = user;
  return oneTimeCode === undefined ? user : others;
}

/** What shows of the second factor follows from the second factor. */
function knownUser(given: HostUser, password: Secret<string>, codes: KnownCodes | undefined): KnownUser {
  const user = withoutCodes(given);
  if (codes === undefined) return { user, password };
  const oneTimeCode = { enrolledAt: codes.enrolledAt, recoveryCodes: codes.recovery.length };
  return { user: { ...user, oneTimeCode }, password, codes };
}

/** `undefined`: it was taken before. */
function without(codes: KnownCodes, used: UsedCode): KnownCodes | undefined {
  if (used.kind === 'step') return used.step <= codes.lastStep ? undefined : { ...codes, lastStep: used.step };
  const recovery = codes.recovery.filter((hash) => hash !== used.hash);
  return recovery.length === codes.recovery.length ? undefined : { ...codes, recovery };
}

function checkUser(input: NewUser, password: Secret<string>, codes?: KnownCodes): StoreResult<KnownUser> {
  const user = hostUser.safeParse(input);
  const isPasswordRight = hostPassword.safeParse(password.expose()).success;
  const problems = [
    ...(user.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...(isPasswordRight ? [] : ['password: expected 1 to 256 characters']),
  ];
  if (!user.success || problems.length > 0) return fail({ reason: 'invalid', problems });
  return { ok: true, value: knownUser(user.data, password, codes) };
}

/** Tells one state of the file from another: it is never written in place. */
function stampOf(file: string): string | undefined {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function definedOnly(members: object): NewUser {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as NewUser;
}

function map<From, To>(result: StoreResult<From>, convert: (value: From) => To): StoreResult<To> {
  return result.ok ? { ok: true, value: convert(result.value) } : result;
}

function fail(failure: StoreFailure): { readonly ok: false; readonly failure: StoreFailure } {
  return { ok: false, failure };
}
