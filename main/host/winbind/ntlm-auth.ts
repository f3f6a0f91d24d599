import { spawn } from 'node:child_process';
import { Secret } from '../../contracts/secret.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { printable } from '../ldap/index.ts';
import { Slots } from '../slots.ts';
import { chosen, hexadecimal, readAnswer, request, sessionKey, type Answer } from './conversation.ts';
import { meaningOf, type NtlmRefusal } from './statuses.ts';

export interface NtlmAuthConfig {
  /** Where `ntlm_auth` is. */
  readonly program: string;
  /** Samba's; absent: its own usual one. */
  readonly configFile?: string;
  readonly timeoutMs: number;
}

/** An account of a domain, as both call it. */
export interface NtlmAccount {
  readonly domain: string;
  readonly account: string;
}

/** What a client proves itself by (RFC 2759 §8.1). */
export interface NtlmProof extends NtlmAccount {
  /** 8 bytes: RFC 2759's ChallengeHash. */
  readonly challenge: Uint8Array;
  /** 24 bytes. */
  readonly ntResponse: Uint8Array;
}

/** As a client sends it (RFC 2759 §7). */
export interface PasswordChange extends NtlmAccount {
  /** 516 bytes: the new password under the hash of the old. */
  readonly encryptedPassword: Uint8Array;
  /** 16 bytes: the hash of the old one under that of the new. */
  readonly encryptedHash: Uint8Array;
}

export type NtlmAnswer =
  /** @param hashHash  MD4 of the NT hash, 16 bytes (RFC 2759 §8.7) */
  | { readonly kind: 'accepted'; readonly hashHash: Secret }
  | { readonly kind: 'refused'; readonly reason: NtlmRefusal }
  /** Nobody was let in or refused; `detail` is for the log, and no secret. */
  | { readonly kind: 'unavailable'; readonly detail: string }
  | { readonly kind: 'cancelled' };

export type ChangeAnswer = Exclude<NtlmAnswer, { kind: 'accepted' }> | { readonly kind: 'changed' };

/** Programs at once: each is a process here, and a question to the domain. */
const mostPrograms = 16;
/** An honest answer is a few lines. */
const mostAnswerBytes = 8192;

/** Asks the domain. What proves a user goes by the program's standard input, where no other user of this machine sees it. */
export class NtlmAuth {
  readonly #config: NtlmAuthConfig;
  readonly #slots = new Slots(mostPrograms);

  constructor(config: NtlmAuthConfig) {
    this.#config = config;
  }

  async judge({ domain, account, challenge, ntResponse }: NtlmProof, signal: AbortSignal): Promise<NtlmAnswer> {
    const answer = await this.#ask(
      // A domain that takes NTLMv2 only takes this one for a client that came by MS-CHAPv2.
      ['--helper-protocol=ntlm-server-1', '--allow-mschapv2'],
      request(
        chosen('Username', account),
        chosen('NT-Domain', domain),
        hexadecimal('LANMAN-Challenge', challenge),
        hexadecimal('NT-Response', ntResponse),
        'Request-User-Session-Key: Yes',
      ),
      'Authenticated',
      signal,
    );
    if (answer.kind !== 'yes') return refusalOf(answer);
    const key = sessionKey(answer.members);
    if (key === undefined) return { kind: 'unavailable', detail: 'the domain accepted, and gave no session key' };
    return { kind: 'accepted', hashHash: new Secret(key) };
  }

  async change(
    { domain, account, encryptedPassword, encryptedHash }: PasswordChange,
    signal: AbortSignal,
  ): Promise<ChangeAnswer> {
    const answer = await this.#ask(
      ['--helper-protocol=ntlm-change-password-1'],
      request(
        chosen('username', account),
        chosen('nt-domain', domain),
        hexadecimal('new-nt-password-blob', encryptedPassword),
        hexadecimal('old-nt-hash-blob', encryptedHash),
      ),
      'Password-Change',
      signal,
    );
    return answer.kind === 'yes' ? { kind: 'changed' } : refusalOf(answer);
  }

  async #ask(
    options: readonly string[],
    input: string,
    about: string,
    signal: AbortSignal,
  ): Promise<Answer | { readonly kind: 'cancelled' }> {
    const giveBack = await this.#slots.take(signal);
    if (giveBack === undefined) return { kind: 'cancelled' };
    try {
      const { program, configFile, timeoutMs } = this.#config;
      const argv = [...options, ...(configFile === undefined ? [] : [`--configfile=${configFile}`])];
      return await converse({ program, argv, input, about, timeoutMs, signal });
    } finally {
      giveBack();
    }
  }
}

function refusalOf(answer: Exclude<Answer, { kind: 'yes' }> | { readonly kind: 'cancelled' }) {
  if (answer.kind === 'cancelled') return answer;
  if (answer.kind === 'unusable') return { kind: 'unavailable', detail: answer.detail } as const;
  const reason = meaningOf(answer.error);
  return reason === undefined
    ? ({ kind: 'unavailable', detail: printable(answer.error) } as const)
    : ({ kind: 'refused', reason } as const);
}

interface Conversation {
  readonly program: string;
  readonly argv: readonly string[];
  readonly input: string;
  readonly about: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One program for one question. However it goes, nothing of it is left. */
function converse({
  program,
  argv,
  input,
  about,
  timeoutMs,
  signal,
}: Conversation): Promise<Answer | { readonly kind: 'cancelled' }> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ kind: 'cancelled' });
      return;
    }
    const child = spawn(program, argv, { cwd: '/', env: { LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    let complaint = '';
    const finish = (answer: Answer | { readonly kind: 'cancelled' }): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      child.kill('SIGKILL');
      // A child of its own may hold the pipes.
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      resolve(answer);
    };
    const giveUp = (detail: string): void => {
      finish({ kind: 'unusable', detail: printable(detail) });
    };
    const cancel = (): void => {
      finish({ kind: 'cancelled' });
    };
    const timer = setTimeout(() => {
      giveUp(`no answer within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    signal.addEventListener('abort', cancel, { once: true });
    child.once('error', (error) => {
      giveUp(describeSystemError(error));
    });
    child.once('close', () => {
      giveUp(complaint === '' ? 'it ended without an answer' : complaint);
    });
    child.stdin.on('error', () => undefined);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.length > mostAnswerBytes) giveUp('it says more than an answer has');
      const answer = readAnswer(said, about);
      if (answer?.kind === 'unusable') giveUp(answer.detail);
      else if (answer !== undefined) finish(answer);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, mostAnswerBytes);
    });
    child.stdin.end(input);
  });
}
