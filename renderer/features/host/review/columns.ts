import { reachRuleText, weaknesses } from '../../../../main/contracts/access-review.ts';
import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { strings } from '../../../strings/index.ts';
import { formatMoment } from '../../../ui/format.ts';

const text = strings.accessReview;

type Reviewed = ValueTaken<'host.accessReview'>['review']['users'][number];

function accountOf({ standing, isUnused }: Reviewed): string {
  const said = text.standings[standing];
  return isUnused && standing === 'active' ? text.unused(said) : said;
}

function reachOf({ reach }: Reviewed): string {
  if (reach === undefined) return text.everything;
  return reach.map(reachRuleText).join('; ') || text.nothing;
}

function lastSignInOf({ lastSignIn }: Reviewed): string {
  return lastSignIn === undefined
    ? text.never
    : text.signedIn(formatMoment(Date.parse(lastSignIn.at)), lastSignIn.from);
}

export const reviewColumns = [
  { title: text.user, cell: ({ user }: Reviewed) => user },
  { title: text.account, cell: accountOf },
  { title: text.groups, cell: ({ groups }: Reviewed) => groups.join(', ') || '–' },
  { title: text.reach, cell: reachOf },
  { title: text.lastSignIn, cell: lastSignInOf },
  { title: text.secondFactor, cell: ({ secondFactor }: Reviewed) => text.secondFactors[secondFactor] },
  {
    title: text.certificate,
    cell: ({ certificateExpiresAt }: Reviewed) =>
      certificateExpiresAt === undefined ? '–' : formatMoment(Date.parse(certificateExpiresAt)),
  },
  {
    title: text.weaknesses,
    cell: (row: Reviewed) => row.weaknesses.map((weakness) => weaknesses[weakness].what).join('; ') || '–',
  },
];
