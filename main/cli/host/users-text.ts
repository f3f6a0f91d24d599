import type { HostUser } from '../../contracts/host-user.ts';
import { momentText, printable, table } from '../../host/words/format.ts';
import { describeHours } from '../../contracts/allowed-hours.ts';

export function describeUsers(users: readonly HostUser[], nowMs: number): string {
  return table(
    ['NAME', 'STATE', 'GROUPS', 'ADDRESS', 'MORE'],
    users.map((user) => [
      user.name,
      stateOf(user, nowMs),
      user.groups.join(', '),
      user.address ?? '',
      peculiaritiesOf(user).join('; '),
    ]),
  );
}

/** One user, as it is after a change. */
export function describeUser(user: HostUser, nowMs: number): string {
  const facts = [
    stateOf(user, nowMs),
    ...(user.groups.length === 0 ? [] : [`groups ${user.groups.join(', ')}`]),
    ...(user.address === undefined ? [] : [`address ${user.address}`]),
    ...peculiaritiesOf(user),
  ];
  return `${printable(user.name)}: ${facts.join('; ')}`;
}

function stateOf({ disabled, expiresAt, mustChangePassword, passwordExpiresAt }: HostUser, nowMs: number): string {
  const isPast = (instant: string | undefined): boolean => instant !== undefined && Date.parse(instant) <= nowMs;
  if (disabled) return 'disabled';
  if (isPast(expiresAt)) return 'expired';
  return mustChangePassword || isPast(passwordExpiresAt) ? 'password expired' : 'enabled';
}

function peculiaritiesOf({
  expiresAt,
  passwordExpiresAt,
  hours,
  networks,
  sessions,
  oneTimeCode,
}: HostUser): readonly string[] {
  return [
    ...(oneTimeCode === undefined ? [] : [`one-time codes (${oneTimeCode.recoveryCodes} for recovery)`]),
    ...(expiresAt === undefined ? [] : [`ends ${momentText(expiresAt)}`]),
    ...(passwordExpiresAt === undefined ? [] : [`password until ${momentText(passwordExpiresAt)}`]),
    ...(hours === undefined ? [] : [describeHours(hours)]),
    ...(networks.length === 0 ? [] : [`branch of ${networks.join(', ')}`]),
    ...(sessions === undefined ? [] : [`at most ${sessions} at once`]),
  ];
}
