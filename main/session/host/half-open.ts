/** Peers whose phase 1 is under way, oldest first, in all and of each source. One owner. */
export class HalfOpen {
  readonly #sources = new Map<number, string>();
  readonly #ofSource = new Map<string, Set<number>>();

  get size(): number {
    return this.#sources.size;
  }

  add(peer: number, source: string): void {
    if (this.#sources.has(peer)) return;
    this.#sources.set(peer, source);
    const peers = this.#ofSource.get(source) ?? new Set();
    this.#ofSource.set(source, peers.add(peer));
  }

  remove(peer: number): void {
    const source = this.#sources.get(peer);
    if (source === undefined) return;
    this.#sources.delete(peer);
    const peers = this.#ofSource.get(source);
    peers?.delete(peer);
    if (peers?.size === 0) this.#ofSource.delete(source);
  }

  /**
   * Who gives way to one more from this source: the source's own oldest where it has its share, else the oldest of all.
   * An honest client is half open for a round trip or two, and so never the oldest for long.
   */
  inTheWayOf(
    source: string,
    limits: { readonly halfOpen: number; readonly halfOpenPerSource: number },
  ): number | undefined {
    const own = this.#ofSource.get(source);
    if (own !== undefined && own.size >= limits.halfOpenPerSource) return first(own);
    return this.size >= limits.halfOpen ? first(this.#sources.keys()) : undefined;
  }
}

function first(values: Iterable<number>): number | undefined {
  for (const value of values) return value;
  return undefined;
}
