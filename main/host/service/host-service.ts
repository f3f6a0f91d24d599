import type { HostConfig } from '../../contracts/host-config.ts';
import { failure, type Failure } from '../../contracts/failure.ts';
import type { TlsSettings } from '../../engine/eap-tls/channel.ts';
import { type Helper, HelperLost } from '../../helper/index.ts';
import type { Judge } from '../../engine/certificates/index.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import type { HostConfig as MachineConfig, HostEffect, HostInput, SessionCounters } from '../../session/host/index.ts';
import { describeSystemError } from '../../files/system-error.ts';
import type { Authority } from '../authority/index.ts';
import { type AddressSupply, reservedAddresses } from '../addresses/index.ts';
import { type Configured, machineOf } from './configured/configured.ts';
import { Enforcement, type PlanSource } from './enforcement/enforcement.ts';
import type { HostLog } from './log.ts';
import { MachineRunner } from './machine-runner.ts';
import { Roll } from './online/roll.ts';
import { isHeard } from './sockets.ts';
import { countersOf, keepCounting, type Listener } from './online/statistics.ts';
import { Traffic } from './online/traffic.ts';
import { TlsSessions } from './tls-sessions.ts';
import { within } from './within.ts';

/** How often the datapath is asked what it carried. */
const statisticsMs = 5000;
/** How long goodbyes may take: a client that is gone answers none. */
const goodbyeMs = 5000;
/** How soon somebody whose certificate was revoked, or is over, has to go. */
const judgeAgainMs = 10 * 60_000;

export interface HostParts {
  readonly config: HostConfig;
  readonly helper: Helper;
  readonly crypto: CryptoPort;
  readonly machine: MachineConfig;
  /** Where the host itself answers EAP-TLS. */
  readonly tls: TlsSettings | undefined;
  readonly plan: PlanSource;
  readonly supply: AddressSupply;
  readonly log: HostLog;
  /** Of clients' certificates, where the configuration has any. */
  readonly judge?: Judge;
}

type Effect<Kind extends HostEffect['kind']> = Extract<HostEffect, { kind: Kind }>;
type DatapathAsked = Effect<'datapath'>['request'];

/**
 * Makes sessions of what clients want: runs the machine, has the helper carry and enforce, gives addresses, and asks and tells
 * the authority. Nothing of one session waits for another's.
 */
export class HostService {
  readonly roll = new Roll();
  readonly traffic = new Traffic(Date.now());
  readonly #parts: HostParts;
  readonly #runner: MachineRunner;
  #judge: Judge | undefined;
  #judging: NodeJS.Timeout | undefined;
  readonly #enforcement: Enforcement;
  readonly #ended: Promise<Failure>;
  readonly #tls: TlsSessions;
  readonly #noMoreCounting = new AbortController();
  /** Sessions whose end is not told yet, since their last packets are being counted. */
  readonly #counting = new Map<number, Promise<SessionCounters | undefined>>();
  #authority: Authority | undefined;
  #config: HostConfig;
  #machine: MachineConfig;
  #end: (reason: Failure) => void = () => undefined;
  #isOver = false;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#machine = parts.machine;
    this.#tls = new TlsSessions(parts.tls, (session, output) => {
      this.give({ kind: 'tls', session, output });
    });
    this.#judge = parts.judge;
    this.#runner = new MachineRunner(parts.machine, parts.crypto, (effect) => {
      this.#perform(effect);
    });
    this.#enforcement = new Enforcement(parts.helper.broker, parts.plan, (session, error) => {
      this.#refused({ session }, error);
    });
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get halfOpen(): number {
    return this.#runner.halfOpen;
  }

  /** Makes the machine a gateway and lets clients in. Rejects as requests to the broker do. */
  async open(authority: Authority): Promise<void> {
    const { helper } = this.#parts;
    this.#authority = authority;
    helper.broker.onLost = helper.datapath.onLost = ({ message }) => {
      this.#parts.log({ level: 'warning', source: 'helper', text: `lost: ${message}` });
      this.#end(failure('helper.lost'));
    };
    await this.#enforcement.applyPlan();
    helper.datapath.onEvent = (event, attachment) => {
      if (isHeard(this.#config, event)) this.give({ kind: 'datapathEvent', event, attachment });
    };
    const listener: Listener = {
      counted: (sessions) => {
        this.#count(sessions);
      },
      failed: (error) => {
        this.#refused(undefined, error);
      },
    };
    this.#judging = setInterval(() => {
      this.give({ kind: 'judgeAgain' });
    }, judgeAgainMs);
    void keepCounting(helper, statisticsMs, listener, this.#noMoreCounting.signal);
  }

  give(input: HostInput): void {
    if (!this.#isOver) this.#runner.feed(input);
  }

  get pools(): AddressSupply['pools'] {
    return this.#parts.supply.pools;
  }

  poolOf(session: number): string | undefined {
    return this.#parts.supply.poolOf(session);
  }

  /** Sessions keep what they have. Rejects as requests to the broker do. */
  async configurePlan(plan: PlanSource): Promise<void> {
    await this.#enforcement.configure(plan);
  }

  /** For who comes from now on; `concerned` sessions end. */
  async configure(next: Configured, concerned: readonly number[]): Promise<void> {
    this.#config = next.config;
    this.#tls.settings = next.tls;
    this.#judge = next.certificates?.judge;
    await this.reserve(next);
    this.setMachine(machineOf(next, Date.now()));
    for (const session of concerned) this.give({ kind: 'disconnect', who: { session }, cause: 'reconfigured' });
  }

  /** What is fixed for a user is given to nobody else. */
  async reserve({ config }: Configured): Promise<void> {
    const reserved = this.#authority === undefined ? [] : await reservedAddresses(this.#authority.users);
    if (this.#isOver) return;
    try {
      this.#parts.supply.configure(config, reserved);
    } catch (error) {
      this.#parts.log({ level: 'warning', source: 'addresses', text: describeSystemError(error) });
    }
  }

  setMachine(machine: MachineConfig): void {
    this.#machine = machine;
    this.give({ kind: 'configure', config: machine });
  }

  /** Resolves when all is over and the machine's network restored, with the reason. */
  async run(): Promise<Failure> {
    const reason = await this.#ended;
    this.#isOver = true;
    this.#noMoreCounting.abort();
    clearInterval(this.#judging);
    this.#runner.close();
    this.#tls.close();
    this.#finishAll(reason.code);
    await within(goodbyeMs, Promise.all(this.#counting.values()));
    await this.#authority?.stop();
    const { helper, supply } = this.#parts;
    await within(
      goodbyeMs,
      helper.broker.request({ kind: 'applyPlan', plan: { routes: [] } }).catch(() => undefined),
    );
    helper.close();
    await within(goodbyeMs, supply.close());
    return reason;
  }

  /** Lets nobody in any more, says goodbye to everybody, and ends. */
  async stop(): Promise<void> {
    const { limits } = this.#machine;
    this.#enforcement.close();
    this.give({ kind: 'configure', config: { ...this.#machine, limits: { ...limits, peers: 0 } } });
    this.give({ kind: 'disconnect', who: 'everybody', cause: 'shutdown' });
    await within(goodbyeMs, this.#runner.empty());
    this.#end(failure('user.stopped'));
  }

  // ── What the machine wants ─────────────────────────────────────────────────────────────────────────────────────────

  #perform(effect: HostEffect): void {
    switch (effect.kind) {
      case 'datapath':
        this.#ask(effect.request, effect.attachment);
        return;
      case 'command':
        this.#parts.helper.datapath.command(effect.command, effect.attachment);
        return;
      case 'authenticate':
        this.#authority?.perform(effect);
        return;
      case 'fact':
        if (effect.fact.fact === 'attemptEnded') this.#tls.forget(effect.fact.about.session);
        this.#authority?.perform(effect);
        return;
      case 'tls':
        this.#tls.hear(effect.session, effect.flight);
        return;
      case 'verifyPeer':
        void this.#verify(effect);
        return;
      case 'wantAddress':
        void this.#giveAddress(effect);
        return;
      case 'applyPolicy':
        this.#applyPolicy(effect);
        return;
      case 'sessionStarted':
        this.#tls.forget(effect.about.session);
        this.roll.add(effect, Date.now());
        this.#authority?.perform(effect);
        return;
      case 'sessionEnded':
        this.#release(effect.about.session);
        void this.#tellEnd(effect);
        return;
      case 'addressUnused':
        this.#release(effect.session);
        return;
      case 'log':
        this.#parts.log({ level: 'detail', source: effect.source, text: `peer ${effect.peer}: ${effect.text}` });
        return;
    }
  }

  #ask(request: DatapathAsked, attachment: Uint8Array | undefined): void {
    const asked = this.#parts.helper.datapath.request(request, attachment);
    attachment?.fill(0);
    if (request.kind === 'removeSession') {
      const { session } = request;
      const counted = asked.then(
        ({ removed }) => removed?.map(countersOf)[0],
        () => undefined,
      );
      this.#counting.set(session, counted);
      void counted.then(() => this.#counting.delete(session));
      return;
    }
    asked.catch((error: unknown) => {
      this.#refused(whoseRequest(request), error);
    });
  }

  async #verify({ peer, exchange, certificates, identity }: Effect<'verifyPeer'>): Promise<void> {
    const verdict = await this.#judge?.(certificates, identity);
    if (verdict !== undefined) this.give({ kind: 'peerVerdict', peer, exchange, verdict });
  }

  /** A policy is in force before its session has its address, and so before it can use it. */
  async #giveAddress({ session, user, policy, about }: Effect<'wantAddress'>): Promise<void> {
    const { supply } = this.#parts;
    try {
      const taken = await supply.take({ session, user, hint: about.hostName }, policy.address);
      if (taken.ok) {
        await this.#enforcement.admit(session, policy, taken);
        const { address, ipv6Prefix } = taken;
        this.give({ kind: 'address', session, address, ...(ipv6Prefix !== undefined && { ipv6Prefix }) });
        return;
      }
      this.#parts.log({ level: 'detail', source: 'addresses', text: `no address for ${user}: ${taken.reason}` });
    } catch (error) {
      this.#release(session);
      this.#refused(undefined, error);
    }
    this.give({ kind: 'address', session });
  }

  #applyPolicy({ session, policy }: Effect<'applyPolicy'>): void {
    this.roll.change(session, policy);
    // Also of who is not online yet: the policy may have changed since the address was given.
    this.#enforcement.change(session, policy);
  }

  #release(session: number): void {
    this.#enforcement.remove(session);
    this.#parts.supply.release(session);
  }

  async #tellEnd(effect: Effect<'sessionEnded'>): Promise<void> {
    const { session } = effect.about;
    const last = await this.#counting.get(session);
    this.roll.remove(session);
    this.#authority?.perform({ ...effect, totals: last ?? effect.totals });
  }

  // ── What goes wrong, and the end ───────────────────────────────────────────────────────────────────────────────────

  #refused(whose: Whose | undefined, error: unknown): void {
    if (error instanceof HelperLost) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.log({ level: 'warning', source: 'helper', text: `${JSON.stringify(whose)} refused: ${reason}` });
    if (whose !== undefined) this.give({ kind: 'datapathRefused', ...whose, reason });
  }

  /** The machine tells nobody any more. */
  #finishAll(detail: string): void {
    for (const { started, sinceMs, counters } of this.roll.all) {
      const { user, address, about } = started;
      if (this.#counting.has(about.session)) continue;
      this.#release(about.session);
      this.roll.remove(about.session);
      this.#authority?.perform({
        kind: 'sessionEnded',
        end: { code: 'shutdown', detail },
        lastedMs: Date.now() - sinceMs,
        totals: counters,
        ...{ user, address, about },
      });
    }
  }

  #count(sessions: ReadonlyMap<number, SessionCounters>): void {
    this.roll.count(sessions);
    this.traffic.observe(sessions, Date.now());
    this.give({ kind: 'counters', sessions });
    this.#authority?.counted(sessions);
  }
}

type Whose = { readonly path: number } | { readonly session: number };

function whoseRequest(request: DatapathAsked): Whose | undefined {
  if ('session' in request) return { session: request.session };
  return 'path' in request ? { path: request.path } : undefined;
}
