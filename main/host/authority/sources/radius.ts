import type { Further, VerifyRequest } from '../../../protocol/ppp/index.ts';
import { verdictOf, type AuthenticationOutcome } from '../../../protocol/radius/index.ts';
import { grantOfRadius } from '../../policy/index.ts';
import { groupsOf, type RadiusClient, type RadiusSettings } from '../../radius/index.ts';
import { foldedName } from '../../users/index.ts';
import { reasonsOfCodes, refusalVerdict } from '../refusals.ts';
import type { Answer, Source } from './source.ts';

type Asker = Pick<RadiusClient, 'authenticate'>;

/** RADIUS servers. They tell nobody whether a name is known: their no is final. */
export function radiusSource(client: () => Asker | undefined, mapping: RadiusSettings['groups']): Source {
  return {
    name: 'radius',
    judge: async ({ request, session }, signal) => {
      if (request.method === 'eap-tls') return { kind: 'unable' };
      const token = 'token' in request ? request.token : undefined;
      const challenge = token?.by === 'radius' ? { challenge: { server: token.server, state: token.state } } : {};
      const outcome = await client()?.authenticate({ credentials: request, session, ...challenge }, signal);
      if (outcome === undefined) return { kind: 'unavailable' };
      const further = outcome.kind === 'challenged' ? furtherOf(request, outcome) : undefined;
      if (further !== undefined) return { kind: 'further', further };
      return isSomebodyElse(request, outcome)
        ? { kind: 'refused', reason: 'notAllowed', verdict: refusalVerdict('notAllowed') }
        : answerOf(outcome, mapping);
    },
    // A server that changes its mind says so itself (RFC 5176).
    recheck: () => Promise.resolve('stays'),
  };
}

/** In EAP the client says who it is before anybody has proved it: the server may have been convinced of another. */
function isSomebodyElse(request: VerifyRequest, outcome: AuthenticationOutcome): boolean {
  if (request.method !== 'eap' || outcome.kind !== 'accepted' || outcome.policy.userName === undefined) return false;
  return !isSameAccount(outcome.policy.userName, request.userName);
}

/**
 * A domain in front and a realm behind are left out by many servers; where both names have one, it is the same. A domain alone and a
 * realm alone are the same where the realm begins with it, as in Active Directory.
 */
function isSameAccount(one: string, other: string): boolean {
  const [a, b] = [partsOf(one), partsOf(other)];
  const fits = (part: string | undefined, as: string | undefined): boolean =>
    part === undefined || as === undefined || part === as;
  const isAtHome = fits(a.domain, b.domain) && fits(a.realm, b.realm) && !isElsewhere(a, b) && !isElsewhere(b, a);
  return a.account === b.account && isAtHome;
}

function isElsewhere({ domain, realm }: NameParts, other: NameParts): boolean {
  if (domain === undefined || realm !== undefined || other.domain !== undefined) return false;
  return other.realm !== undefined && other.realm.split('.')[0] !== domain;
}

interface NameParts {
  readonly domain?: string;
  readonly account: string;
  readonly realm?: string;
}

function partsOf(name: string): NameParts {
  const {
    domain,
    account = '',
    realm,
  } = /^(?:(?<domain>[^]*)\\)?(?<account>[^@]*)(?:@(?<realm>[^]*))?$/.exec(foldedName(name))?.groups ?? {};
  return { account, ...(domain !== undefined && { domain }), ...(realm !== undefined && { realm }) };
}

/** What a challenge is to the client (RFC 2865 §4.4, RFC 3579 §2.1); nothing where it has no way to answer. */
function furtherOf(
  request: VerifyRequest,
  { server, state, message, eap }: Extract<AuthenticationOutcome, { kind: 'challenged' }>,
): Further | undefined {
  const token = { by: 'radius', server, state } as const;
  if (request.method === 'eap') {
    return eap === undefined ? undefined : { ok: 'further', kind: 'relayed', message: eap, token };
  }
  return request.method === 'pap' && request.mayPrompt === true
    ? { ok: 'further', kind: 'prompt', text: message, token }
    : undefined;
}

function answerOf(outcome: AuthenticationOutcome, mapping: RadiusSettings['groups']): Answer {
  switch (outcome.kind) {
    case 'accepted': {
      const { policy } = outcome;
      const { userName, class: classes, interimSeconds } = policy;
      return {
        kind: 'accepted',
        verdict: verdictOf(outcome),
        judgedBy: { source: 'radius' },
        grant: grantOfRadius(policy, groupsOf(policy, mapping)),
        accounting: {
          class: classes,
          ...(userName !== undefined && { userName }),
          ...(interimSeconds !== undefined && { interimSeconds }),
        },
      };
    }
    case 'rejected': {
      const { msChap, otherService } = outcome;
      const reason = otherService === undefined ? reasonsOfCodes[msChap?.code ?? 691] : 'notAllowed';
      return { kind: 'refused', reason, verdict: verdictOf(outcome) };
    }
    case 'challenged':
      // A second factor, for which these methods have no question.
      return { kind: 'refused', reason: 'approvalDenied', verdict: verdictOf(outcome) };
    case 'unsendable':
      return { kind: 'refused', reason: 'wrongPassword', verdict: verdictOf(outcome) };
    case 'noServer':
      return { kind: 'unavailable' };
    case 'cancelled':
      return { kind: 'cancelled' };
  }
}
