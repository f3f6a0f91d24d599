import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import {
  differingPaths,
  fromMembers,
  isLocked,
  membersOf,
  type ProfileInput,
  withoutDefaults,
} from '../../contracts/profile-members.ts';
import type { BrokenProfile, ProfileList, StoredProfile } from '../../contracts/stored-profile.ts';
import { profileId } from '../../contracts/stored-profile.ts';
import { refuseSecrets } from '../documents/foreign.ts';
import { parseProfile } from '../load.ts';
import { expiryOf, type VerifiedProfile } from '../managed/managed-profile.ts';
import { type ComputerFile, readComputerFiles } from './computer.ts';
import { type Entry, entryFromComputer, entryFromFile, type Footing, type GivenSecrets, shown } from './entry.ts';
import { StoreFolder } from './folder.ts';
import { KnownKeys } from './known-keys.ts';
import { freeName, nameFrom } from './names.ts';
import { writeRecord } from './record.ts';
import { watchFolders } from './watch.ts';

const mostProfiles = 200;
const computersPrefix = 'computer-';

export interface StoreFolders {
  readonly profiles: string;
  /** Where the computer's own are. */
  readonly system: string;
}

/** A profile to connect with. */
export interface UsableProfile {
  readonly stored: StoredProfile;
  /** What the computer gives with it, and the file that paths there start at. */
  readonly given: { readonly secrets: GivenSecrets; readonly file: string };
}

/**
 * This user's profiles. What is read is kept, and read again when a file changes, whoever changed it. Nothing that cannot be read is
 * ever written over or removed by itself. Locks hold here.
 */
export class ProfileStore {
  readonly #folder: StoreFolder;
  readonly #systemFolder: string;
  readonly #keys: KnownKeys;
  readonly #listeners = new Set<() => void>();
  #entries: ReadonlyMap<string, Entry> = new Map();
  #broken: readonly BrokenProfile[] = [];
  #watcher: { close(): void } | undefined;
  /** What listeners know. */
  #told: string;

  constructor({ profiles, system }: StoreFolders) {
    this.#folder = new StoreFolder(profiles);
    this.#systemFolder = system;
    this.#keys = new KnownKeys(join(dirname(profiles), 'managed-keys'));
    this.#read();
    this.#told = this.#stamp();
  }

  list(): ProfileList {
    return { profiles: this.#ordered().map(shown), broken: [...this.#broken] };
  }

  /** By id or by name. */
  find(idOrName: string): StoredProfile | undefined {
    const entry = this.#find(idOrName);
    return entry && shown(entry);
  }

  /** What to connect with; a failure where there is no such profile, or its time is over. */
  use(idOrName: string, nowMs: number): Result<UsableProfile> {
    this.#read();
    const entry = this.#find(idOrName);
    if (entry === undefined) {
      const broken = this.#broken.find(({ id }) => id === idOrName);
      return { ok: false, failure: broken?.failure ?? failure('profile.notFound', { name: idOrName }) };
    }
    const { footing, file } = entry;
    const over = footing.kind === 'managed' && footing.verified && expiryOf(footing.verified, nowMs);
    if (over) return over;
    const secrets = (footing.kind === 'managed' && footing.secrets) || {};
    return { ok: true, value: { stored: shown(entry), given: { secrets, file } } };
  }

  /** Changes of whoever makes them, this store or another program. Returns how to hear no more. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#watcher === undefined) {
      this.#folder.make();
      this.#watcher = watchFolders([this.#folder.path, this.#systemFolder], () => {
        this.refresh();
      });
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  refresh(): void {
    this.#read();
    const now = this.#stamp();
    if (now === this.#told) return;
    this.#told = now;
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  create(input: ProfileInput): Promise<Result<StoredProfile>> {
    return this.#change(() => this.#add(input));
  }

  /** `revision` is that of the profile as the user saw it. */
  edit(id: string, revision: string, input: ProfileInput): Promise<Result<StoredProfile>> {
    return this.#change(() => {
      const entry = this.#entries.get(id);
      if (entry === undefined) return refuse('profile.notFound', { name: id });
      if (entry.revision !== revision) return refuse('profile.changed', { name: entry.profile.name });
      return this.#replace(entry, input);
    });
  }

  rename(id: string, title: string): Promise<Result<StoredProfile>> {
    return this.#change(() => {
      const entry = this.#entries.get(id);
      if (entry === undefined) return refuse('profile.notFound', { name: id });
      return this.#replace(entry, { ...entry.profile, title });
    });
  }

  /** The copy is the user's own, with nothing locked but what was there to be locked: a managed profile has no copies. */
  duplicate(id: string): Promise<Result<StoredProfile>> {
    return this.#change(() => {
      const entry = this.#entries.get(id);
      if (entry === undefined) return refuse('profile.notFound', { name: id });
      const { profile, footing } = entry;
      if (footing.kind === 'managed') {
        const { organisation } = footing;
        return refuse('profile.locked', { organisation, name: profile.name, members: 'the whole: it has no copies' });
      }
      return this.#add({ ...profile, name: this.freeName(profile.name) });
    });
  }

  remove(id: string): Promise<Result<undefined>> {
    return this.#change(() => {
      const entry = this.#entries.get(id);
      if (entry?.footing.kind === 'managed' && entry.footing.source === 'computer') {
        return refuse('profile.managedElsewhere', { name: entry.profile.name, file: entry.file });
      }
      if (
        entry === undefined &&
        !this.#broken.some((each) => each.id === id && each.file === this.#folder.fileOf(id))
      ) {
        return refuse('profile.notFound', { name: id });
      }
      this.#folder.remove(id);
      return { ok: true, value: undefined };
    });
  }

  /** Ids that are not named come last, as they are. */
  reorder(ids: readonly string[]): Promise<Result<undefined>> {
    return this.#change(() => {
      const known = ids.filter((id) => this.#entries.has(id));
      const rest = this.#ordered().filter(({ id }) => !known.includes(id));
      this.#folder.writeOrder([...new Set([...known, ...rest.map(({ id }) => id)])]);
      return { ok: true, value: undefined };
    });
  }

  freeName(wanted: string): string {
    return freeName(wanted, (name) => this.#isTaken(name));
  }

  /** Why a signed profile must not be imported; and what it replaces, and whether its key is known, where it may. */
  considerManaged(
    verified: VerifiedProfile,
    nowMs: number,
  ): Result<{ readonly replaces?: StoredProfile; readonly isKeyKnown: boolean }> {
    const objection = this.#keys.objection(verified);
    if (objection !== undefined) return { ok: false, failure: objection };
    const over = expiryOf(verified, nowMs);
    if (over !== undefined) return over;
    const before = this.#managed(verified.payload.id);
    return {
      ok: true,
      value: { isKeyKnown: this.#keys.isKnown(verified), ...(before !== undefined && { replaces: shown(before) }) },
    };
  }

  /** The user has confirmed it, and its key where that is new. What they changed stays, where it is not locked now. */
  addManaged(verified: VerifiedProfile, nowMs: number): Promise<Result<StoredProfile>> {
    return this.#change(() => {
      const considered = this.considerManaged(verified, nowMs);
      if (!considered.ok) return considered;
      const before = this.#managed(verified.payload.id);
      if (before === undefined && this.#entries.size >= mostProfiles)
        return refuse('profile.tooMany', { most: mostProfiles });
      const own = before?.footing.kind === 'managed' ? before.footing.own : this.#nameFor(verified);
      const id = before?.id ?? newId();
      this.#keys.learn(verified);
      this.#folder.write(id, writeRecord({ kind: 'managed', managed: verified.signed, own }));
      if (before === undefined) this.#comesLast(id);
      return this.#written(id);
    });
  }

  /** As it came, to be handed on; `undefined` for what nobody signed. */
  signedDocument(id: string): Result<string> | undefined {
    const footing = this.#entries.get(id)?.footing;
    if (footing?.kind !== 'managed') return undefined;
    if (footing.verified !== undefined) {
      return { ok: true, value: `${JSON.stringify(footing.verified.signed, undefined, 2)}\n` };
    }
    const { organisation } = footing;
    return refuse('profile.locked', { organisation, name: id, members: 'the whole: it is not handed on' });
  }

  /** What the organisation calls it. */
  managedIdOf(id: string): string | undefined {
    const footing = this.#entries.get(id)?.footing;
    return footing?.kind === 'managed' ? footing.verified?.payload.id : undefined;
  }

  /** For a key that was lost: the next profile of that id is confirmed like a first one. */
  forgetKey(managedId: string): Promise<Result<undefined>> {
    return this.#change(() => {
      this.#keys.forget(managedId);
      return { ok: true, value: undefined };
    });
  }

  #nameFor({ members }: VerifiedProfile): Record<string, unknown> {
    const name = String(members.get('name'));
    return this.#isTaken(name) ? { name: this.freeName(name) } : {};
  }

  #managed(managedId: string): Entry | undefined {
    return [...this.#entries.values()].find(
      ({ footing }) =>
        footing.kind === 'managed' && footing.source === 'signed' && footing.verified?.payload.id === managedId,
    );
  }

  #add(input: ProfileInput): Result<StoredProfile> {
    if (this.#entries.size >= mostProfiles) return refuse('profile.tooMany', { most: mostProfiles });
    const checked = this.#check(input, undefined);
    if (!checked.ok) return checked;
    const id = newId();
    this.#folder.write(id, ownText(checked.value));
    this.#comesLast(id);
    return this.#written(id);
  }

  #replace(entry: Entry, input: ProfileInput): Result<StoredProfile> {
    const checked = this.#check(input, entry);
    if (!checked.ok) return checked;
    if (entry.footing.kind === 'own') {
      this.#folder.write(entry.id, ownText(checked.value));
      return this.#written(entry.id);
    }
    const changed = overlayOf(entry.footing, entry, checked.value);
    if (!changed.ok) return changed;
    const record = entry.footing.source === 'signed' ? entry.footing.verified?.signed : undefined;
    this.#folder.write(
      entry.id,
      writeRecord(
        record === undefined
          ? { kind: 'computer', own: changed.value }
          : { kind: 'managed', managed: record, own: changed.value },
      ),
    );
    return this.#written(entry.id);
  }

  /** Valid, without secrets, and of a name that no other has. Files may be named: it is the user who does. */
  #check(input: ProfileInput, entry: Entry | undefined): Result<Entry['profile']> {
    const what = entry?.profile.name ?? input.name;
    const held = refuseSecrets(input, what);
    if (held !== undefined) return { ok: false, failure: held };
    const parsed = parseProfile(input, what);
    if (!parsed.ok) return parsed;
    const other = this.#find(parsed.value.name);
    if (other !== undefined && other.id !== entry?.id) return refuse('profile.nameTaken', { name: parsed.value.name });
    return parsed;
  }

  /** Under the lock, on what is there now. */
  async #change<Value>(act: () => Result<Value>): Promise<Result<Value>> {
    const result = await this.#folder.change(() => {
      this.#read();
      return act();
    });
    this.refresh();
    return result;
  }

  #comesLast(id: string): void {
    this.#folder.writeOrder([...this.#ordered().map((each) => each.id), id]);
  }

  #written(id: string): Result<StoredProfile> {
    this.#read();
    const entry = this.#entries.get(id);
    if (entry !== undefined) return { ok: true, value: shown(entry) };
    return { ok: false, failure: this.#broken.find((each) => each.id === id)?.failure ?? notFound(id) };
  }

  #find(idOrName: string): Entry | undefined {
    return this.#entries.get(idOrName) ?? this.#ordered().find(({ profile }) => profile.name === idOrName);
  }

  #isTaken(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  #ordered(): Entry[] {
    const order = this.#folder.readOrder();
    const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
    return [...this.#entries.values()].sort((a, b) => place(a.id) - place(b.id));
  }

  #read(): void {
    const texts = this.#folder.read();
    const given = readComputerFiles(this.#systemFolder);
    const idsGiven = new Map(given.map((each) => [idOf(each), each]));
    const entries = new Map<string, Entry>();
    const broken: BrokenProfile[] = [];
    const take = (id: string, file: string, result: Result<Entry>): void => {
      if (result.ok) entries.set(id, result.value);
      else broken.push({ id, file, failure: result.failure });
    };
    for (const [id, each] of idsGiven) {
      const changes = texts.get(id);
      take(id, each.file, entryFromComputer(id, each, changes?.ok === true ? changes.value : undefined));
    }
    for (const [id, text] of texts) {
      // What was changed in a profile that the computer no longer gives waits for it to come back.
      if (id.startsWith(computersPrefix)) continue;
      const file = this.#folder.fileOf(id);
      take(id, file, text.ok ? entryFromFile(id, file, text.value) : text);
    }
    this.#entries = entries;
    this.#broken = broken;
  }

  /** Tells one state of the whole from another. */
  #stamp(): string {
    const entries = this.#ordered().map(({ id, revision }) => [id, revision]);
    return JSON.stringify([entries, this.#broken]);
  }
}

function newId(): string {
  return randomBytes(8).toString('hex');
}

function idOf({ name }: ComputerFile): string {
  const id = `${computersPrefix}${name.toLowerCase()}`;
  return profileId.safeParse(id).success ? id : `${computersPrefix}${nameFrom(name)}`;
}

function ownText(profile: Entry['profile']): string {
  return writeRecord({
    kind: 'own',
    profile: fromMembers(withoutDefaults(membersOf(profile))) as Record<string, unknown>,
  });
}

/** What the user changed in a managed profile; a failure where that is locked. */
function overlayOf(
  { members, locked, organisation }: Extract<Footing, { kind: 'managed' }>,
  { profile, file }: Entry,
  wanted: Entry['profile'],
): Result<Record<string, unknown>> {
  const wantedMembers = membersOf(wanted);
  const refused = differingPaths(membersOf(profile), wantedMembers).filter((path) => isLocked(path, locked));
  if (refused.length > 0)
    return refuse('profile.locked', { organisation, name: profile.name, members: refused.join(', ') });
  const theirs = parseProfile(fromMembers(members), file);
  if (!theirs.ok) return theirs;
  const changed = differingPaths(membersOf(theirs.value), wantedMembers).filter((path) => !isLocked(path, locked));
  return { ok: true, value: Object.fromEntries(changed.map((path) => [path, wantedMembers.get(path) ?? null])) };
}

function refuse(code: Failure['code'], facts: Failure['facts']): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: failure(code, facts) };
}

function notFound(name: string): Failure {
  return failure('profile.notFound', { name });
}
