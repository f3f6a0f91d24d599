import type { connect } from 'node:net';
import { Client, ResultCodeError, SASL_MECHANISMS, type Entry, type SearchOptions } from 'ldapts';
import { LdapProblem } from '../problem.ts';
import { AnswerStream } from './answer-stream.ts';
import { PasswordPolicyControl, type PolicyError } from './password-policy.ts';
import { openSecureSocket, type SecureSocketOptions } from './secure-socket.ts';
import type { LdapServer } from './server.ts';

/** What a server answered instead of success (RFC 4511 §4.1.9). */
export interface Refusal {
  readonly code: number;
  /** The server's own words. */
  readonly text: string;
}

export type BindAnswer = { readonly policyError?: PolicyError } & (
  { readonly ok: true } | { readonly ok: false; readonly refusal: Refusal }
);

export type SearchAnswer =
  { readonly ok: true; readonly entries: readonly Entry[] } | { readonly ok: false; readonly refusal: Refusal };

export interface Search {
  readonly base: string;
  readonly scope: NonNullable<SearchOptions['scope']>;
  readonly filter: string;
  readonly attributes: readonly string[];
  /** Those whose values are bytes and no text, as the server writes their names. */
  readonly binary?: readonly string[];
  /** How many entries are wanted at most. */
  readonly most: number;
}

/** A connection to one server, over TLS, for a few questions. Whatever is no answer of the server's is a `LdapProblem`. */
export class Connection {
  readonly #client: Client;
  readonly #stream: AnswerStream;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #stop = (): void => {
    this.#stream.fail(new LdapProblem('connectionLost', 'given up'));
  };

  private constructor(stream: AnswerStream, { timeoutMs, signal }: SecureSocketOptions) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#client = new Client({ url: urlOfNothing, strictDN: false, createConnection: connectingOnceTo(stream) });
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  static async open(server: LdapServer, options: SecureSocketOptions): Promise<Connection> {
    const socket = await openSecureSocket(server, options);
    return new Connection(new AnswerStream(socket), options);
  }

  /** @param password  not empty: that would be an anonymous success (RFC 4513 §5.1.2) */
  async bind(dn: string, password: string): Promise<BindAnswer> {
    if (dn === '' || password === '' || isMechanism(dn)) {
      throw new LdapProblem('failed', 'a bind without a name or a password proves nothing');
    }
    const policy = new PasswordPolicyControl();
    const refusal = await this.#ask(async () => {
      await this.#client.bind(dn, password, policy);
    });
    const said = policy.error === undefined ? {} : { policyError: policy.error };
    return refusal.ok ? { ok: true, ...said } : { ...refusal, ...said };
  }

  /** References to other servers are left alone. */
  async search({ base, scope, filter, attributes, binary = [], most }: Search): Promise<SearchAnswer> {
    const timeLimit = Math.ceil(this.#timeoutMs / 1000);
    const asked = { attributes: [...attributes], explicitBufferAttributes: [...binary] };
    const options = { scope, filter, ...asked, sizeLimit: most, timeLimit };
    const found = await this.#ask(() => this.#client.search(base, options));
    return found.ok ? { ok: true, entries: found.value.searchEntries } : found;
  }

  async close(): Promise<void> {
    await this.#ask(() => this.#client.unbind()).catch(() => undefined);
    this.#signal.removeEventListener('abort', this.#stop);
    this.#stream.destroy();
  }

  async #ask<Value>(
    question: () => Promise<Value>,
  ): Promise<{ readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const problem = new LdapProblem('noAnswer', `no answer within ${this.#timeoutMs / 1000} s`);
        this.#stream.fail(problem);
        reject(problem);
      }, this.#timeoutMs);
    });
    try {
      return { ok: true, value: await Promise.race([question(), late]) };
    } catch (error) {
      if (error instanceof ResultCodeError) return { ok: false, refusal: { code: error.code, text: error.message } };
      throw this.#stream.problem ?? new LdapProblem('malformed', 'what came does not answer the question');
    } finally {
      clearTimeout(timer);
    }
  }
}

/** ldapts takes these names for something else than a simple bind. */
const isMechanism = (dn: string): boolean => SASL_MECHANISMS.some((mechanism) => mechanism === dn);

/** ldapts wants one, and dials what `createConnection` gives. */
const urlOfNothing = 'ldap://localhost';

/** ldapts would dial again when a connection was lost; a password belongs to the connection that was checked. */
function connectingOnceTo(stream: AnswerStream): typeof connect {
  let isTaken = false;
  const take = (): AnswerStream => {
    if (isTaken) throw new LdapProblem('connectionLost', 'the connection was lost');
    isTaken = true;
    return stream;
  };
  // Of a socket ldapts uses what a duplex stream has, and the two members that AnswerStream adds.
  return take as unknown as typeof connect;
}
