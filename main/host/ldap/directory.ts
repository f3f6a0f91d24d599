import type { Entry } from 'ldapts';
import type { Secret } from '../../contracts/secret.ts';
import { fromUtf8 } from '../../protocol/wire/bytes.ts';
import type { LdapConfig } from './configuration.ts';
import { Connection, type Search } from './connection/connection.ts';
import { attributesOf, barredBy, readEntry, signAttributes } from './entry.ts';
import { filterFor } from './filter.ts';
import {
  ldapTroubles,
  type LdapAnswer,
  type LdapOutcome,
  type LdapRefusal,
  type ServerFailure,
  type UserDirectory,
} from './outcome.ts';
import { LdapProblem, printable } from './problem.ts';
import { ServerOrder } from './server-order.ts';
import { Slots } from './slots.ts';
import { judgeBind, problemOf } from './verdict.ts';

/** Connections at once: a descriptor and a TLS session each, here and there. */
const mostConnections = 32;

type Question = (connection: Connection, server: string) => Promise<LdapAnswer>;

/** Judges users by a directory: each question on a connection of its own, which ends with it. */
export class Directory implements UserDirectory {
  readonly #config: LdapConfig;
  readonly #order: ServerOrder;
  readonly #slots = new Slots(mostConnections);
  readonly #underWay = new Map<AbortController, Promise<unknown>>();
  #isClosed = false;

  constructor(config: LdapConfig) {
    this.#config = config;
    this.#order = new ServerOrder(config.servers);
  }

  judge(
    { user, password }: { readonly user: string; readonly password: Secret },
    signal?: AbortSignal,
  ): Promise<LdapOutcome> {
    const bytes = password.expose();
    // Where a filter goes on with an asterisk, everybody begins with nothing.
    if (user === '') return Promise.resolve(unasked('unknownUser', 'no name'));
    // A bind without a password succeeds for everybody (RFC 4513 §5.1.2), and servers written in C may read one up to its NUL.
    if (bytes.length === 0 || bytes.includes(0)) {
      return Promise.resolve(unasked('wrongPassword', 'the password is empty or has a NUL'));
    }
    const { base } = this.#config.search;
    return this.#ask(async (connection, server) => {
      const found = await this.#find(connection, { base, scope: 'sub', user });
      if (found.entry === undefined) return refused(found.reason, server, found.detail);
      const { entry } = found;
      const answer = await connection.bind(entry.dn, fromUtf8(bytes));
      const reason = judgeBind(answer);
      if (reason !== undefined) return refused(reason, server, answer.ok ? entry.dn : answer.refusal.text);
      return this.#known(entry, server);
    }, signal);
  }

  recheck({ user, dn }: { readonly user: string; readonly dn: string }, signal?: AbortSignal): Promise<LdapOutcome> {
    return this.#ask(async (connection, server) => {
      const found = await this.#find(connection, { base: dn, scope: 'base', user });
      if (found.entry === undefined) return refused(found.reason, server, found.detail);
      const reason = barredBy(found.entry, Date.now());
      return reason === undefined ? this.#known(found.entry, server) : refused(reason, server, found.entry.dn);
    }, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#underWay.keys()) controller.abort();
    await Promise.all(this.#underWay.values());
  }

  #known(entry: Entry, server: string): LdapAnswer {
    return { kind: 'known', server, dn: entry.dn, ...readEntry(entry, this.#config.reading) };
  }

  async #find(
    connection: Connection,
    { base, scope, user }: Pick<Search, 'base' | 'scope'> & { readonly user: string },
  ): Promise<
    { readonly entry: Entry } | { readonly entry?: never; readonly reason: LdapRefusal; readonly detail: string }
  > {
    const { filter, as } = this.#config.search;
    if (as !== undefined) {
      const bound = await connection.bind(as.dn, fromUtf8(as.password.expose()));
      if (!bound.ok) throw problemOf(bound.refusal, 'the bind of the account that searches');
    }
    const attributes = [...attributesOf(this.#config.reading), ...(scope === 'base' ? signAttributes : [])];
    const found = await connection.search({ base, scope, filter: filterFor(filter, user), attributes, most: 2 });
    if (!found.ok) {
      const isGone = scope === 'base' && found.refusal.code === noSuchObject;
      if (isGone) return { reason: 'unknownUser', detail: base };
      throw problemOf(found.refusal, 'the search');
    }
    const [entry, ...others] = found.entries;
    if (entry === undefined) return { reason: 'unknownUser', detail: 'no entry has the name' };
    return others.length === 0 ? { entry } : { reason: 'ambiguous', detail: 'several entries have the name' };
  }

  async #ask(question: Question, signal?: AbortSignal): Promise<LdapOutcome> {
    if (this.#isClosed || signal?.aborted === true) return { kind: 'cancelled' };
    const controller = new AbortController();
    const abort = (): void => {
      controller.abort();
    };
    signal?.addEventListener('abort', abort, { once: true });
    const outcome = this.#askServers(question, controller.signal);
    this.#underWay.set(controller, outcome);
    try {
      return await outcome;
    } finally {
      this.#underWay.delete(controller);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #askServers(question: Question, signal: AbortSignal): Promise<LdapOutcome> {
    const giveBack = await this.#slots.take(signal);
    if (giveBack === undefined) return { kind: 'cancelled' };
    try {
      const failures: ServerFailure[] = [];
      const { ca, timeoutMs } = this.#config;
      for (const server of this.#order.now(performance.now())) {
        const answer = await answerOf(async () => {
          const connection = await Connection.open(server, { ...(ca === undefined ? {} : { ca }), timeoutMs, signal });
          try {
            return await question(connection, server.name);
          } finally {
            await connection.close();
          }
        });
        if (signal.aborted) return { kind: 'cancelled' };
        if (!(answer instanceof LdapProblem)) return { ...answer, failures };
        failures.push({ server: server.name, trouble: answer.trouble, detail: answer.message });
        if (!ldapTroubles[answer.trouble].asksNext) break;
        this.#order.failed(server, performance.now());
      }
      return { kind: 'unavailable', failures };
    } finally {
      giveBack();
    }
  }
}

const noSuchObject = 32;

function unasked(reason: LdapRefusal, detail: string): LdapOutcome {
  return { kind: 'refused', reason, detail, failures: [] };
}

function refused(reason: LdapRefusal, server: string, detail: string): LdapAnswer {
  return { kind: 'refused', reason, server, detail: printable(detail) };
}

async function answerOf(ask: () => Promise<LdapAnswer>): Promise<LdapAnswer | LdapProblem> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LdapProblem) return error;
    throw error;
  }
}
