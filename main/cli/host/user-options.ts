import { hostUser, type HostUser } from '../../contracts/host-user.ts';
import { problemsByKey } from '../../contracts/problems.ts';
import type { RequestedUserChanges } from '../../contracts/host-control.ts';
import { Complaint } from '../../host/words/complaint.ts';
import { parseHours } from '../../contracts/allowed-hours.ts';

/** What `users add` and `users set` take beside the name, as commander hands it over. */
export interface UserFlags {
  readonly group?: readonly string[];
  readonly address?: string;
  readonly network?: readonly string[];
  readonly sessions?: number;
  readonly expires?: string;
  readonly passwordExpires?: string;
  readonly mustChangePassword?: true;
  readonly hours?: readonly string[];
  readonly timeZone?: string;
}

/** The options of `--clear`, and the member that each takes back to its default. */
export const clearable = {
  group: 'groups',
  address: 'address',
  network: 'networks',
  sessions: 'sessions',
  expires: 'expiresAt',
  'password-expires': 'passwordExpiresAt',
  'must-change-password': 'mustChangePassword',
  hours: 'hours',
} as const satisfies Record<string, keyof RequestedUserChanges>;

export type Clearable = keyof typeof clearable;

type Members = { readonly [Member in keyof RequestedUserChanges]: NonNullable<RequestedUserChanges[Member]> };

/** @throws Complaint with everything that is wrong */
export function newUser(name: string, flags: UserFlags): HostUser {
  const parsed = hostUser.safeParse({ name, ...membersOf(flags) });
  if (parsed.success) return parsed.data;
  const problems = Object.entries(problemsByKey(parsed.error, optionOf)).map(([option, text]) => `${option}: ${text}`);
  throw new Complaint('user.invalid', { problems: problems.join('; ') });
}

/** @throws Complaint with everything that is wrong, or where nothing was given */
export function userChanges(name: string, flags: UserFlags, clear: readonly Clearable[]): RequestedUserChanges {
  const members = membersOf(flags);
  newUser(name, flags);
  const changes = { ...Object.fromEntries(clear.map((option) => [clearable[option], null])), ...members };
  if (Object.keys(changes).length === 0) throw new Complaint('user.nothingToChange');
  return changes;
}

/** What the user has typed, for a member that is wrong. */
function optionOf([member, part]: readonly PropertyKey[]): string {
  if (part === 'timeZone') return '--time-zone';
  const option = Object.entries(clearable).find(([, cleared]) => cleared === member)?.[0];
  return option === undefined ? String(member) : `--${option}`;
}

function membersOf(flags: UserFlags): Members {
  const { group, address, network, sessions, expires, passwordExpires, mustChangePassword, hours, timeZone } = flags;
  if (timeZone !== undefined && hours === undefined) {
    throw new Complaint('user.invalid', { problems: '--time-zone: expected --hours beside it' });
  }
  return {
    ...(group !== undefined && { groups: [...group] }),
    ...(address !== undefined && { address }),
    ...(network !== undefined && { networks: [...network] }),
    ...(sessions !== undefined && { sessions }),
    ...(expires !== undefined && { expiresAt: instantOf(expires) }),
    ...(passwordExpires !== undefined && { passwordExpiresAt: instantOf(passwordExpires) }),
    ...(mustChangePassword === true && { mustChangePassword }),
    ...(hours !== undefined && { hours: hoursOf(hours, timeZone) }),
  };
}

/** A day is meant until its end, by the clock of this machine. */
function instantOf(text: string): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return text;
  const end = new Date(Number(year), Number(month) - 1, Number(day) + 1);
  // A day that is none, such as 31 February, would be another one silently.
  const last = new Date(end.getTime() - 1);
  return last.getMonth() === Number(month) - 1 && last.getDate() === Number(day) ? end.toISOString() : text;
}

function hoursOf(texts: readonly string[], timeZone: string | undefined): NonNullable<HostUser['hours']> {
  const windows = texts.map((text) => {
    const window = parseHours(text);
    if (window !== undefined) return window;
    throw new Complaint('user.invalid', { problems: `--hours: expected such as "mon-fri 08:00-18:00", not "${text}"` });
  });
  return { timeZone: timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone, windows };
}
