import { Secret } from '../../../contracts/secret.ts';
import { ldapRefusals, type LdapOutcome, type LdapRefusal, type UserDirectory } from '../../ldap/index.ts';
import type { Grant } from '../../policy/index.ts';
import type { Admission } from '../ledger.ts';
import { refusalVerdict } from '../refusals.ts';
import type { Answer, Question, Source, Standing } from './source.ts';

/** Who was let in goes for these alone: what else an entry says now is about passwords, or may be a stranger's doing. */
const standings: Readonly<Record<LdapRefusal, Standing>> = {
  unknownUser: 'accountClosed',
  accountDisabled: 'accountClosed',
  accountExpired: 'hoursEnded',
  outsideHours: 'hoursEnded',
  notAllowed: 'stays',
  ambiguous: 'stays',
  wrongPassword: 'stays',
  passwordExpired: 'stays',
  mustChange: 'stays',
  locked: 'stays',
};

export interface DirectoryNotes {
  readonly onOutcome: (outcome: LdapOutcome) => void;
  /** Whether the configuration lets in who is granted this: somebody may be in no group any more that means anything here. */
  readonly isAllowed: (user: string, grant: Grant) => boolean;
}

/** A directory, which takes a password as PAP shows it and nothing else. */
export function directorySource(directory: UserDirectory | undefined, notes: DirectoryNotes): Source {
  const judge = async ({ request }: Question, signal: AbortSignal): Promise<Answer> => {
    if (request.method !== 'pap' || request.token !== undefined) return { kind: 'unable' };
    if (directory === undefined) return { kind: 'unavailable' };
    const password = new Secret(request.password);
    const outcome = await directory.judge({ user: request.userName, password }, signal);
    notes.onOutcome(outcome);
    switch (outcome.kind) {
      case 'known': {
        const { dn, guid, grant } = outcome;
        return {
          kind: 'accepted',
          verdict: { ok: true },
          judgedBy: { source: 'ldap', dn, ...(guid !== undefined && { guid }) },
          grant,
          accounting: { class: [] },
        };
      }
      case 'refused': {
        const reason = ldapRefusals[outcome.reason];
        return reason === 'unknownUser'
          ? { kind: 'unknown' }
          : { kind: 'refused', reason, verdict: refusalVerdict(reason) };
      }
      case 'unavailable':
      case 'cancelled':
        return { kind: outcome.kind };
    }
  };

  return { name: 'ldap', judge, recheck: standingInDirectory(directory, notes) };
}

/** Judges anew whoever was found in the directory, by the entry alone. */
export function standingInDirectory(
  directory: UserDirectory | undefined,
  { onOutcome, isAllowed }: DirectoryNotes,
): Source['recheck'] {
  return async ({ user, judgedBy }: Admission, signal: AbortSignal): Promise<Standing> => {
    if (!('dn' in judgedBy) || directory === undefined) return 'unsure';
    const { dn, guid } = judgedBy;
    const outcome = await directory.recheck({ user, dn, ...(guid !== undefined && { guid }) }, signal);
    onOutcome(outcome);
    if (outcome.kind === 'known') return isAllowed(user, outcome.grant) ? 'stays' : 'accountClosed';
    return outcome.kind === 'refused' ? standings[outcome.reason] : 'unsure';
  };
}
