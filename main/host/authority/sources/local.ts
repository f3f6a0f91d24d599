import type { CryptoPort } from '../../../protocol/crypto.ts';
import { barredBy, judgeSignIn, type Judgement, type StoreFailure, type UserStore } from '../../users/index.ts';
import { refusalVerdict } from '../refusals.ts';
import type { Answer, Question, Source, Standing } from './source.ts';

export interface LocalOptions {
  readonly users: UserStore;
  readonly crypto: CryptoPort;
  /** After each use of the store: why it could not be read or written, or that it could. */
  readonly onUsed: (trouble: StoreFailure | undefined) => void;
  readonly onPasswordChanged: (user: string) => void;
}

/** The users of the local store. */
export function localSource({ users, crypto, onUsed, onPasswordChanged }: LocalOptions): Source {
  const keep = async (user: string, { newPassword }: Extract<Judgement, { ok: true }>): Promise<boolean> => {
    if (newPassword === undefined) return true;
    const stored = await users.setPassword(user, newPassword);
    onUsed(stored.ok ? undefined : stored.failure);
    if (stored.ok) onPasswordChanged(user);
    return stored.ok;
  };

  const judge = async ({ request }: Question): Promise<Answer> => {
    const { userName } = request;
    const found = await users.find(userName);
    onUsed(found.ok ? undefined : found.failure);
    if (!found.ok) return { kind: 'unavailable' };
    const judgement = judgeSignIn(crypto, request, found.value, Date.now());
    if (!judgement.ok) {
      const { reason } = judgement;
      return reason === 'unknownUser'
        ? { kind: 'unknown' }
        : { kind: 'refused', reason, verdict: refusalVerdict(reason) };
    }
    const { verdict, user, endsAtMs } = judgement;
    if (!(await keep(userName, judgement))) {
      return { kind: 'refused', reason: 'passwordChangeRefused', verdict: refusalVerdict('passwordChangeRefused') };
    }

    return {
      kind: 'accepted',
      verdict,
      judgedBy: { source: 'local', localUser: user },
      accounting: { class: [] },
      ...(endsAtMs !== undefined && { endsAtMs }),
    };
  };

  const recheck = async (user: string): Promise<Standing> => {
    const found = await users.find(user);
    onUsed(found.ok ? undefined : found.failure);
    if (!found.ok) return 'unsure';
    const barred = found.value === undefined ? 'accountDisabled' : barredBy(found.value.user, Date.now());
    if (barred === undefined) return 'stays';
    return barred === 'accountDisabled' ? 'accountClosed' : 'hoursEnded';
  };

  return { name: 'local', judge, recheck: ({ user }) => recheck(user) };
}
