import { z } from 'zod';
import { failure, type Result } from '../../contracts/failure.ts';
import { signedProfile } from '../../contracts/profile-document.ts';
import { memberPaths } from '../../contracts/profile-members.ts';
import { parseAs, parseJson } from '../load.ts';
import { formatMember, migrate } from './migrations.ts';

/** What stands in one file of the store. */

const overlay = z.partialRecord(z.enum(memberPaths as [string, ...string[]]), z.unknown());

/** A profile of the user's own; what is left out has its default. */
const ownRecord = z.strictObject({ [formatMember]: z.literal(1), profile: z.record(z.string(), z.unknown()) });
/** One that an organisation signed, as it came, and what the user changed. */
const managedRecord = z.strictObject({ [formatMember]: z.literal(1), managed: signedProfile, own: overlay });
/** What the user changed in a profile that the computer gives. */
const computerRecord = z.strictObject({ [formatMember]: z.literal(1), own: overlay });

export type StoredRecord =
  | { readonly kind: 'own'; readonly profile: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'managed';
      readonly managed: z.infer<typeof signedProfile>;
      readonly own: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'computer'; readonly own: Readonly<Record<string, unknown>> };

/** `file` is what it is called in a failure. */
export function readRecord(text: string, file: string): Result<StoredRecord> {
  const json = parseJson(text, file);
  if (!json.ok) return json;
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) {
    return {
      ok: false,
      failure: failure('profile.invalid', { file, problems: 'the file: expected members in braces { }' }),
    };
  }
  const record = migrate(json.value as Record<string, unknown>, file);
  if (!record.ok) return record;
  if ('managed' in record.value) return tagged('managed', parseAs(managedRecord, record.value, file));
  if ('own' in record.value) return tagged('computer', parseAs(computerRecord, record.value, file));
  return tagged('own', parseAs(ownRecord, record.value, file));
}

/** Which kind it is shows in its members. */
export function writeRecord(record: StoredRecord): string {
  const members = Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'kind'));
  return `${JSON.stringify({ [formatMember]: 1, ...members }, undefined, 2)}\n`;
}

function tagged<Kind extends StoredRecord['kind'], Value extends object>(
  kind: Kind,
  parsed: Result<Value>,
): Result<{ readonly kind: Kind } & Value> {
  return parsed.ok ? { ok: true, value: { kind, ...parsed.value } } : parsed;
}
