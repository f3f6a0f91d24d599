import type { CryptoPort } from '../../../protocol/crypto.ts';
import type { Further, VerifyRequest } from '../../../protocol/ppp/index.ts';
import {
  barredBy,
  judgeSignIn,
  leastChosenCharacters,
  type Judgement,
  type StoreFailure,
  type UsedCode,
  type UserStore,
} from '../../users/index.ts';
import { refusalVerdict, type SignInReason } from '../refusals.ts';
import type { Answer, Question, Source, Standing } from './source.ts';

export interface LocalOptions {
  readonly users: UserStore;
  readonly crypto: CryptoPort;
  /** After each use of the store: why it could not be read or written, or that it could. */
  readonly onUsed: (trouble: StoreFailure | undefined) => void;
  readonly onPasswordChanged: (user: string) => void;
  readonly onRecoveryUsed: (user: string) => void;
  /** How many steps of 30 s the clock of a user's codes may be off. */
  readonly drift: number;
  /** There are methods of EAP that the host itself answers. */
  readonly answersEap: boolean;
}

/** A mistyped code may be typed again, the password being right. */
const mostCodeTries = 3;

const whatToChoose = `choose one of at least ${leastChosenCharacters} characters that is neither the old one nor the user name`;

function askForCode(wrong: SignInReason | undefined, tries: number): Further {
  const text =
    wrong === undefined
      ? 'One-time code'
      : wrong === 'codeReused'
        ? 'This code was used already. Wait for the next one'
        : 'This code is wrong. One-time code';
  return { ok: 'further', kind: 'prompt', text, token: { by: 'local', tries } };
}

/** The users of the local store. */
export function localSource(options: LocalOptions): Source {
  const { users, crypto, onUsed, onPasswordChanged, onRecoveryUsed, drift, answersEap } = options;
  const keep = async (user: string, { newPassword }: Extract<Judgement, { ok: true }>): Promise<boolean> => {
    if (newPassword === undefined) return true;
    const stored = await users.setPassword(user, newPassword);
    onUsed(stored.ok ? undefined : stored.failure);
    if (stored.ok) onPasswordChanged(user);
    return stored.ok;
  };

  /** Nobody is let in by a code that could be used again. */
  const useUp = async (user: string, code: UsedCode | undefined): Promise<SignInReason | undefined> => {
    if (code === undefined) return undefined;
    const used = await users.useCode(user, code);
    onUsed(used.ok ? undefined : used.failure);
    if (!used.ok) return 'serversUnavailable';
    if (used.value && code.kind === 'recovery') onRecoveryUsed(user);
    return used.value ? undefined : 'codeReused';
  };

  const refuse = (request: VerifyRequest, reason: SignInReason): Answer => {
    const tries = 'token' in request && request.token.by === 'local' ? request.token.tries + 1 : mostCodeTries;
    const isMistyped = reason === 'wrongCode' || reason === 'codeReused';
    if (isMistyped && tries < mostCodeTries)
      return { kind: 'further', further: askForCode(reason, tries), refused: reason };
    const verdict = refusalVerdict(reason);
    return {
      kind: 'refused',
      reason,
      verdict: reason === 'passwordChangeRefused' ? { ...verdict, message: whatToChoose } : verdict,
    };
  };

  const judge = async ({ request }: Question): Promise<Answer> => {
    const { userName } = request;
    const found = await users.find(userName);
    onUsed(found.ok ? undefined : found.failure);
    if (!found.ok) return { kind: 'unavailable' };
    if (request.method === 'eap') {
      if (found.value === undefined) return { kind: 'unknown' };
      return answersEap ? { kind: 'further', further: { ok: 'further', kind: 'own' } } : { kind: 'unable' };
    }
    const judgement = judgeSignIn(crypto, request, found.value, Date.now(), drift);
    if (judgement.ok === 'code') return { kind: 'further', further: askForCode(undefined, 0) };
    if (!judgement.ok) {
      const { reason } = judgement;
      return reason === 'unknownUser' ? { kind: 'unknown' } : refuse(request, reason);
    }
    const { verdict, user, endsAtMs, code } = judgement;
    const unusable = await useUp(userName, code);
    if (unusable !== undefined) return refuse(request, unusable);
    if (!(await keep(userName, judgement))) return { kind: 'unavailable' };
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
