import type { AccountingRecord } from '../accounting.ts';
import type { QueuedRecord } from './state.ts';
import type { Turn } from './turn.ts';
import type { AccountingLoss, ServerFailure } from './types.ts';

/** Puts a new record at the end of the queue. Interim records of its session that still wait are no longer news. */
export function enqueueRecord(turn: Turn, record: AccountingRecord): void {
  const order = turn.nextSerial;
  turn.nextSerial += 1;
  const { nowMs: eventMs, unixSeconds: eventUnixSeconds } = turn.env;
  turn.queue = [
    ...turn.queue.filter((queued) => !supersedes(record, queued.record)),
    { order, record, eventMs, eventUnixSeconds },
  ];
  shorten(turn);
}

/** After no server took it: back to its place, unless there is newer news; accounting rests for a while. */
export function returnRecord(turn: Turn, queued: QueuedRecord, failures: readonly ServerFailure[]): void {
  turn.accountingHeldUntilMs = turn.env.nowMs + turn.config.accountingRetryMs;
  const { record } = queued;
  if (turn.queue.some((later) => later.order > queued.order && supersedes(later.record, record))) return;
  turn.emit({ kind: 'accountingDelayed', record, failures });
  turn.queue = [...turn.queue, queued].sort((a, b) => a.order - b.order);
  shorten(turn);
}

export function loseRecord(turn: Turn, { record }: QueuedRecord, cause: AccountingLoss): void {
  turn.emit({ kind: 'accountingLost', record, cause });
}

function shorten(turn: Turn): void {
  while (turn.queue.length > turn.config.limits.accountingQueue) {
    const lost = turn.queue.find(({ record }) => record.kind === 'interim') ?? turn.queue[0];
    if (lost === undefined) return;
    turn.queue = turn.queue.filter((queued) => queued !== lost);
    loseRecord(turn, lost, 'queueFull');
  }
}

/** Takes the records that may be sent now out of the queue: each session's in order, and on and off by themselves. */
export function takeReady(turn: Turn): QueuedRecord[] {
  const { accountingHeldUntilMs, env, config } = turn;
  if (accountingHeldUntilMs !== undefined && env.nowMs < accountingHeldUntilMs) return [];
  turn.accountingHeldUntilMs = undefined;
  const before = [...turn.exchanges.values()].flatMap(({ job }) =>
    job.purpose === 'accounting' ? [job.queued.record] : [],
  );
  const sessions = new Set(before.flatMap((record) => sessionOf(record) ?? []));
  let room = config.limits.accountingInFlight - before.length;
  let barred = before.some((record) => sessionOf(record) === undefined);
  const ready: QueuedRecord[] = [];
  for (const queued of turn.queue) {
    if (room <= 0 || barred) break;
    const session = sessionOf(queued.record);
    if (session === undefined) {
      barred = true;
      if (sessions.size > 0) break;
    } else if (sessions.has(session)) continue;
    else sessions.add(session);
    ready.push(queued);
    room -= 1;
  }
  if (ready.length > 0) {
    const taken = new Set(ready);
    turn.queue = turn.queue.filter((queued) => !taken.has(queued));
  }
  return ready;
}

function sessionOf(record: AccountingRecord): string | undefined {
  return 'session' in record ? record.session.sessionId : undefined;
}

/** A later record of the session says all that an interim one said. */
function supersedes(later: AccountingRecord, earlier: AccountingRecord): boolean {
  return earlier.kind === 'interim' && later.kind !== 'start' && sessionOf(later) === sessionOf(earlier);
}
