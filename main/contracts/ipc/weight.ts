/**
 * Whether what a window sent is plain members, lists, texts and numbers of at most `most` characters and parts in all. It is told
 * without writing it out: what crosses processes may hold one part many times over, and is then far larger than it was to send.
 */
export function weighsAtMost(whole: unknown, most: number): boolean {
  const left: unknown[] = [whole];
  let weight = 0;
  while (left.length > 0) {
    const part = left.pop();
    weight += typeof part === 'string' || Array.isArray(part) ? 1 + part.length : 1;
    if (weight > most) return false;
    if (typeof part !== 'object' || part === null) continue;
    if (!isPlain(part)) return false;
    for (const [name, member] of Object.entries(part)) {
      weight += name.length;
      left.push(member);
    }
  }
  return weight <= most;
}

function isPlain(part: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(part);
  return Array.isArray(part) || prototype === Object.prototype || prototype === null;
}
