import { randomBytes } from 'node:crypto';
import type { AuditEvent, AuditReason } from '../../contracts/audit.ts';
import type { Result } from '../../contracts/failure.ts';
import type { Decision } from '../../contracts/session-policy.ts';
import type { AuthMethod } from '../../protocol/ppp/index.ts';
import type { DynamicAuthorizationRequest } from '../../protocol/radius/index.ts';
import { nothingCounted, type EndCause, type HostFact, type SessionCounters } from '../../session/host/index.ts';
import { changedMembers, concerns, credentialOf, isConcerned, type Concerns } from '../configuration/index.ts';
import type { UserStore } from '../users/index.ts';
import { interimRecord, radiusFacts, startRecord, stopRecord } from './accounting.ts';
import { AuditBooks } from './audit-books.ts';
import { Equipment } from './equipment.ts';
import { Ledger, type Admission, type LiveSession } from './ledger.ts';
import { auditAddress, nameOf } from './names.ts';
import { attemptEnded, peerRefusal, sessionStarted, sessionStopped } from './records.ts';
import { refusalVerdict } from './refusals.ts';
import { serverRequests } from './server-requests.ts';
import { SignInDesk, type SignInOutcome } from './sign-in.ts';
import { auditSettings } from './settings.ts';
import type { SourceName } from './sources/source.ts';
import { Stays } from './stays.ts';
import type {
  Authority,
  AuthorityEffect,
  AuthorityGround,
  AuthorityInput,
  AuthorityOptions,
  ConfigurationChange,
} from './types.ts';

type EffectOf<Kind extends AuthorityEffect['kind']> = Extract<AuthorityEffect, { kind: Kind }>;

interface Refusal {
  readonly source: string;
  readonly user: string;
  readonly method: AuthMethod;
  readonly reason: AuditReason;
  readonly judgedBy: SourceName | undefined;
}

const pulseMs = 1000;
/** How long the end waits for the last accounting records to be answered. */
const drainMs = 10_000;

/** Opens the audit log and all that the configuration asks for; fails as a whole. */
export async function openAuthority(options: AuthorityOptions): Promise<Result<Authority>> {
  const { ground } = options;
  const books = await AuditBooks.open(auditSettings(ground), options);
  if (!books.ok) return books;
  const authority = new HostAuthority(options, books.value);
  const opened = await authority.open();
  return opened.ok ? { ok: true, value: authority } : opened;
}

class HostAuthority implements Authority {
  readonly #give: (input: AuthorityInput) => void;
  readonly #say: (text: string) => void;
  readonly #books: AuditBooks;
  readonly #ledger = new Ledger(`${Math.floor(Date.now() / 1000).toString(16)}${randomBytes(3).toString('hex')}`);
  readonly #desk = new SignInDesk(this.#ledger);
  readonly #equipment: Equipment;
  readonly #stays: Stays;
  #ground: AuthorityGround;
  #pulse: NodeJS.Timeout | undefined;

  constructor({ ground, crypto, give, say }: AuthorityOptions, books: AuditBooks) {
    this.#give = give;
    this.#say = say;
    this.#books = books;
    this.#ground = ground;
    const requests = serverRequests({
      ledger: this.#ledger,
      bench: () => this.#equipment.bench,
      host: () => this.#ground,
      disconnect: (session) => {
        this.#end(session, 'serverRequest');
      },
      changed: (session, admission, decisions) => {
        this.#ledger.change(session, { admission });
        this.#scheduleInterim(session);
        this.#recordPolicy(admission, decisions);
        this.#give({ kind: 'changePolicy', session, policy: admission.policy });
      },
    });
    const options = {
      crypto,
      say,
      record: (event: AuditEvent) => {
        books.record(event);
      },
      onRequest: (request: DynamicAuthorizationRequest) => Promise.resolve(requests(request)),
    };
    this.#equipment = new Equipment(options, ground);
    this.#stays = new Stays({
      ledger: this.#ledger,
      bench: () => this.#equipment.bench,
      end: (session, cause) => {
        this.#end(session, cause);
      },
    });
  }

  async open(): Promise<Result<undefined>> {
    const used = await this.#equipment.use(this.#ground);
    if (!used.ok) {
      await this.#equipment.close(0);
      this.#books.close();
      return used;
    }
    this.record({ kind: 'hostStarted' });
    this.record({ kind: 'configurationChanged', how: 'started', members: [], sessionsEnded: 0 });
    this.#equipment.account({ kind: 'on' });
    this.#pulse = setInterval(() => {
      this.#beat();
    }, pulseMs).unref();
    return { ok: true, value: undefined };
  }

  get users(): UserStore {
    return this.#equipment.users;
  }

  record(event: AuditEvent): void {
    this.#books.record(event);
  }

  perform(effect: AuthorityEffect): void {
    switch (effect.kind) {
      case 'authenticate':
        void this.#authenticate(effect);
        return;
      case 'sessionStarted':
        this.#started(effect);
        return;
      case 'sessionEnded':
        this.#ended(effect);
        return;
      case 'fact':
        this.#learn(effect.fact);
        return;
    }
  }

  counted(sessions: ReadonlyMap<number, SessionCounters>): void {
    for (const [session, counters] of sessions) {
      const online = this.#ledger.get(session)?.online;
      if (online !== undefined) this.#ledger.change(session, { online: { ...online, counters } });
    }
  }

  async reconfigure(ground: AuthorityGround, change: ConfigurationChange): Promise<Result<undefined>> {
    const before = this.#ground;
    const members = changedMembers(before.config, ground.config);
    const moved = await this.#books.move(auditSettings(ground));
    if (!moved.ok) return moved;
    const used = await this.#equipment.use(ground);
    if (!used.ok) {
      await this.#books.move(auditSettings(before));
      return used;
    }
    this.#ground = ground;
    this.record({ kind: 'configurationChanged', ...change, members: [...members] });
    if (used.value === 'begins') {
      this.#equipment.account({ kind: 'on' });
      for (const live of this.#ledger.all()) {
        if (live.online !== undefined) this.#equipment.account(startRecord(live, ground));
        this.#scheduleInterim(live.session);
      }
    }
    this.#endConcerned(concerns(before.config, ground.config));
    await this.#stays.check('local');
    await this.#stays.check('radius');
    // A directory may take its time over all of them.
    void this.#stays.check('ldap');
    void this.#stays.check('winbind');
    return { ok: true, value: undefined };
  }

  /** Also those who are let in and not online yet: else they would come online by what held before. */
  #endConcerned(by: Concerns): void {
    for (const { session, online, admission, about } of this.#ledger.admitted()) {
      const { user, policy } = admission;
      const footing = { user, groups: policy.groups, pool: undefined, credential: credentialOf(about) };
      // The pool of an address that is on its way is not known here.
      const awaitsAddress = online === undefined && by.pools.size > 0;
      if (awaitsAddress || isConcerned(by, footing)) this.#end(session, 'reconfigured');
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#pulse);
    this.#stays.stop();
    for (const { asked } of this.#ledger.all()) asked?.hangUp.abort();
    this.#equipment.account({ kind: 'off' });
    this.record({ kind: 'hostStopped' });
    this.#books.flush();
    await this.#equipment.close(drainMs);
    this.#books.close();
  }

  // ── Sign-ins ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #authenticate({ session, attempt, method, request, about, replaces }: EffectOf<'authenticate'>): Promise<void> {
    const live = this.#ledger.enter(about);
    live.asked?.hangUp.abort();
    const hangUp = new AbortController();
    this.#ledger.change(session, { asked: { attempt, hangUp }, progress: 'judging' });
    const signIn = {
      ...{ session, source: live.source, method, request, radius: radiusFacts(live, this.#ground), replaces },
      ...(about.certificate !== undefined && { certificate: about.certificate }),
    };
    let outcome: SignInOutcome;
    try {
      outcome = await this.#desk.judge(signIn, () => this.#equipment.bench, hangUp.signal);
    } catch (error) {
      this.#say(`a sign-in could not be judged: ${String(error)}`);
      outcome = { kind: 'refused', reason: 'serversUnavailable', verdict: refusalVerdict('serversUnavailable') };
    }
    if (outcome.kind === 'cancelled' || this.#ledger.get(session)?.asked?.attempt !== attempt) return;
    this.#conclude(live, { attempt, user: request.userName, method }, outcome);
  }

  #conclude(
    { session, source }: LiveSession,
    { attempt, user, method }: { readonly attempt: number; readonly user: string; readonly method: AuthMethod },
    outcome: Exclude<SignInOutcome, { kind: 'cancelled' }>,
  ): void {
    const answer = { kind: 'verdict', session, attempt } as const;
    if (outcome.kind === 'further') {
      const { further, refused, judgedBy } = outcome;
      if (refused !== undefined) this.#recordRefusal({ source, user, method, reason: refused, judgedBy });
      this.#give({ ...answer, verdict: further });
      return;
    }
    if (outcome.kind === 'refused') {
      const { reason, judgedBy, verdict, lock } = outcome;
      this.#ledger.change(session, { progress: 'refused' });
      this.#recordRefusal({ source, user, method, reason, judgedBy });
      if (lock !== undefined) {
        const seconds = Math.ceil((lock.untilMs - performance.now()) / 1000);
        this.record({ kind: 'lockedOut', source, seconds, ...(lock.by === 'userFromSource' && nameOf(user)) });
      }
      this.#give({ ...answer, verdict });
      return;
    }
    const { admission, verdict, decisions, displaced } = outcome;
    this.record({ kind: 'authenticationSucceeded', user, source, method, judgedBy: admission.judgedBy.source });
    this.#recordPolicy(admission, decisions);
    this.#give({ ...answer, verdict, policy: admission.policy });
    for (const each of displaced) this.#end(each, 'displaced');
  }

  #recordRefusal({ user, judgedBy, ...facts }: Refusal): void {
    this.record({
      kind: 'authenticationFailed',
      phase: 'userAuthentication',
      ...facts,
      ...nameOf(user),
      ...(judgedBy !== undefined && { judgedBy }),
    });
  }

  // ── Sessions ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #started(effect: EffectOf<'sessionStarted'>): void {
    const { about, address } = effect;
    const live = this.#ledger.enter(about);
    const online = { address, sinceMs: performance.now(), counters: nothingCounted, interimDueMs: Infinity };
    this.#ledger.change(about.session, { online });
    this.record(sessionStarted(effect, live));
    this.#equipment.account(startRecord({ ...live, online }, this.#ground));
    this.#scheduleInterim(about.session);
  }

  #ended(effect: EffectOf<'sessionEnded'>): void {
    const { about, end, lastedMs, totals = nothingCounted } = effect;
    const live = this.#ledger.remove(about.session);
    live?.asked?.hangUp.abort();
    this.record(sessionStopped(effect, live?.admission));
    if (live !== undefined) {
      this.#equipment.account(stopRecord(live, this.#ground, lastedMs / 1000, totals, end.code));
    }
  }

  #learn(fact: HostFact): void {
    switch (fact.fact) {
      case 'peerRefused': {
        const { phase, reason } = peerRefusal(fact);
        this.record({ kind: 'authenticationFailed', source: auditAddress(fact.remote.address), phase, reason });
        return;
      }
      case 'attemptEnded': {
        const live = this.#ledger.enter(fact.about);
        live.asked?.hangUp.abort();
        this.#ledger.remove(live.session);
        const event = attemptEnded(live, fact.user, fact.end);
        if (event !== undefined) this.record(event);
        return;
      }
      // What was judged here is written down here.
      case 'authenticated':
      case 'authenticationFailed':
      case 'peerUp':
      case 'peerDown':
        return;
    }
  }

  #end(session: number, cause: EndCause): void {
    this.#ledger.change(session, { isLeaving: true });
    this.#give({ kind: 'disconnect', who: { session }, cause });
  }

  #recordPolicy({ user, policy }: Admission, decisions: readonly Decision[]): void {
    this.record({ kind: 'policyDecided', user, groups: [...policy.groups], decisions: [...decisions] });
  }

  // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #beat(): void {
    const nowMs = performance.now();
    this.#books.flush();
    this.#equipment.pulse(nowMs);
    this.#stays.pulse(nowMs);
    for (const live of this.#ledger.all()) {
      const { online, session } = live;
      if (online === undefined || nowMs < online.interimDueMs) continue;
      const seconds = (nowMs - online.sinceMs) / 1000;
      this.#equipment.account(interimRecord(live, this.#ground, seconds, online.counters));
      this.#scheduleInterim(session);
    }
  }

  /** What the server said holds before what the configuration says (RFC 2869 §5.16). */
  #scheduleInterim(session: number): void {
    const { online, admission } = this.#ledger.get(session) ?? {};
    if (online === undefined) return;
    const configured = this.#ground.config.radius?.accounting;
    const seconds = admission?.accounting.interimSeconds ?? configured?.interimInterval;
    const isWanted = configured?.enabled === true && seconds !== undefined;
    const interimDueMs = isWanted ? performance.now() + seconds * 1000 : Infinity;
    this.#ledger.change(session, { online: { ...online, interimDueMs } });
  }
}
