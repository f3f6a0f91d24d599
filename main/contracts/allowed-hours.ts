import { weekdays, type AllowedHours } from './host-user.ts';

/** Allowed hours as people write them: `mon-fri 08:00-18:00`, `sat,sun 10:00-16:00`, `daily 06:00-24:00`. */

type Window = AllowedHours['windows'][number];
type Weekday = (typeof weekdays)[number];

const shortOf = (day: Weekday): string => day.slice(0, 3);

/** @returns `undefined` where the text is not of this form; the times themselves are judged by the contract */
export function parseHours(text: string): Window | undefined {
  const [, daysText = '', from = '', to = ''] = /^(\S+)\s+(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text.trim()) ?? [];
  const days = daysText === 'daily' ? [...weekdays] : daysText.toLowerCase().split(',').map(parseDays);
  const known = days.flat().filter((day) => day !== undefined);
  return known.length === 0 || known.length < days.flat().length ? undefined : { days: [...new Set(known)], from, to };
}

/** One day or a span of them, which may go round the end of the week: `fri-mon`. */
function parseDays(text: string): readonly (Weekday | undefined)[] {
  const [first = '', last = first] = text.split('-');
  const start = dayIndex(first);
  const end = dayIndex(last);
  if (start < 0 || end < 0 || text.split('-').length > 2) return [undefined];
  const count = ((end - start + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => weekdays[(start + i) % 7]);
}

function dayIndex(text: string): number {
  return weekdays.findIndex((day) => day === text || shortOf(day) === text);
}

export function describeHours({ timeZone, windows }: AllowedHours): string {
  return `${windows.map(describeWindow).join('; ')} (${timeZone})`;
}

/** As `parseHours` reads it. */
export function describeWindow({ days, from, to }: Window): string {
  return `${days.length === weekdays.length ? 'daily' : describeDays(days)} ${from}-${to}`;
}

function describeDays(days: readonly Weekday[]): string {
  const indices = days.map((day) => weekdays.indexOf(day)).sort((a, b) => a - b);
  const runs: { readonly first: number; readonly last: number }[] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run?.last === index - 1) runs[runs.length - 1] = { first: run.first, last: index };
    else runs.push({ first: index, last: index });
  }
  const name = (index: number): string => shortOf(weekdays[index] ?? 'monday');
  return runs.map(({ first, last }) => (first === last ? name(first) : `${name(first)}-${name(last)}`)).join(',');
}
