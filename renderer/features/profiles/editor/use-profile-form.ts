import { useEffect, useState } from 'react';
import { problemsOf } from '../../../../main/contracts/problems.ts';
import { fromMembers, membersOf } from '../../../../main/contracts/profile-members.ts';
import { profile } from '../../../../main/contracts/profile.ts';
import type { StoredProfile } from '../../../../main/contracts/stored-profile.ts';
import type { Failure } from '../../../../main/contracts/failure.ts';
import { call } from '../../../store/client.ts';
import { advancedMembers, type Typed, typedOf, valueOf } from './members.ts';

const basics = {
  title: 'text',
  gateway: 'text',
  user: 'text',
  'ipsec.certificate': 'certificate',
  'ppp.eapTls': 'certificate',
} as const;
const basicMembers = Object.entries(basics).map(([path, kind]) => ({
  kind,
  path,
  section: '',
  label: '',
  hint: '',
  isOptional: true,
}));
const fields = [...basicMembers, ...advancedMembers];

export interface ProfileForm {
  /** Of one that is there already. */
  readonly stored: StoredProfile | undefined;
  readonly failure: Failure | undefined;
  typed(path: string): Typed;
  set(path: string, typed: Typed): void;
  readonly errors: Readonly<Record<string, string>>;
  /** Who locked the member. */
  lockedBy(path: string): string | undefined;
  /** As it would be stored; `undefined` where something is wrong, which `errors` then says. */
  check(): Record<string, unknown> | undefined;
}

/** What is typed, judged by the profile's own contract. Undefined until the profile is there. */
export function useProfileForm(id: string | undefined): ProfileForm | undefined {
  const [stored, setStored] = useState<StoredProfile>();
  const [failure, setFailure] = useState<Failure>();
  const [values, setValues] = useState<ReadonlyMap<string, Typed> | undefined>(() =>
    id === undefined ? typedFrom({ version: 1, name: 'new', gateway: 'x' }, ['gateway']) : undefined,
  );
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  useEffect(() => {
    if (id === undefined) return;
    let isCurrent = true;
    void call('profiles.read', { id }).then((read) => {
      if (!isCurrent) return;
      if (!read.ok) {
        setFailure(read.failure);
        return;
      }
      setStored(read.value as StoredProfile);
      setValues(typedFrom(read.value));
    });
    return () => {
      isCurrent = false;
    };
  }, [id]);
  if (values === undefined) return failure === undefined ? undefined : emptyForm(failure);
  return {
    stored,
    failure,
    typed: (path) => values.get(path) ?? '',
    set: (path, typed) => {
      setValues(new Map(values).set(path, typed));
      setErrors(Object.fromEntries(Object.entries(errors).filter(([each]) => each !== path)));
    },
    errors,
    lockedBy: (path) => {
      const { management } = stored ?? {};
      return management?.locked.includes(path) === true ? management.organisation : undefined;
    },
    check: () => {
      const input = inputOf(stored, values);
      const parsed = profile.safeParse(input);
      const problems = parsed.success ? [] : problemsOf(parsed.error);
      setErrors(Object.fromEntries(problems.map(({ path, text }) => [fieldOf(path), text])));
      if (!parsed.success) return undefined;
      // A new one is called by what it is for.
      return stored === undefined
        ? Object.fromEntries(Object.entries(input).filter(([each]) => each !== 'name'))
        : { ...input };
    },
  };
}

function typedFrom(from: object, without: readonly string[] = []): ReadonlyMap<string, Typed> {
  const written = 'profile' in from ? (from.profile as object) : from;
  const members = membersOf(profile.parse(written));
  return new Map(
    fields.map((field) => [
      field.path,
      typedOf(field, without.includes(field.path) ? undefined : members.get(field.path)),
    ]),
  );
}

/** Members that the form does not show stay as they are. */
function inputOf(stored: StoredProfile | undefined, values: ReadonlyMap<string, Typed>): object {
  const members = membersOf(stored?.profile ?? { version: 1 });
  if (stored === undefined) members.set('name', 'new');
  for (const field of fields) {
    const value = valueOf(field, values.get(field.path) ?? '');
    if (value === undefined) members.delete(field.path);
    else members.set(field.path, value);
  }
  return fromMembers(members);
}

/** A problem of an entry is its list's. */
function fieldOf(path: string): string {
  return fields.find((field) => path === field.path || path.startsWith(`${field.path}.`))?.path ?? path;
}

function emptyForm(failure: Failure): ProfileForm {
  const nothing = (): undefined => undefined;
  return { stored: undefined, failure, typed: () => '', set: nothing, errors: {}, lockedBy: nothing, check: nothing };
}
