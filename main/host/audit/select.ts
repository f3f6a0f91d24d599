import type { AuditEvent, AuditKind, AuditRecord } from '../../contracts/audit.ts';

/** Which records; what is absent leaves none out. */
export interface AuditFilter {
  readonly kind?: AuditKind;
  readonly user?: string;
  /** In any member that is text, whatever the case. */
  readonly text?: string;
  /** Only those before that number: the page before. */
  readonly before?: number;
}

/** The latest that fit, oldest first; in bounded memory, however long the log is. */
export async function lastRecords(
  records: AsyncIterable<AuditRecord>,
  filter: AuditFilter,
  last: number,
): Promise<readonly AuditRecord[]> {
  const kept: AuditRecord[] = [];
  const { before = Infinity } = filter;
  for await (const record of records) {
    if (record.sequence >= before || !fits(record.event, filter)) continue;
    kept.push(record);
    if (kept.length > 2 * last) kept.splice(0, kept.length - last);
  }
  return kept.slice(-last);
}

function fits(event: AuditEvent, { kind, user, text }: AuditFilter): boolean {
  if (kind !== undefined && event.kind !== kind) return false;
  if (user !== undefined && !('user' in event && event.user === user)) return false;
  const wanted = text?.toLowerCase();
  return (
    wanted === undefined || Object.values(event).some((value) => isText(value) && value.toLowerCase().includes(wanted))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
