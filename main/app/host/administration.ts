import { existsSync } from 'node:fs';
import { describeEvent } from '../../host/words/audit-text.ts';
import { reasonTexts } from '../../host/words/reasons.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import type { ArgumentTaken, ValueGiven } from '../../contracts/ipc/index.ts';
import { beside } from '../../files/durable.ts';
import { lastRecords, readAuditLog } from '../../host/audit/index.ts';
import { changesBetween, loadHostConfig, type Edit } from '../../host/configuration/index.ts';
import { changeFile, keptVersion, keptVersions, offlineUsers, restoreFile } from '../../host/offline/index.ts';
import { surroundings } from '../../host/service/index.ts';
import type { StoreResult, UserAdministration } from '../../host/users/index.ts';
import { guarded, refusedConfiguration, storeResult } from './failures.ts';
import type { HostKeeper } from './keeper.ts';

const done: Result<undefined> = { ok: true, value: undefined };
const shownVersions = 20;

type UserWork<Value> = (users: UserAdministration) => Promise<StoreResult<Value>>;

/** What an administrator sees and does: with the running host, or on its files where it is off. Never rejects. */
export class HostAdministration {
  readonly #keeper: HostKeeper;

  constructor(keeper: HostKeeper) {
    this.#keeper = keeper;
  }

  get configFile(): string {
    return this.#keeper.folders.configFile;
  }

  config(): Result<HostConfig> {
    const file = this.configFile;
    if (!existsSync(file)) return { ok: false, failure: failure('host.notSetUp', { file }) };
    const loaded = loadHostConfig(file, surroundings(Date.now()));
    return loaded.ok
      ? { ok: true, value: loaded.config }
      : { ok: false, failure: refusedConfiguration(loaded.problems) };
  }

  users(): Promise<Result<HostUser[]>> {
    return this.#withUsers('', async (users) => {
      const listed = await users.list();
      return listed.ok ? { ok: true, value: [...listed.value] } : listed;
    });
  }

  /** @param user  whom it is about, for what is said where it is refused */
  async changeUsers(user: string, change: UserWork<unknown>): Promise<Result<undefined>> {
    const changed = await this.change(user, change);
    return changed.ok ? done : changed;
  }

  /** As `changeUsers`, with what came of it. */
  async change<Value>(user: string, work: UserWork<Value>): Promise<Result<Value>> {
    const changed = await this.#withUsers(user, work);
    this.#keeper.changed();
    return changed;
  }

  #withUsers<Value>(user: string, work: UserWork<Value>): Promise<Result<Value>> {
    return guarded(async () => {
      const { running } = this.#keeper;
      if (running !== undefined) return storeResult(await work(running.users), user);
      const config = this.config();
      return config.ok ? storeResult(await work(offlineUsers(this.configFile, config.value)), user) : config;
    });
  }

  groups(): Result<ValueGiven<'host.groups'>> {
    const config = this.config();
    if (!config.ok) return config;
    const { groups, pools, defaultGroup } = config.value;
    return {
      ok: true,
      value: {
        groups: Object.entries(groups).map(([name, group]) => ({ name, group })),
        pools: Object.keys(pools),
        defaultGroup,
      },
    };
  }

  edit(edits: readonly Edit[]): Promise<Result<undefined>> {
    return guarded(async () => {
      const { running, folders } = this.#keeper;
      const edited =
        running === undefined ? changeFile(folders.versions, this.configFile, edits) : await running.edit(edits);
      this.#keeper.changed();
      return edited.ok ? done : { ok: false, failure: refusedConfiguration(edited.errors) };
    });
  }

  audit({ last, ...filter }: ArgumentTaken<'host.audit'>): Promise<Result<ValueGiven<'host.audit'>>> {
    return guarded(async () => {
      const config = this.config();
      if (!config.ok) return config;
      const file = beside(this.configFile, config.value.audit.file);
      const records = existsSync(file) ? await lastRecords(readAuditLog(file), filter, last) : [];
      return {
        ok: true,
        value: records.map(({ sequence, at, event }) => ({
          sequence,
          at,
          kind: event.kind,
          text: describeEvent(event),
        })),
      };
    });
  }

  failures(): Result<ValueGiven<'host.failures'>> {
    const failures = this.#keeper.running?.failures().slice(0, 20) ?? [];
    return { ok: true, value: failures.map((one) => ({ failure: one, ...reasonTexts[one.reason] })) };
  }

  versions(): Promise<Result<ValueGiven<'host.versions'>>> {
    return guarded(() => {
      const { versions: folder } = this.#keeper.folders;
      const around = surroundings(Date.now());
      const texts = keptVersions(folder)
        .slice(-shownVersions - 1)
        .map((version) => ({
          ...version,
          text: keptVersion(folder, version.number) ?? '',
        }));
      const present = loadHostConfig(this.configFile, around).text;
      const inForce = texts.findLast(({ text }) => text === present)?.number;
      const value = texts.map(({ number, savedAtMs, text }, i) => {
        const before = texts[i - 1];
        const changes = before && changesBetween(before.text, text, around);
        return {
          number,
          savedAt: new Date(savedAtMs).toISOString(),
          isPresent: number === inForce,
          ...(changes !== undefined && { changes: [...changes] }),
        };
      });
      return { ok: true, value: value.slice(-shownVersions).reverse() };
    });
  }

  restore(version: number): Promise<Result<undefined>> {
    return guarded(async () => {
      const unknown: Result<undefined> = { ok: false, failure: failure('host.versionUnknown', { version }) };
      const { running, folders } = this.#keeper;
      try {
        if (running !== undefined) {
          const restored = await running.restore(version);
          if (restored === undefined) return unknown;
          return restored.ok ? done : { ok: false, failure: refusedConfiguration(restored.errors) };
        }
        const restored = await restoreFile(folders.versions, version, this.configFile);
        if (restored.ok) return done;
        return restored.reason === 'notKept' ? unknown : { ok: false, failure: refusedConfiguration(restored.errors) };
      } finally {
        this.#keeper.changed();
      }
    });
  }
}
