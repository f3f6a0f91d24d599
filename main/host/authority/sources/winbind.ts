import type { CryptoPort } from '../../../protocol/crypto.ts';
import { challengeHash, proofOfPassword, type VerifyRequest } from '../../../protocol/ppp/index.ts';
import type { DirectoryUser, UserDirectory } from '../../ldap/index.ts';
import { ldapRefusals } from '../../ldap/index.ts';
import {
  ntlmRefusals,
  type ChangeAnswer,
  type NtlmAccount,
  type NtlmAnswer,
  type NtlmAuth,
} from '../../winbind/index.ts';
import { refusalVerdict, type SignInReason } from '../refusals.ts';
import { standingInDirectory, type DirectoryNotes } from './directory.ts';
import type { Answer, Question, Source } from './source.ts';

export interface WinbindOptions extends DirectoryNotes {
  /** Who the user is, in which groups, and whether the account is still good: the domain's, over LDAP. */
  readonly directory: UserDirectory | undefined;
  readonly ntlmAuth: Pick<NtlmAuth, 'judge' | 'change'> | undefined;
  readonly crypto: CryptoPort;
  /** After each question: why winbind could judge nobody, or that it could. */
  readonly onJudged: (trouble: string | undefined) => void;
}

type MsChapV2 = Extract<VerifyRequest, { method: 'mschapv2' | 'mschapv2-change' }>;

/** A Windows domain that this machine has joined, which judges MS-CHAPv2 without anybody showing it the password. */
export function winbindSource(options: WinbindOptions): Source {
  const { directory, ntlmAuth, crypto, onOutcome, onJudged } = options;

  const judge = async ({ request }: Question, signal: AbortSignal): Promise<Answer> => {
    if (request.method !== 'mschapv2' && request.method !== 'mschapv2-change') return { kind: 'unable' };
    if (directory === undefined || ntlmAuth === undefined) return { kind: 'unavailable' };
    const outcome = await directory.lookUp({ user: request.userName }, signal);
    onOutcome(outcome);
    switch (outcome.kind) {
      case 'known':
        return outcome.account === undefined
          ? { kind: 'unavailable' }
          : judgeKnown(ntlmAuth, request, { ...outcome, account: outcome.account }, signal);
      case 'refused': {
        const reason = ldapRefusals[outcome.reason];
        return reason === 'unknownUser' ? { kind: 'unknown' } : refused(reason);
      }
      case 'unavailable':
      case 'cancelled':
        return { kind: outcome.kind };
    }
  };

  const judgeKnown = async (
    ntlm: NonNullable<typeof ntlmAuth>,
    request: MsChapV2,
    { account, barred, dn, guid, grant }: DirectoryUser & { readonly account: NtlmAccount },
    signal: AbortSignal,
  ): Promise<Answer> => {
    if (request.method === 'mschapv2-change') {
      const changed = await ntlm.change({ ...account, ...request }, signal);
      if (changed.kind !== 'changed') return notAccepted(changed);
    }
    const { ntResponse } = request;
    const answer = await ntlm.judge({ ...account, challenge: challengeHash(crypto, request), ntResponse }, signal);
    if (answer.kind !== 'accepted') return notAccepted(answer);
    onJudged(undefined);
    // Another controller of the domain may know it already.
    if (barred !== undefined) return refused(ldapRefusals[barred]);
    return {
      kind: 'accepted',
      verdict: {
        ok: true,
        authenticatorResponse: proofOfPassword(crypto, request, ntResponse, answer.hashHash.expose()),
      },
      judgedBy: { source: 'winbind', dn, ...(guid !== undefined && { guid }) },
      grant,
      accounting: { class: [] },
    };
  };

  const notAccepted = (answer: Exclude<NtlmAnswer | ChangeAnswer, { kind: 'accepted' | 'changed' }>): Answer => {
    switch (answer.kind) {
      case 'refused': {
        onJudged(undefined);
        return refused(ntlmRefusals[answer.reason]);
      }
      case 'unavailable':
        onJudged(answer.detail);
        return { kind: 'unavailable' };
      case 'cancelled':
        return { kind: 'cancelled' };
    }
  };

  return { name: 'winbind', judge, recheck: standingInDirectory(directory, options) };
}

function refused(reason: SignInReason): Answer {
  return { kind: 'refused', reason, verdict: refusalVerdict(reason) };
}
