import { weekdays, type AllowedHours } from '../../contracts/host-user.ts';

/** Whether somebody may be connected at a moment, and until when; absent where there is no end. */
export type HoursVerdict = { readonly allowed: true; readonly untilMs?: number } | { readonly allowed: false };

const minuteMs = 60_000;
const dayMinutes = 1440;
const weekMinutes = 7 * dayMinutes;

export function judgeHours(hours: AllowedHours, nowMs: number): HoursVerdict {
  const spans = weekSpans(hours);
  const isOpen = (atMs: number): boolean => remainingMinutes(spans, minuteOfWeek(atMs, hours.timeZone)) > 0;
  if (!isOpen(nowMs)) return { allowed: false };
  // From the end of one window to the end of the next that follows on, for a week; a clock that is put back is just one more.
  let openMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const horizonMs = openMs + (weekMinutes + dayMinutes) * minuteMs;
  while (openMs < horizonMs) {
    const endMs = openMs + remainingMinutes(spans, minuteOfWeek(openMs, hours.timeZone)) * minuteMs;
    if (!isOpen(endMs)) return { allowed: true, untilMs: firstClosed(openMs, endMs, isOpen) };
    openMs = endMs;
  }
  return { allowed: true };
}

/** A clock that is put forward makes windows shorter: the end lies between a moment that is open and one that is not. */
function firstClosed(openMs: number, closedMs: number, isOpen: (atMs: number) => boolean): number {
  let [open, closed] = [openMs / minuteMs, closedMs / minuteMs];
  while (closed - open > 1) {
    const middle = Math.floor((open + closed) / 2);
    if (isOpen(middle * minuteMs)) open = middle;
    else closed = middle;
  }
  return closed * minuteMs;
}

/** Minutes from Monday 00:00; `end` may lie in the next week. */
interface Span {
  readonly start: number;
  readonly end: number;
}

function weekSpans({ windows }: AllowedHours): readonly Span[] {
  return windows.flatMap(({ days, from, to }) =>
    days.map((day) => {
      const midnight = weekdays.indexOf(day) * dayMinutes;
      const [start, end] = [midnight + minuteOfDay(from), midnight + minuteOfDay(to)];
      return { start, end: end > start ? end : end + dayMinutes };
    }),
  );
}

function minuteOfDay(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return 60 * hour + minute;
}

function remainingMinutes(spans: readonly Span[], minute: number): number {
  const remaining = spans.flatMap(({ start, end }) =>
    [minute, minute + weekMinutes].flatMap((at) => (start <= at && at < end ? [end - at] : [])),
  );
  return Math.max(0, ...remaining);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfWeek(atMs: number, timeZone: string): number {
  const options = { timeZone, weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en', options);
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const day = weekdays.findIndex((name) => name === parts.get('weekday')?.toLowerCase());
  return day * dayMinutes + 60 * Number(parts.get('hour')) + Number(parts.get('minute'));
}
