import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../../contracts/audit.ts';
import type { Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import type { AccountingRecord } from '../../protocol/radius/index.ts';
import type { ListenerOptions, RadiusEvent } from '../radius/index.ts';
import { createLockOut, driftSteps, openUserStore, type StoreFailure, type UserStore } from '../users/index.ts';
import { Directory, type LdapOutcome } from '../ldap/index.ts';
import { resolvePolicy } from '../policy/index.ts';
import { NtlmAuth, type NtlmAuthConfig } from '../winbind/index.ts';
import { quieted } from './quieted.ts';
import { Outages } from './outages.ts';
import { RadiusServers, type AccountingTurn } from './radius-servers.ts';
import { ldapSettings, radiusSettings } from './settings.ts';
import { beside } from '../../files/durable.ts';
import { answersEap, type Bench } from './sign-in.ts';
import { directorySource, type DirectoryNotes } from './sources/directory.ts';
import { localSource } from './sources/local.ts';
import { radiusSource } from './sources/radius.ts';
import type { Source, SourceName } from './sources/source.ts';
import { winbindSource } from './sources/winbind.ts';
import type { AuthorityGround } from './types.ts';

export interface EquipmentOptions {
  readonly crypto: CryptoPort;
  readonly say: (text: string) => void;
  readonly record: (event: AuditEvent) => void;
  readonly onRequest: ListenerOptions['onRequest'];
}

/** Names of servers that have no address are looked up again after so long. */
const lookUpAgainMs = 60_000;

interface InForce {
  readonly ground: AuthorityGround;
  readonly bench: Bench;
  readonly users: UserStore;
  /** It keeps no connection: one that is replaced answers what it was asked, and needs no closing. */
  readonly directory: Directory | undefined;
}

/** What a configuration gives the authority to work with: who judges, who locks out, who keeps accounts. */
export class Equipment {
  readonly #options: EquipmentOptions;
  readonly #chat: (text: string) => void;
  readonly #radius: RadiusServers;
  readonly #outages: Outages;
  #inForce: InForce;
  /** The store cannot be read, and that was said. */
  #isStoreBroken = false;
  #isAccountingDelayed = false;
  #lookUpAtMs = Infinity;
  #isClosed = false;

  constructor(options: EquipmentOptions, ground: AuthorityGround) {
    const { crypto, onRequest, say } = options;
    this.#options = options;
    this.#chat = quieted(say);
    this.#outages = new Outages(options);
    this.#radius = new RadiusServers({
      crypto,
      onRequest,
      say,
      chat: this.#chat,
      onEvent: (event) => {
        this.#hear(event);
      },
      retireMs: ground.config.authentication.timeout * 1000,
    });
    this.#inForce = this.#assemble(ground, undefined);
  }

  get bench(): Bench {
    return this.#inForce.bench;
  }

  get users(): UserStore {
    return this.#inForce.users;
  }

  /** Puts another configuration in force, or none of it. */
  async use(ground: AuthorityGround): Promise<Result<AccountingTurn>> {
    const settings = await radiusSettings(ground);
    if (!settings.ok) return settings;
    const ldap = await ldapSettings(ground);
    if (!ldap.ok) return ldap;
    const used = await this.#radius.use(settings.value);
    if (!used.ok) return used;
    this.#inForce = this.#assemble(ground, ldap.value && new Directory(ldap.value), this.#inForce);
    this.#noteUnresolved(settings.value?.unresolved ?? []);
    return used;
  }

  account(record: AccountingRecord | undefined): void {
    this.#radius.account(record);
  }

  /** Looks for servers whose names had no address. */
  pulse(nowMs: number): void {
    if (nowMs < this.#lookUpAtMs) return;
    this.#lookUpAtMs = Infinity;
    const { ground } = this.#inForce;
    void radiusSettings(ground).then(async (settings) => {
      // A reload in between has looked itself.
      if (!settings.ok || this.#inForce.ground !== ground || this.#isClosed) return;
      await this.#radius.use(settings.value);
      this.#noteUnresolved(settings.value?.unresolved ?? []);
    });
  }

  /** Waits for the accounting, as long as `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosed = true;
    this.#lookUpAtMs = Infinity;
    await Promise.all([this.#inForce.directory?.close(), this.#radius.close(patienceMs)]);
  }

  #assemble(ground: AuthorityGround, directory: Directory | undefined, before?: InForce): InForce {
    const { config, configFile, hostDnsServers } = ground;
    const { localUsers, limits } = config;
    const isSame = (part: (of: HostConfig) => unknown): boolean =>
      before !== undefined && isDeepStrictEqual(part(before.ground.config), part(config));
    const users =
      before !== undefined && isSame((of) => of.localUsers)
        ? before.users
        : openUserStore(beside(configFile, localUsers.file), {
            kind: 'file',
            file: beside(configFile, localUsers.keyFile),
          });
    const lockOut =
      before !== undefined && isSame((of) => of.limits.lockOut) ? before.bench.lockOut : createLockOut(limits.lockOut);
    const sources = config.authentication.sources.map((name) => this.#source(name, ground, users, directory));
    return { ground, users, directory, bench: { config, hostDnsServers, sources, lockOut } };
  }

  #source(name: SourceName, ground: AuthorityGround, users: UserStore, directory: Directory | undefined): Source {
    const { crypto, record } = this.#options;
    const { config } = ground;
    switch (name) {
      case 'local':
        return localSource({
          users,
          crypto,
          onUsed: (trouble) => {
            this.#noteStore(trouble);
          },
          onPasswordChanged: (user) => {
            record({ kind: 'userChanged', change: 'passwordChanged', user, by: 'user' });
          },
          onRecoveryUsed: (user) => {
            record({ kind: 'userChanged', change: 'recoveryUsed', user, by: 'user' });
          },
          drift: driftSteps(config.oneTimeCodes.drift),
          answersEap: answersEap(config),
        });
      case 'radius':
        return radiusSource(() => this.#radius.client, config.radius?.groups ?? []);
      case 'ldap':
        return directorySource(directory, this.#directoryNotes(ground));
      case 'winbind':
        return winbindSource({
          directory,
          ntlmAuth: config.winbind && new NtlmAuth(ntlmAuthConfig(config.winbind)),
          crypto,
          onJudged: (trouble) => {
            this.#noteWinbind(config, trouble);
          },
          ...this.#directoryNotes(ground),
        });
    }
  }

  #directoryNotes({ config, hostDnsServers }: AuthorityGround): DirectoryNotes {
    return {
      onOutcome: (outcome) => {
        this.#noteDirectory(outcome);
      },
      isAllowed: (user, grant) => {
        const resolution = resolvePolicy({ config, hostDnsServers, user, grant, nowMs: Date.now() });
        return resolution.ok || resolution.reason !== 'notAllowed';
      },
    };
  }

  #noteUnresolved(names: readonly string[]): void {
    for (const name of names) this.#options.say(`RADIUS server ${name} is left out: its name has no address`);
    this.#lookUpAtMs = names.length === 0 ? Infinity : performance.now() + lookUpAgainMs;
  }

  /** Said once: each sign-in meets it. */
  #noteStore(trouble: StoreFailure | undefined): void {
    if (trouble !== undefined && !this.#isStoreBroken) {
      this.#options.say(`the local users cannot be used: ${trouble.reason}`);
    }
    this.#isStoreBroken = trouble !== undefined;
  }

  #noteDirectory(outcome: LdapOutcome): void {
    if (outcome.kind === 'cancelled') return;
    for (const { server, trouble, detail } of outcome.failures) {
      const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
      this.#outages.down({ kind: 'ldap', name: server, host }, `${trouble}: ${detail}`);
    }
    if (outcome.kind !== 'unavailable' && outcome.server !== undefined) this.#outages.up('ldap', outcome.server);
  }

  #noteWinbind({ ldap, winbind }: HostConfig, trouble: string | undefined): void {
    const name = winbind?.program ?? 'winbind';
    const host = ldap?.kind === 'activeDirectory' ? ldap.domain : 'unknown';
    if (trouble === undefined) this.#outages.up('winbind', name);
    else this.#outages.down({ kind: 'winbind', name, host }, trouble);
  }

  #hear(event: RadiusEvent): void {
    const { say } = this.#options;
    switch (event.kind) {
      case 'serverDown': {
        const { purpose, server, trouble } = event;
        const host = this.#radius.addressOf(purpose, server) ?? 'unknown';
        this.#outages.down({ kind: 'radius', name: `${server} (${purpose})`, host }, trouble.code);
        return;
      }
      case 'serverUp':
        this.#outages.up('radius', `${event.server} (${event.purpose})`);
        return;
      case 'accounted':
        this.#isAccountingDelayed = false;
        return;
      case 'accountingDelayed':
        if (!this.#isAccountingDelayed) say('RADIUS: no server takes the accounting; it waits');
        this.#isAccountingDelayed = true;
        return;
      case 'accountingLost':
        say(`RADIUS: an accounting record is lost: ${event.cause}`);
        return;
      case 'log':
        this.#chat(`RADIUS: ${event.text}`);
        return;
    }
  }
}

function ntlmAuthConfig({ program, configFile, timeout }: NonNullable<HostConfig['winbind']>): NtlmAuthConfig {
  return { program, timeoutMs: timeout * 1000, ...(configFile !== undefined && { configFile }) };
}
