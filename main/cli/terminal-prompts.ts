import type { IdentityForm } from '../contracts/profile.ts';
import type { Prompt, PromptAnswer } from '../contracts/prompt.ts';
import { Secret } from '../contracts/secret.ts';
import type { Ask } from '../engine/prompter.ts';
import { readTyped, type Terminal } from './secrets.ts';

type PromptOf<Kind extends Prompt['kind']> = Extract<Prompt, { kind: Kind }>;
type AnswerTo<Kind extends Prompt['kind']> = Extract<PromptAnswer, { kind: Kind }>;

/** Asks on the terminal. Ctrl-C, Ctrl-D and an empty line cancel, where nothing is known that it could stand for. */
export function terminalAsk(terminal: Terminal, canKeep: boolean): Ask {
  return (prompt, signal) => new Questions(terminal, canKeep, signal).put(prompt);
}

/** Whom `culvert connect` can ask: nobody, where no terminal is its standard input or a program reads what it prints. */
export function whoCanBeAsked(json: boolean, canKeep: boolean): Ask | undefined {
  return process.stdin.isTTY && !json ? terminalAsk(process.stdin, canKeep) : undefined;
}

class Questions {
  readonly #terminal: Terminal;
  readonly #canKeep: boolean;
  readonly #signal: AbortSignal;

  constructor(terminal: Terminal, canKeep: boolean, signal: AbortSignal) {
    this.#terminal = terminal;
    this.#canKeep = canKeep;
    this.#signal = signal;
  }

  async put(prompt: Prompt): Promise<PromptAnswer | undefined> {
    switch (prompt.kind) {
      case 'credentials':
        return this.#credentials(prompt);
      case 'newPassword':
        return this.#newPassword(prompt);
      case 'gatewayIdentity':
        return this.#gatewayIdentity(prompt);
      case 'challenge': {
        const response = await this.#line(`${prompt.text}: `, !prompt.masked);
        return response === undefined ? undefined : { kind: 'challenge', response: new Secret(response) };
      }
      case 'approval':
        this.#say(`${prompt.text} (waiting; Ctrl-C cancels)`);
        return untilAborted(this.#signal);
      case 'certificatePassphrase': {
        if (prompt.isAgain === true) this.#say('That passphrase does not fit.');
        const passphrase = await this.#line(`Passphrase of ${prompt.file}: `, false);
        if (passphrase === undefined) return undefined;
        return { kind: 'certificatePassphrase', passphrase: new Secret(passphrase) };
      }
    }
  }

  async #credentials(prompt: PromptOf<'credentials'>): Promise<AnswerTo<'credentials'> | undefined> {
    const given: { userName?: string; password?: Secret<string>; preSharedKey?: Secret<string> } = {};
    for (const wanted of prompt.wanted) {
      if (wanted === 'userName') {
        const known = prompt.userName ?? '';
        const typed = await this.#line(known === '' ? 'User name: ' : `User name [${known}]: `, true, known);
        if (typed === undefined) return undefined;
        given.userName = typed;
      } else {
        const typed = await this.#line(wanted === 'password' ? 'Password: ' : 'Pre-shared key: ', false);
        if (typed === undefined) return undefined;
        given[wanted] = new Secret(typed);
      }
    }
    const remember = await this.#remember();
    return remember === undefined ? undefined : { kind: 'credentials', ...given, remember };
  }

  async #newPassword({ text }: PromptOf<'newPassword'>): Promise<AnswerTo<'newPassword'> | undefined> {
    if (text !== '') this.#say(text);
    for (;;) {
      const first = await this.#line('New password: ', false);
      if (first === undefined) return undefined;
      const second = await this.#line('The same again: ', false);
      if (second === undefined) return undefined;
      if (first !== second) {
        this.#say('The two differ.');
        continue;
      }
      const remember = await this.#remember();
      return remember === undefined ? undefined : { kind: 'newPassword', password: new Secret(first), remember };
    }
  }

  async #gatewayIdentity({
    claimed,
    expected,
    fingerprint,
  }: PromptOf<'gatewayIdentity'>): Promise<AnswerTo<'gatewayIdentity'> | undefined> {
    this.#say(`The gateway calls itself ${described(claimed)}.`);
    if (expected !== undefined) this.#say(`Expected was ${described(expected)}.`);
    if (fingerprint !== undefined) this.#say(`Its certificate's SHA-256 fingerprint is ${fingerprint}.`);
    const typed = await this.#line('If that is the gateway you mean, type "yes": ', true);
    return typed === 'yes' ? { kind: 'gatewayIdentity', accept: true } : undefined;
  }

  /** Whether to keep it, where it can be kept; `undefined` where the user gave up. */
  async #remember(): Promise<boolean | undefined> {
    if (!this.#canKeep) return false;
    const typed = await this.#line('Keep it for the next time? [y/N]: ', true, 'n');
    return typed === undefined ? undefined : /^y(es)?$/i.test(typed);
  }

  /** `undefined` for what is empty and has nothing to stand for. */
  async #line(question: string, isShown: boolean, otherwise = ''): Promise<string | undefined> {
    const typed = await readTyped(question, { isShown, signal: this.#signal }, this.#terminal);
    return typed === undefined ? undefined : typed || otherwise || undefined;
  }

  #say(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

/** As it is written in a profile. */
export function described({ kind, value }: IdentityForm): string {
  return `${value} (${kind})`;
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
