import {
  reachRuleText,
  weaknesses,
  type AccessReview,
  type ReviewedGroup,
  type ReviewedUser,
  type Weakness,
} from '../../../contracts/access-review.ts';

/** A review in words: the columns that every form of the report has. */

/** What cannot be seen, breaks lines or turns them around is shown as such: users choose their names. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

export interface Column<Row> {
  readonly heading: string;
  readonly of: (row: Row) => string;
}

type Access = Pick<ReviewedUser, 'reach' | 'tunnel' | 'routes'>;

function reachText({ reach }: Access): string {
  if (reach === undefined) return 'everything';
  if (reach.length === 0) return 'nothing';
  return reach.map(reachRuleText).join('; ');
}

function tunnelText({ tunnel, routes }: Access): string {
  return tunnel === 'full' ? 'full' : `split: ${routes.join(', ')}`;
}

const standingWords: Readonly<Record<ReviewedUser['standing'], string>> = {
  active: 'active',
  disabled: 'disabled',
  expired: 'expired',
  notAllowed: 'may not connect',
  judgedElsewhere: 'as its judge says',
};
const secondFactorWords: Readonly<Record<ReviewedUser['secondFactor'], string>> = {
  none: 'none',
  oneTimeCode: 'one-time code',
  notKnown: 'not known here',
};
const methodWords: Readonly<Record<NonNullable<ReviewedUser['lastSignIn']>['method'], string>> = {
  mschapv2: 'MS-CHAPv2',
  'chap-md5': 'CHAP',
  pap: 'PAP',
  eap: 'EAP',
  'eap-tls': 'EAP-TLS',
  'eap-mschapv2': 'EAP-MSCHAPv2',
  'eap-gtc': 'EAP-GTC',
  'eap-md5': 'EAP-MD5',
};

/** Without the fractions of seconds that nobody reads. */
const momentText = (at: string | undefined): string => (at === undefined ? '' : `${at.slice(0, 19)}Z`);

export const weaknessText = (weakness: Weakness): string => weaknesses[weakness].what;

export const userColumns: readonly Column<ReviewedUser>[] = [
  { heading: 'user', of: ({ user }) => user },
  { heading: 'judged by', of: ({ judgedBy }) => judgedBy ?? '' },
  { heading: 'account', of: ({ standing }) => standingWords[standing] },
  { heading: 'groups', of: ({ groups }) => groups.join(', ') },
  { heading: 'may reach', of: reachText },
  { heading: 'tunnel', of: tunnelText },
  { heading: 'addresses', of: ({ addresses }) => addresses.join(', ') },
  { heading: 'networks behind', of: ({ networks }) => networks.join(', ') },
  { heading: 'last sign-in', of: ({ lastSignIn }) => momentText(lastSignIn?.at) },
  { heading: 'from', of: ({ lastSignIn }) => lastSignIn?.from ?? '' },
  { heading: 'method', of: ({ lastSignIn }) => (lastSignIn === undefined ? '' : methodWords[lastSignIn.method]) },
  { heading: 'sign-ins', of: ({ signIns }) => String(signIns) },
  { heading: 'client', of: ({ lastSession }) => lastSession?.client ?? '' },
  { heading: 'phase 1', of: ({ lastSession }) => lastSession?.ike ?? '' },
  { heading: 'phase 2', of: ({ lastSession }) => lastSession?.esp ?? '' },
  { heading: 'refused', of: ({ failures }) => String(failures) },
  {
    heading: 'last refused',
    of: ({ lastFailure }) => (lastFailure === undefined ? '' : `${momentText(lastFailure.at)} ${lastFailure.reason}`),
  },
  { heading: 'second factor', of: ({ secondFactor }) => secondFactorWords[secondFactor] },
  { heading: 'certificate ends', of: ({ certificateExpiresAt }) => momentText(certificateExpiresAt) },
  { heading: 'weak', of: ({ weaknesses: found }) => found.map(weaknessText).join('; ') },
  { heading: 'unused', of: ({ isUnused }) => (isUnused ? 'yes' : '') },
];

export const groupColumns: readonly Column<ReviewedGroup>[] = [
  { heading: 'group', of: ({ name }) => name },
  { heading: 'users', of: ({ users }) => String(users) },
  { heading: 'may reach', of: reachText },
  { heading: 'tunnel', of: tunnelText },
  { heading: 'addresses', of: ({ pools }) => pools.join(', ') },
  { heading: 'reaches other clients', of: ({ isolated }) => (isolated ? '' : 'yes') },
];

/** What a reader has to know of the report itself. */
export function remarks({ auditLogFrom, unusedAfterDays, isCut, users }: AccessReview): readonly string[] {
  return [
    auditLogFrom === undefined
      ? 'There is no audit log: nobody is known to have signed in.'
      : `Sign-ins are known from ${momentText(auditLogFrom)} on, when the audit log begins.`,
    `Unused: no sign-in for ${unusedAfterDays} days.`,
    ...(users.some(({ judgedBy }) => judgedBy !== 'local')
      ? [
          'Of whom a RADIUS server or a directory judges, those are listed who signed in; their groups are those of the last session.',
        ]
      : []),
    ...(isCut ? ['More users signed in than a review holds: those who did longest ago are left out.'] : []),
  ];
}
