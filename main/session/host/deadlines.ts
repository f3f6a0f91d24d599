interface Entry {
  readonly key: number;
  readonly atMs: number;
  /** Of two deadlines at one time, the one that was set first comes first: steps repeat exactly. */
  readonly order: number;
}

/** Who wants its turn when: a binary heap that knows where each key is, so that a step costs O(log n). One owner. */
export class Deadlines {
  readonly #heap: Entry[] = [];
  readonly #places = new Map<number, number>();
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** The key with the earliest deadline, if that has come. */
  due(nowMs: number): number | undefined {
    const first = this.#heap[0];
    return first !== undefined && first.atMs <= nowMs ? first.key : undefined;
  }

  set(key: number, atMs: number | undefined): void {
    const place = this.#places.get(key);
    if (place !== undefined && this.#heap[place]?.atMs === atMs) return;
    if (place !== undefined) this.#remove(place);
    if (atMs === undefined) return;
    this.#heap.push({ key, atMs, order: this.#order++ });
    this.#rise(this.#heap.length - 1);
  }

  #remove(place: number): void {
    const removed = this.#heap[place];
    const last = this.#heap.pop();
    if (removed === undefined || last === undefined) return;
    this.#places.delete(removed.key);
    if (last === removed) return;
    this.#put(place, last);
    this.#sink(place);
    this.#rise(place);
  }

  #put(place: number, entry: Entry): void {
    this.#heap[place] = entry;
    this.#places.set(entry.key, place);
  }

  #rise(from: number): void {
    let place = from;
    const entry = this.#heap[place];
    if (entry === undefined) return;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#put(place, parent);
      place = above;
    }
    this.#put(place, entry);
  }

  #sink(from: number): void {
    let place = from;
    const entry = this.#heap[place];
    if (entry === undefined) return;
    for (;;) {
      const [left, right] = [this.#heap[2 * place + 1], this.#heap[2 * place + 2]];
      const below = right !== undefined && left !== undefined && isBefore(right, left) ? 2 * place + 2 : 2 * place + 1;
      const child = this.#heap[below];
      if (child === undefined || !isBefore(child, entry)) break;
      this.#put(place, child);
      place = below;
    }
    this.#put(place, entry);
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
