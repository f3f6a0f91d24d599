import { createHash } from 'node:crypto';
import { auditEvent, auditRecord, type AuditEvent, type AuditRecord } from '../../contracts/audit.ts';

/** The end of a chain: what the next record continues. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

/** What the first record of all continues. */
export const genesis: Head = { sequence: 0, hash: '0'.repeat(64) };

/** @throws ZodError where the event has anything that the contract does not name. */
export function nextRecord(head: Head, event: AuditEvent, atMs: number): AuditRecord {
  const body = {
    sequence: head.sequence + 1,
    at: new Date(atMs).toISOString(),
    previous: head.hash,
    event: auditEvent.parse(event),
  };
  return { ...body, hash: hashOf(body) };
}

export function lineOf(record: AuditRecord): string {
  return `${canonical(record)}\n`;
}

/** What is wrong with a line by itself, or with its place in the chain. */
export type Break = 'malformed' | 'changed' | 'outOfOrder';

/** @param head  absent where the line may be the first that is kept */
export function readLine(line: string, head?: Head): { readonly record: AuditRecord } | { readonly broken: Break } {
  const record = parse(line);
  if (record === undefined) return { broken: 'malformed' };
  const { hash, ...body } = record;
  if (hashOf(body) !== hash) return { broken: 'changed' };
  const before = head ?? (record.sequence === 1 ? genesis : undefined);
  const continues =
    before === undefined || (record.sequence === before.sequence + 1 && record.previous === before.hash);
  return continues ? { record } : { broken: 'outOfOrder' };
}

/** Only the one spelling that `lineOf` writes: else bytes could change that no hash covers. */
function parse(line: string): AuditRecord | undefined {
  try {
    const { data } = auditRecord.safeParse(JSON.parse(line));
    return data !== undefined && canonical(data) === line ? data : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(body: Omit<AuditRecord, 'hash'>): string {
  return createHash('sha256').update(canonical(body)).digest('hex');
}

/** RFC 8785, for the values that records have: text, whole numbers, lists and members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
