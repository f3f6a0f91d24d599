import type { Entry } from 'ldapts';
import type { Secret } from '../../contracts/secret.ts';
import { fromUtf8 } from '../../protocol/wire/bytes.ts';
import type { LdapConfig } from './configuration.ts';
import { Connection, type Search } from './connection/connection.ts';
import { attributesOf, barredBy, bytesOf, groupNamesOf, readEntry, signAttributes, valuesOf } from './entry.ts';
import { filterFor } from './filter.ts';
import {
  ldapTroubles,
  type DirectoryUser,
  type LdapAnswer,
  type LdapOutcome,
  type LdapRefusal,
  type ServerFailure,
  type UserDirectory,
} from './outcome.ts';
import { LdapProblem, printable } from './problem.ts';
import { ServerOrder } from './server-order.ts';
import { Slots } from '../slots.ts';
import { judgeBind, problemOf } from './verdict.ts';
import { anyPerson } from './windows/domain.ts';
import { groupSources, memberships } from './windows/groups.ts';
import { guidBase, guidText } from './windows/identifiers.ts';

/** Connections at once: a descriptor and a TLS session each, here and there. */
const mostConnections = 32;

type Known = Extract<LdapAnswer, { kind: 'known' }>;
type Found =
  { readonly entry: Entry } | { readonly entry?: never; readonly reason: LdapRefusal; readonly detail: string };
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
    return this.#ask(async (connection, server) => {
      const found = await this.#findByName(connection, user);
      if (found.entry === undefined) return refused(found.reason, server, found.detail);
      const { entry } = found;
      const answer = await connection.bind(entry.dn, fromUtf8(bytes));
      const reason = judgeBind(answer);
      if (reason !== undefined) return refused(reason, server, answer.ok ? entry.dn : answer.refusal.text);
      return this.#known(connection, entry, server);
    }, signal);
  }

  lookUp({ user }: { readonly user: string }, signal?: AbortSignal): Promise<LdapOutcome> {
    if (user === '') return Promise.resolve(unasked('unknownUser', 'no name'));
    return this.#ask(async (connection, server) => {
      const found = await this.#findByName(connection, user);
      if (found.entry === undefined) return refused(found.reason, server, found.detail);
      const barred = barredBy(found.entry, Date.now());
      const known = await this.#known(connection, found.entry, server);
      return { ...known, ...(barred !== undefined && { barred }) };
    }, signal);
  }

  recheck(
    { user, dn, guid }: { readonly user: string } & Pick<DirectoryUser, 'dn' | 'guid'>,
    signal?: AbortSignal,
  ): Promise<LdapOutcome> {
    return this.#ask(async (connection, server) => {
      const found =
        guid === undefined
          ? await this.#find(connection, dn, 'base', filterFor(this.#config.search.filter, user))
          : await this.#find(connection, guidBase(guid), 'base', anyPerson);
      if (found.entry === undefined) return refused(found.reason, server, found.detail);
      const reason = barredBy(found.entry, Date.now());
      return reason === undefined
        ? this.#known(connection, found.entry, server)
        : refused(reason, server, found.entry.dn);
    }, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#underWay.keys()) controller.abort();
    await Promise.all(this.#underWay.values());
  }

  async #known(connection: Connection, entry: Entry, server: string): Promise<Known> {
    const { reading, search } = this.#config;
    const common = { kind: 'known', server, dn: entry.dn } as const;
    if (typeof search.filter === 'string') {
      return { ...common, ...readEntry(entry, reading, groupNamesOf(entry, reading)) };
    }
    // The connection may be the user's by now, who need not be allowed to read groups.
    await this.#beWhoSearches(connection);
    const wanted = reading.groups.map(({ value }) => value);
    const names = await memberships({ connection, base: search.base, user: entry, wanted });
    const [id] = bytesOf(entry, 'objectGUID');
    const guid = id && guidText(id);
    const [account] = valuesOf(entry, 'sAMAccountName');
    return {
      ...common,
      ...(guid !== undefined && { guid }),
      ...(account !== undefined && { account: { domain: search.filter.netbiosName, account } }),
      ...readEntry(entry, reading, names),
    };
  }

  #findByName(connection: Connection, user: string): Promise<Found> {
    const { base, filter } = this.#config.search;
    return this.#find(connection, base, 'sub', filterFor(filter, user));
  }

  async #find(
    connection: Connection,
    base: string,
    scope: Search['scope'],
    filter: string | undefined,
  ): Promise<Found> {
    if (filter === undefined) return { reason: 'unknownUser', detail: 'the name is of another domain' };
    await this.#beWhoSearches(connection);
    const { reading, search } = this.#config;
    const identifying = typeof search.filter === 'string' ? [] : [...binary, 'sAMAccountName', ...groupSources];
    const attributes = [...new Set([...attributesOf(reading), ...signAttributes, ...identifying])];
    const found = await connection.search({ base, scope, filter, attributes, binary, most: 2 });
    if (!found.ok) {
      const isGone = scope === 'base' && found.refusal.code === noSuchObject;
      if (isGone) return { reason: 'unknownUser', detail: base };
      throw problemOf(found.refusal, 'the search');
    }
    const [entry, ...others] = found.entries;
    if (entry === undefined) return { reason: 'unknownUser', detail: 'no entry has the name' };
    return others.length === 0 ? { entry } : { reason: 'ambiguous', detail: 'several entries have the name' };
  }

  async #beWhoSearches(connection: Connection): Promise<void> {
    const { as } = this.#config.search;
    if (as === undefined) return;
    const bound = await connection.bind(as.dn, fromUtf8(as.password.expose()));
    if (!bound.ok) throw problemOf(bound.refusal, 'the bind of the account that searches');
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
const binary = ['objectSid', 'objectGUID'];

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
