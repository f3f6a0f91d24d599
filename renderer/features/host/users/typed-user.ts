import { describeWindow, parseHours } from '../../../../main/contracts/allowed-hours.ts';
import type { HostUser } from '../../../../main/contracts/host-user.ts';
import { linesOf } from '../../../ui/lines-field/lines.ts';

/** A user as it is typed: text where the contract has numbers and instants. */
export interface Typed {
  readonly name: string;
  readonly groups: readonly string[];
  readonly address: string;
  readonly sessions: string;
  /** A day by this computer's calendar (2027-01-31), or nothing. */
  readonly lastDay: string;
  /** Windows as people write them, one in a line. */
  readonly hours: string;
  readonly timeZone: string;
  /** Behind the client of a branch office, one in a line. */
  readonly networks: string;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
}

export function typedOf(user: HostUser | undefined): Typed {
  return {
    name: user?.name ?? '',
    groups: user?.groups ?? [],
    address: user?.address ?? '',
    sessions: user?.sessions === undefined ? '' : String(user.sessions),
    lastDay: lastDayOf(user?.expiresAt),
    hours: user?.hours?.windows.map(describeWindow).join('\n') ?? '',
    timeZone: user?.hours?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    networks: user?.networks.join('\n') ?? '',
    mustChangePassword: user?.mustChangePassword ?? false,
    disabled: user?.disabled ?? false,
  };
}

/** The day in whose course, or at whose end, the account ends. */
export function lastDayOf(expiresAt: string | undefined): string {
  if (expiresAt === undefined) return '';
  const last = new Date(Date.parse(expiresAt) - 1);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${last.getFullYear()}-${two(last.getMonth() + 1)}-${two(last.getDate())}`;
}

/** In the contract's form; not checked yet. A day is meant until its end. */
export function membersOf(typed: Typed) {
  const { groups, address, sessions, lastDay, mustChangePassword, disabled } = typed;
  const [year = 0, month = 1, day = 0] = lastDay.split('-').map(Number);
  return {
    groups: [...groups],
    mustChangePassword,
    disabled,
    networks: linesOf(typed.networks),
    ...hoursOf(typed),
    ...(address !== '' && { address }),
    ...(sessions !== '' && { sessions: Number(sessions) }),
    ...(lastDay !== '' && { expiresAt: new Date(year, month - 1, day + 1).toISOString() }),
  };
}

/** What is no window stays as it was typed, which the contract refuses. */
function hoursOf({ hours, timeZone }: Typed): { readonly hours?: NonNullable<HostUser['hours']> } {
  const lines = hours.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return {};
  const windows = lines.map((line) => parseHours(line) ?? { days: [], from: '', to: '' });
  return { hours: { timeZone: timeZone.trim(), windows } };
}
