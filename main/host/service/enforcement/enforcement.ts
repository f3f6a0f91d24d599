import type { HelperReply, NetworkPlan } from '../../../contracts/helper.ts';
import type { SessionPolicy } from '../../../contracts/session-policy.ts';
import type { Helper } from '../../../helper/index.ts';
import { BranchNetworks } from './branch-networks.ts';
import { SessionGroups } from './session-groups.ts';

type PlanGroup = NonNullable<NetworkPlan['gateway']>['groups'][number];

export interface EnforcedAddress {
  readonly address: string;
  readonly ipv6Prefix?: string;
}

interface Enforced {
  readonly address: EnforcedAddress;
  readonly policy: SessionPolicy;
}

/** What the plan is made from beside the groups. */
export interface PlanSource {
  planWith(groups: readonly PlanGroup[]): NetworkPlan;
  isRouted(address: string): boolean;
}

const leastBytesPerSecond = 1000;

/**
 * Has the helper's broker enforce what holds for each session. Requests go out in the order of the calls, which is the order in
 * which the broker obeys them: an address that a session gave back may be another's at once.
 */
export class Enforcement {
  readonly #broker: Helper['broker'];
  readonly #groups = new SessionGroups();
  readonly #branches = new BranchNetworks();
  readonly #sessions = new Map<number, Enforced>();
  readonly #refused: (session: number, error: unknown) => void;
  #source: PlanSource;
  #isClosed = false;

  /** @param refused  a session that is online cannot be enforced any more as it should be */
  constructor(broker: Helper['broker'], source: PlanSource, refused: (session: number, error: unknown) => void) {
    this.#broker = broker;
    this.#source = source;
    this.#refused = refused;
  }

  /** Makes the machine a gateway. Rejects as requests to the broker do. */
  applyPlan(): Promise<Extract<HelperReply, { kind: 'ok' }>> {
    return this.#broker.request({ kind: 'applyPlan', plan: this.#source.planWith(this.#groups.plan) });
  }

  /** Sessions keep what they have; groups that nobody is in are gone. */
  configure(source: PlanSource): Promise<Extract<HelperReply, { kind: 'ok' }>> {
    this.#source = source;
    this.#groups.prune();
    return this.applyPlan();
  }

  /** In force once it resolves; rejects where the broker refuses, and then nothing is. */
  async admit(session: number, policy: SessionPolicy, address: EnforcedAddress): Promise<void> {
    this.#sessions.set(session, { policy, address });
    const others = this.#branches.join(session, policy.networks);
    for (const other of others) this.#repeat(other);
    try {
      await this.#send(session);
    } catch (error) {
      this.remove(session);
      throw error;
    }
  }

  /** Of a session that is admitted; refusals are told to whom `refused` is. */
  change(session: number, policy: SessionPolicy): void {
    const before = this.#sessions.get(session);
    if (before === undefined || before.policy === policy) return;
    this.#sessions.set(session, { ...before, policy });
    for (const other of this.#branches.join(session, policy.networks)) this.#repeat(other);
    this.#repeat(session);
  }

  /** All of it goes with the plan at once: from now on no session is removed by itself. */
  close(): void {
    this.#isClosed = true;
  }

  remove(session: number): void {
    if (!this.#sessions.delete(session) || this.#isClosed) return;
    this.#groups.leave(session);
    this.#broker.request({ kind: 'removeSessionPolicy', session }).catch((error: unknown) => {
      this.#refused(session, error);
    });
    for (const heir of this.#branches.leave(session)) this.#repeat(heir);
  }

  #repeat(session: number): void {
    this.#send(session).catch((error: unknown) => {
      this.#refused(session, error);
    });
  }

  async #send(session: number): Promise<void> {
    const enforced = this.#sessions.get(session);
    if (enforced === undefined) return;
    const { policy, address } = enforced;
    const isRouted = this.#source.isRouted(address.address);
    const joined = this.#groups.join(session, { ...policy, isRouted });
    if (joined === undefined) throw new RangeError('there are more kinds of rights than a plan can have');
    const planned = joined.isNew ? this.applyPlan() : undefined;
    const asked = this.#broker.request({
      kind: 'setSessionPolicy',
      session,
      group: joined.group,
      prefixes: [
        `${address.address}/32`,
        ...(address.ipv6Prefix === undefined ? [] : [address.ipv6Prefix]),
        ...this.#branches.of(session),
      ],
      ...(policy.rateUp !== undefined && { upBytesPerSecond: bytesPerSecond(policy.rateUp) }),
      ...(policy.rateDown !== undefined && { downBytesPerSecond: bytesPerSecond(policy.rateDown) }),
    });
    await Promise.all([planned, asked]);
  }
}

function bytesPerSecond(kilobits: number): number {
  return Math.max(leastBytesPerSecond, kilobits * 125);
}
