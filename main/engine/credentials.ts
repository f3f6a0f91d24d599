import type { Failure, FailureCode, Phase } from '../contracts/failure.ts';
import { identity, type IdentityForm, type Profile } from '../contracts/profile.ts';
import type { Prompt, PromptAnswer } from '../contracts/prompt.ts';
import { Secret } from '../contracts/secret.ts';

/** What the gateway is told, as far as it is known. */
export interface Credentials {
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
  readonly preSharedKey?: Secret | undefined;
  /** Given when the gateway says that the password has expired. */
  readonly newPassword?: string | undefined;
  /** What the user let the gateway call itself. */
  readonly remoteId?: IdentityForm | undefined;
}

/** Without these nobody can sign in. */
const needed = ['userName', 'password', 'preSharedKey'] as const;
type Needed = (typeof needed)[number];

export const wordsOf: Readonly<Record<Needed, string>> = {
  userName: 'user name',
  password: 'password',
  preSharedKey: 'pre-shared key',
};

/** A certificate alone signs in without one. */
export function needsPassword({ ppp }: Profile): boolean {
  return ppp.authentication.some((method) => method !== 'eap-tls');
}

export function missingOf(credentials: Credentials): Needed[] {
  return needed.filter((each) => credentials[each] === undefined);
}

type PromptBetweenAttempts = Extract<Prompt, { kind: 'credentials' | 'newPassword' | 'gatewayIdentity' }>;
type PromptMaker = (failure: Failure, known: Credentials) => PromptBetweenAttempts | undefined;

const askForPassword: PromptMaker = (failure, { userName }) => ({
  kind: 'credentials',
  ...(userName !== undefined && { userName }),
  wanted: ['userName', 'password'],
  rejected: saidIn(failure),
});

const askForPreSharedKey: PromptMaker = (_, { userName }) => ({
  kind: 'credentials',
  ...(userName !== undefined && { userName }),
  wanted: ['preSharedKey'],
});

const askForNewPassword: PromptMaker = (failure, { userName = '' }) => ({
  kind: 'newPassword',
  userName,
  text: saidIn(failure),
});

const askWhetherItIsTheGateway: PromptMaker = (failure) => {
  const claimed = identityIn(failure, 'claimed');
  const expected = identityIn(failure, 'expected');
  if (claimed === undefined) return undefined;
  return { kind: 'gatewayIdentity', claimed, ...(expected !== undefined && { expected }) };
};

/** What to ask the user after a failure, so that another attempt differs from the last one. After others, nothing helps. */
const prompts: Partial<Readonly<Record<FailureCode, PromptMaker>>> = {
  'auth.rejected': askForPassword,
  // Where a new one was at hand, the gateway took none (only MS-CHAPv2 can): another one would be no better.
  'auth.passwordExpired': (failure, known) =>
    known.newPassword === undefined ? askForNewPassword(failure, known) : undefined,
  'auth.passwordChangeFailed': askForNewPassword,
  'ike.wrongPreSharedKey': askForPreSharedKey,
  'ike.authenticationTimeout': askForPreSharedKey,
  'ike.identityMismatch': askWhetherItIsTheGateway,
};

export function promptAfter(failure: Failure, known: Credentials): PromptBetweenAttempts | undefined {
  return prompts[failure.code]?.(failure, known);
}

/** The gateway's own words. */
function saidIn({ facts }: Failure): string {
  return String(facts['said'] ?? '');
}

function identityIn({ facts }: Failure, which: 'claimed' | 'expected'): IdentityForm | undefined {
  const parsed = identity.safeParse({ kind: facts[`${which}Kind`], value: facts[`${which}Value`] });
  return parsed.success ? parsed.data : undefined;
}

/** What the user gave and the gateway took: to be kept, secrets only where `remember` says so. */
export type Learned =
  /** As it was typed. */
  | { readonly what: 'preSharedKey'; readonly preSharedKey: Secret<string>; readonly remember: boolean }
  | {
      readonly what: 'password';
      readonly userName: string;
      readonly password: Secret<string>;
      readonly remember: boolean;
    }
  /** The user let the gateway call itself so: the profile is to expect it. */
  | { readonly what: 'remoteId'; readonly remoteId: IdentityForm };

/** The phase at whose end the gateway has taken it. */
const provenBy: Readonly<Record<Learned['what'], Phase>> = {
  preSharedKey: 'ikeAuthentication',
  remoteId: 'ikeAuthentication',
  password: 'userAuthentication',
};

/** What a connection knows to sign in with, and what of that is new. */
export class KnownCredentials {
  readonly #secretFromText: (text: string) => Secret;
  #current: Credentials;
  #unproven: readonly Learned[] = [];
  #rememberNewPassword = false;

  constructor(given: Credentials, secretFromText: (text: string) => Secret) {
    this.#current = given;
    this.#secretFromText = secretFromText;
  }

  get current(): Credentials {
    return this.#current;
  }

  /** False where the answer lacks something that was asked for: there is nothing new to try. */
  learn(prompt: Prompt, answer: PromptAnswer): boolean {
    if (prompt.kind === 'gatewayIdentity') {
      this.#current = { ...this.#current, remoteId: prompt.claimed };
      this.#expect({ what: 'remoteId', remoteId: prompt.claimed });
      return true;
    }
    if (answer.kind === 'newPassword') {
      this.#current = { ...this.#current, newPassword: answer.password.expose() };
      this.#rememberNewPassword = answer.remember;
      return true;
    }
    return prompt.kind === 'credentials' && answer.kind === 'credentials' && this.#learnTyped(prompt, answer);
  }

  /** The gateway took the new password: the old one is worthless. */
  passwordChanged(): void {
    const { userName = '', newPassword, ...rest } = this.#current;
    if (newPassword === undefined) return;
    this.#current = { ...rest, userName, password: newPassword };
    this.#expect({
      what: 'password',
      userName,
      password: new Secret(newPassword),
      remember: this.#rememberNewPassword,
    });
  }

  /** What the gateway has taken by the end of that phase; told once. */
  provenIn(phase: Phase): readonly Learned[] {
    const proven = this.#unproven.filter(({ what }) => provenBy[what] === phase);
    this.#unproven = this.#unproven.filter((each) => !proven.includes(each));
    return proven;
  }

  #learnTyped(
    { wanted, userName: known }: Extract<Prompt, { kind: 'credentials' }>,
    answer: Extract<PromptAnswer, { kind: 'credentials' }>,
  ): boolean {
    const given = { ...answer, userName: answer.userName ?? known };
    if (wanted.some((each) => given[each] === undefined)) return false;
    const { userName = this.#current.userName, password, preSharedKey, remember } = given;
    this.#current = {
      ...this.#current,
      userName,
      ...(password !== undefined && { password: password.expose(), newPassword: undefined }),
      ...(preSharedKey !== undefined && { preSharedKey: this.#secretFromText(preSharedKey.expose()) }),
    };
    if (preSharedKey !== undefined) this.#expect({ what: 'preSharedKey', preSharedKey, remember });
    if (password !== undefined && userName !== undefined) {
      this.#expect({ what: 'password', userName, password, remember });
    }
    return true;
  }

  #expect(learned: Learned): void {
    this.#unproven = [...this.#unproven.filter(({ what }) => what !== learned.what), learned];
  }
}
