import type { NetworkPlan } from '../../../contracts/helper.ts';
import type { ReachRule, SessionPolicy } from '../../../contracts/session-policy.ts';

type PlanGroup = NonNullable<NetworkPlan['gateway']>['groups'][number];

/** What of a session's policy makes it one of a group of the plan, and what of its address does. */
export interface Membership extends Pick<SessionPolicy, 'reach' | 'isolated' | 'networks'> {
  /** The office reaches its address as it is: routed to the host, or answered for. */
  readonly isRouted: boolean;
}

/** The most that a plan has. */
const mostGroups = 1024;

/**
 * The groups of the network plan: one for each kind of rights that a session has or had, which are as many as there are
 * combinations of the configuration's groups. A number stays with its rights as long as it is in the plan.
 */
export class SessionGroups {
  readonly #numbers = new Map<string, number>();
  readonly #groups = new Map<number, PlanGroup>();
  readonly #members = new Map<number, Set<number>>();
  #last = 0;

  get plan(): readonly PlanGroup[] {
    return [...this.#groups.values()];
  }

  /** @returns the group of these rights, and whether the plan did not have it before; `undefined` where there are too many. */
  join(session: number, membership: Membership): { readonly group: number; readonly isNew: boolean } | undefined {
    this.leave(session);
    const rights = rightsOf(membership);
    const key = JSON.stringify(rights);
    const known = this.#numbers.get(key);
    const group = known ?? this.#add(key, rights);
    if (group === undefined) return undefined;
    this.#members.get(group)?.add(session);
    return { group, isNew: known === undefined };
  }

  leave(session: number): void {
    for (const members of this.#members.values()) members.delete(session);
  }

  /** Lets go of the groups that nobody is in. */
  prune(): void {
    for (const [key, group] of this.#numbers) {
      if (this.#members.get(group)?.size !== 0) continue;
      this.#numbers.delete(key);
      this.#groups.delete(group);
      this.#members.delete(group);
    }
  }

  #add(key: string, rights: Omit<PlanGroup, 'group'>): number | undefined {
    if (this.#groups.size >= mostGroups) this.prune();
    if (this.#groups.size >= mostGroups) return undefined;
    do this.#last = (this.#last % 0xffff) + 1;
    while (this.#groups.has(this.#last));
    this.#numbers.set(key, this.#last);
    this.#groups.set(this.#last, { group: this.#last, ...rights });
    this.#members.set(this.#last, new Set());
    return this.#last;
  }
}

function rightsOf({ reach, isolated, networks, isRouted }: Membership): Omit<PlanGroup, 'group'> {
  return {
    ...(reach !== undefined && { reach: reach.map(reachRule) }),
    isolated,
    // Whose address nobody else knows is asked by nobody: only what is meant to be found is let in.
    incoming: !isolated || isRouted || networks.length > 0,
  };
}

function reachRule({ network, protocol, ports }: ReachRule): NonNullable<PlanGroup['reach']>[number] {
  return { network, protocol, ...(ports !== undefined && { ports: ports.map(portsOf) }) };
}

function portsOf(text: string): { readonly first: number; readonly last: number } {
  const [first = 0, last = first] = text.split('-').map(Number);
  return { first, last };
}
