import type { Failure } from '../../contracts/failure.ts';
import type {
  ConfigurationVersion,
  HostSession,
  HostStatus,
  SessionChoice,
  SignInFailure,
  TrafficHistory,
} from '../../contracts/host-control.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import type { ConfigurationChange } from '../authority/index.ts';
import { CertificateKeeper } from '../ca/index.ts';
import {
  checkHostConfig,
  editText,
  legacyAllowed,
  loadHostConfig,
  restoreVersion,
  type Edit,
  type Versions,
} from '../configuration/index.ts';
import type { HostControls, Reloaded } from '../control/index.ts';
import { writeDurably } from '../../files/durable.ts';
import {
  administerUsers,
  barredBy,
  type UserAdministration,
  type UserChanged,
  type UserStore,
} from '../users/index.ts';
import { type Configured, machineOf, readConfiguration } from './configured/configured.ts';
import type { HostLog } from './log.ts';
import { applyConfiguration, type Standing } from './reload.ts';
import { shownSession } from './online/shown.ts';
import type { SignIns } from './online/sign-ins.ts';
import { listeningAt } from './sockets.ts';
import { surroundings } from './configured/surroundings.ts';
import { within } from './within.ts';

export interface RunningParts extends Standing {
  /** Of this program, for people. */
  readonly version: string;
  readonly configured: Configured;
  readonly versions: Versions;
  readonly signIns: SignIns;
  readonly log: HostLog;
}

/** How long an administrator waits for goodbyes before being told that they were said. */
const goodbyeMs = 5000;
const legacyCheckMs = 60_000;

/** A host that runs: what its administrator sees and does, until it is over. */
export class RunningHost implements HostControls {
  readonly users: UserAdministration;
  readonly #parts: RunningParts;
  readonly #startedMs = Date.now();
  readonly #legacyCheck: NodeJS.Timeout;
  readonly #certificates: CertificateKeeper;
  #configured: Configured;
  #loadedMs = Date.now();
  #isLegacyAllowed: boolean;
  /** One change of the configuration after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#configured = parts.configured;
    this.#isLegacyAllowed = legacyAllowed(parts.configured.config.ipsec, Date.now());
    // A reload may bring another store.
    const store = (): UserStore => parts.authority.users;
    this.users = administerUsers(
      {
        list: () => store().list(),
        find: (name) => store().find(name),
        add: (user, password) => store().add(user, password),
        change: (name, changes) => store().change(name, changes),
        setPassword: (name, password) => store().setPassword(name, password),
        remove: (name) => store().remove(name),
        enrol: (name, enrolment) => store().enrol(name, enrolment),
        removeCodes: (name) => store().removeCodes(name),
        renewRecovery: (name) => store().renewRecovery(name),
        useCode: (name, used) => store().useCode(name, used),
      },
      (changed) => {
        this.#userChanged(changed);
      },
    );
    this.#legacyCheck = setInterval(() => {
      this.#checkLegacy();
    }, legacyCheckMs);
    this.#certificates = new CertificateKeeper({
      settings: () => {
        const { config, file, certificates } = this.#configured;
        return { config: config.certificateAuthority, configFile: file, own: certificates?.own ?? [] };
      },
      record: (event) => {
        parts.authority.record(event);
      },
      say: (text) => {
        parts.log({ level: 'warning', source: 'certificates', text });
      },
      changed: () => void this.reload(),
    });
  }

  /** Resolves when all is over and the machine's network restored, with the reason. */
  async run(): Promise<Failure> {
    const reason = await this.#parts.service.run();
    clearInterval(this.#legacyCheck);
    await this.#certificates.stop();
    return reason;
  }

  /** Says goodbye to everybody; `run` then resolves. */
  stop(): void {
    void this.#parts.service.stop();
  }

  status(): HostStatus {
    const { service, signIns, version } = this.#parts;
    const { config, file, warnings } = this.#configured;
    return {
      version,
      processId: process.pid,
      startedAt: new Date(this.#startedMs).toISOString(),
      configuration: { file, loadedAt: new Date(this.#loadedMs).toISOString(), warnings: warnings.length },
      listening: [...listeningAt(config)],
      sessions: { online: service.roll.size, limit: config.limits.sessions, sinceStart: service.roll.sinceStart },
      halfOpen: { now: service.halfOpen, limit: config.limits.halfOpen.total },
      signIns: { succeeded: signIns.succeeded, failed: signIns.failed },
      pools: [...service.pools],
      ...(service.traffic.now !== undefined && { traffic: service.traffic.now }),
      concerns: service.pools
        .filter(({ addresses, taken }) => taken >= addresses)
        .map(({ name }) => `The pool ${name} is full.`),
    };
  }

  get codesIssuer(): string {
    return this.#configured.config.oneTimeCodes.issuer;
  }

  get traffic(): TrafficHistory {
    return this.#parts.service.traffic.history;
  }

  sessions(): readonly HostSession[] {
    return this.#parts.service.roll.all.map(shownSession).sort((a, b) => a.session - b.session);
  }

  failures(): readonly SignInFailure[] {
    return this.#parts.signIns.failures;
  }

  async disconnect(who: SessionChoice): Promise<number> {
    const { service } = this.#parts;
    const meant = service.roll.all
      .filter(({ started: { user, about } }) => {
        if (who === 'everybody') return true;
        return 'session' in who ? about.session === who.session : user === who.user;
      })
      .map(({ started }) => started.about.session);
    service.give({ kind: 'disconnect', who, cause: 'administrator' });
    await within(goodbyeMs, service.roll.gone(meant));
    return meant.length;
  }

  reload(): Promise<Reloaded> {
    return this.#change('reloaded');
  }

  versions(): readonly ConfigurationVersion[] {
    return this.#parts.versions
      .list()
      .map(({ number, savedAtMs }) => ({ number, savedAt: new Date(savedAtMs).toISOString() }));
  }

  async restore(version: number): Promise<Reloaded | undefined> {
    const { versions } = this.#parts;
    const text = versions.read(version);
    if (text === undefined) return undefined;
    const checked = checkHostConfig(text, surroundings(Date.now()));
    if (!checked.ok) return { ok: false, errors: checked.problems };
    restoreVersion(versions, version, this.#configured.file, Date.now());
    return this.#change('restored');
  }

  /** Changes members of the file, and puts it in force; where that is refused, the file is as it was. */
  edit(edits: readonly Edit[]): Promise<Reloaded> {
    return this.#inTurn(async () => {
      const { file } = this.#configured;
      const before = loadHostConfig(file, surroundings(Date.now()));
      if (!before.ok) return this.#refuse(before.problems);
      writeDurably(file, editText(before.text, edits));
      const changed = await this.#changeNow('reloaded');
      if (!changed.ok) writeDurably(file, before.text);
      return changed;
    });
  }

  #change(how: ConfigurationChange['how']): Promise<Reloaded> {
    return this.#inTurn(() => this.#changeNow(how));
  }

  #inTurn(change: () => Promise<Reloaded>): Promise<Reloaded> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  async #changeNow(how: ConfigurationChange['how']): Promise<Reloaded> {
    const { versions } = this.#parts;
    const before = this.#configured;
    const read = await readConfiguration(before.file);
    if (!read.ok) return this.#refuse(read.errors);
    const next = read.configured;
    const { number: previousVersion } = versions.save(before.text, this.#loadedMs);
    const applied = await applyConfiguration(this.#parts, before, next, { how, previousVersion });
    if (!applied.ok) return this.#refuse(applied.errors);
    versions.save(next.text, Date.now());
    this.#configured = next;
    this.#loadedMs = Date.now();
    this.#certificates.look();
    const { members, sessionsEnded } = applied;
    return { ok: true, members, sessionsEnded, warnings: next.warnings };
  }

  #refuse(errors: Extract<Reloaded, { ok: false }>['errors']): Reloaded {
    this.#parts.authority.record({ kind: 'configurationRefused', errors: errors.length });
    return { ok: false, errors };
  }

  /** The legacy switch runs out by itself. */
  #checkLegacy(): void {
    const isAllowed = legacyAllowed(this.#configured.config.ipsec, Date.now());
    if (isAllowed === this.#isLegacyAllowed) return;
    this.#isLegacyAllowed = isAllowed;
    this.#parts.service.setMachine(machineOf(this.#configured, Date.now()));
  }

  #userChanged({ change, user }: UserChanged): void {
    const { authority, service } = this.#parts;
    authority.record({ kind: 'userChanged', change, user: user.name, by: 'administrator' });
    if (change === 'removed' || isClosed(user, Date.now())) {
      service.give({ kind: 'disconnect', who: { user: user.name }, cause: 'accountClosed' });
    }
    void service.reserve(this.#configured);
  }
}

/** Whoever is only out of hours is told so by the authority. */
function isClosed(user: HostUser, nowMs: number): boolean {
  const barred = barredBy(user, nowMs);
  return barred !== undefined && barred !== 'outsideHours';
}
