/**
 * Which session has the networks of a branch office: of several that stand for the same, the one that came last, since that is
 * where the office is now. When it ends, the one before has them again.
 */
export class BranchNetworks {
  /** Who wants a network, in the order in which they came. */
  readonly #wanted = new Map<string, number[]>();
  readonly #networks = new Map<number, readonly string[]>();

  /** @returns the sessions that lost a network by it. */
  join(session: number, networks: readonly string[]): readonly number[] {
    const before = this.#networks.get(session);
    const gained = networks.filter((network) => before?.includes(network) !== true);
    const heirs = this.#drop(session, before?.filter((network) => !networks.includes(network)) ?? []);
    this.#networks.set(session, networks);
    const losers = gained.flatMap((network) => {
      const wanted = this.#wanted.get(network) ?? [];
      this.#wanted.set(network, [...wanted, session]);
      return wanted.at(-1) ?? [];
    });
    return [...new Set([...losers, ...heirs])];
  }

  /** @returns the sessions that gained a network by it. */
  leave(session: number): readonly number[] {
    const networks = this.#networks.get(session) ?? [];
    this.#networks.delete(session);
    return this.#drop(session, networks);
  }

  of(session: number): readonly string[] {
    return (this.#networks.get(session) ?? []).filter((network) => this.#wanted.get(network)?.at(-1) === session);
  }

  #drop(session: number, networks: readonly string[]): readonly number[] {
    const heirs = networks.flatMap((network) => {
      const wanted = this.#wanted.get(network) ?? [];
      const left = wanted.filter((each) => each !== session);
      if (left.length === 0) this.#wanted.delete(network);
      else this.#wanted.set(network, left);
      return wanted.at(-1) === session ? (left.at(-1) ?? []) : [];
    });
    return [...new Set(heirs)];
  }
}
