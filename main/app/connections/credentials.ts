import { failure, type Result } from '../../contracts/failure.ts';
import type { Ask, Prompt } from '../../contracts/prompt.ts';
import type { Secret } from '../../contracts/secret.ts';
import { secretFromText } from '../../profiles/secrets.ts';
import type { Dialable } from '../profiles/folder.ts';

export interface Credentials {
  readonly userName: string;
  readonly password: string;
  readonly preSharedKey: Secret;
}

type Wanted = Extract<Prompt, { kind: 'credentials' }>['wanted'];

/** Asks for what is not known before the first message is sent. */
export async function gatherCredentials(
  dialable: Dialable,
  ask: Ask,
  signal: AbortSignal,
): Promise<Result<Credentials>> {
  const { profile, preSharedKey } = dialable;
  const wanted: Wanted = [
    ...(profile.user === undefined ? (['userName'] as const) : []),
    'password',
    ...(preSharedKey === undefined ? (['preSharedKey'] as const) : []),
  ];
  const prompt: Prompt = {
    kind: 'credentials',
    wanted,
    ...(profile.user !== undefined && { userName: profile.user }),
  };
  const answer = await ask(prompt, signal);
  if (answer?.kind !== 'credentials') return { ok: false, failure: failure('user.stopped', {}, 'setup') };
  const userName = profile.user ?? answer.userName;
  const key = preSharedKey ?? (answer.preSharedKey && secretFromText(answer.preSharedKey.expose()));
  if (userName === undefined) return missing('user name');
  if (answer.password === undefined) return missing('password');
  if (key === undefined) return missing('pre-shared key');
  return { ok: true, value: { userName, password: answer.password.expose(), preSharedKey: key } };
}

function missing(what: string): Result<never> {
  return { ok: false, failure: failure('credentials.missing', { what, how: 'Type it when asked.' }) };
}
