/** Figures as people read them, in their own language's way. */

const units = (names: readonly string[]) => {
  const format = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
  return (value: number): string => {
    const step = value < 1000 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
    return `${format.format(value / 1000 ** step)} ${names[step] ?? ''}`;
  };
};

export const formatBytes = units(['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
const formatBits = units(['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']);

export function formatRate(bytesPerSecond: number): string {
  return formatBits(Math.round(bytesPerSecond * 8));
}

/** A part of a sentence, as one. */
export function asSentence(part: string): string {
  return `${part.slice(0, 1).toUpperCase()}${part.slice(1)}.`;
}

/** 1:02:03, or 2:03 below an hour. */
export function formatDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
export function formatMoment(at: number): string {
  return moment.format(at);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
export function formatClock(at: number): string {
  return clock.format(at);
}
