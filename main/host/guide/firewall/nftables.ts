/**
 * What a ruleset of nftables (libnftables-json(5)) does with one kind of packet, as far as that can be said without the packet: what
 * depends on something else than is known of it may go either way. For advice, not for enforcement.
 */

/** What is known of the packet: the first one of a client, which no connection tracking knows yet. */
export interface PacketFacts {
  readonly hook: 'input' | 'forward';
  /** Where it comes in; unknown, but neither the loopback nor a tunnel's, when absent. */
  readonly from?: string;
  /** Of UDP; any protocol's when absent. */
  readonly toPort?: number;
}

export type Fate = 'accepted' | 'dropped' | 'perhaps';

type Members = Readonly<Record<string, unknown>>;
type Outcome = 'accept' | 'drop' | 'next';
type Outcomes = ReadonlySet<Outcome>;
type Truth = 'yes' | 'no' | 'maybe';

const deepestJump = 16;

/** @param ruleset  what `nft --json list ruleset` prints, parsed. Anything in it that is not understood may go either way. */
export function fateOf(ruleset: unknown, packet: PacketFacts): Fate {
  const objects = arrayOf(membersOf(ruleset)['nftables']).map(membersOf);
  const rules = rulesByChain(objects);
  const hooked = objects
    .map(({ chain }) => membersOf(chain))
    .filter((chain) => chain['type'] === 'filter' && chain['hook'] === packet.hook && isOfIpv4(chain));
  // Each table decides for itself: what one drops, no other brings back.
  const outcomes = hooked.map((chain) => ends(outcomesOf(keyOf(chain, chain['name']), rules, packet, 0), chain));
  if (outcomes.some((each) => !each.has('accept'))) return 'dropped';
  return outcomes.some((each) => each.has('drop')) ? 'perhaps' : 'accepted';
}

function isOfIpv4({ family }: Members): boolean {
  return family === 'ip' || family === 'inet';
}

type Rules = ReadonlyMap<string, readonly Members[]>;

function keyOf({ family, table }: Members, chain: unknown): string {
  return [family, table, chain].map(String).join(' ');
}

function rulesByChain(objects: readonly Members[]): Rules {
  const byChain = new Map<string, Members[]>();
  for (const { rule } of objects) {
    if (rule === undefined) continue;
    const members = membersOf(rule);
    const key = keyOf(members, members['chain']);
    byChain.set(key, [...(byChain.get(key) ?? []), members]);
  }
  return byChain;
}

/** What falls off the end of a base chain meets its policy. */
function ends(outcomes: Outcomes, { policy }: Members): Outcomes {
  const last: Outcome = policy === 'drop' ? 'drop' : 'accept';
  return new Set([...outcomes].map((outcome) => (outcome === 'next' ? last : outcome)));
}

function outcomesOf(key: string, rules: Rules, packet: PacketFacts, depth: number): Outcomes {
  const possible = new Set<Outcome>();
  if (depth > deepestJump) return new Set(['accept', 'drop']);
  for (const rule of rules.get(key) ?? []) {
    const expressions = arrayOf(rule['expr']).map(membersOf);
    const applies = all(expressions.map((expression) => holds(expression, packet)));
    if (applies === 'no') continue;
    const verdicts = expressions.flatMap((expression) => verdictOf(expression, rule, rules, packet, depth));
    const [verdict] = verdicts;
    if (verdict === undefined) continue;
    for (const outcome of verdict) if (outcome !== 'next') possible.add(outcome);
    if (applies === 'yes' && !verdict.has('next')) return possible;
    if (applies === 'yes' && leavesChain(expressions)) break;
  }
  return possible.add('next');
}

/** What comes back from the target of a goto goes on where this chain was called. */
const leavesChain = (expressions: readonly Members[]): boolean =>
  expressions.some((each) => 'return' in each || 'goto' in each);

function verdictOf(
  expression: Members,
  rule: Members,
  rules: Rules,
  packet: PacketFacts,
  depth: number,
): readonly Outcomes[] {
  if ('accept' in expression || 'queue' in expression) return [new Set(['accept'])];
  if ('drop' in expression || 'reject' in expression) return [new Set(['drop'])];
  if ('return' in expression) return [new Set(['next'])];
  const target = membersOf(expression['jump'] ?? expression['goto'])['target'];
  if (target !== undefined) return [outcomesOf(keyOf(rule, target), rules, packet, depth + 1)];
  const { key, data } = membersOf(expression['vmap']);
  if (key === undefined) return [];
  const entries = arrayOf(membersOf(data)['set']).map(arrayOf);
  // A named map is printed elsewhere.
  if (entries.length === 0) return [new Set(['accept', 'drop', 'next'])];
  const possible = new Set<Outcome>();
  for (const [value, verdict] of entries) {
    const applies = compare(membersOf(key), value, packet);
    if (applies === 'no') continue;
    const [outcomes = nothing] = verdictOf(membersOf(verdict), rule, rules, packet, depth);
    outcomes.forEach((outcome) => possible.add(outcome));
    if (applies === 'yes') return [possible];
  }
  return [possible.add('next')];
}

const nothing: Outcomes = new Set(['next']);

function all(truths: readonly Truth[]): Truth {
  if (truths.includes('no')) return 'no';
  return truths.includes('maybe') ? 'maybe' : 'yes';
}

/** What is no condition holds. */
const unconditional = [
  'accept',
  'drop',
  'reject',
  'return',
  'queue',
  'jump',
  'goto',
  'vmap',
  'counter',
  'log',
  'mangle',
  'notrack',
];

function holds(expression: Members, packet: PacketFacts): Truth {
  if (!('match' in expression)) return unconditional.some((kind) => kind in expression) ? 'yes' : 'maybe';
  const { op, left, right } = membersOf(expression['match']);
  const truth = compare(membersOf(left), right, packet);
  if (op === '==' || op === 'in') return truth;
  if (op !== '!=' || truth === 'maybe') return 'maybe';
  return truth === 'yes' ? 'no' : 'yes';
}

function compare(left: Members, right: unknown, packet: PacketFacts): Truth {
  const { protocol, field } = membersOf(left['payload']);
  const key = membersOf(left['meta'])['key'];
  if (field === 'dport' || field === 'sport') {
    if (protocol !== 'udp' && protocol !== 'th') return packet.toPort === undefined ? 'maybe' : 'no';
    return field === 'dport' && packet.toPort !== undefined ? isAmong(packet.toPort, right) : 'maybe';
  }
  if (key === 'l4proto' || field === 'protocol' || field === 'nexthdr') {
    return packet.toPort === undefined ? 'maybe' : isAmong('udp', right);
  }
  if (key === 'iifname' || key === 'iif') return fromInterface(right, packet);
  if (membersOf(left['ct'])['key'] === 'state') return isAmong('new', right);
  return 'maybe';
}

function fromInterface(right: unknown, { from }: PacketFacts): Truth {
  if (from !== undefined) return isAmong(from, right);
  return right === 'lo' ? 'no' : 'maybe';
}

function isAmong(value: string | number, right: unknown): Truth {
  if (right === value) return 'yes';
  if (Array.isArray(right)) return anyOf(right.map((each) => isAmong(value, each)));
  if (typeof right === 'string') {
    if (right.startsWith('@')) return 'maybe';
    return right.endsWith('*') && String(value).startsWith(right.slice(0, -1)) ? 'yes' : 'no';
  }
  if (typeof right === 'number') return 'no';
  const { set, range, elem } = membersOf(right);
  if (set !== undefined) return anyOf(arrayOf(set).map((each) => isAmong(value, each)));
  if (elem !== undefined) return isAmong(value, membersOf(elem)['val']);
  const [first, last] = arrayOf(range);
  if (typeof value !== 'number' || typeof first !== 'number' || typeof last !== 'number') return 'maybe';
  return first <= value && value <= last ? 'yes' : 'no';
}

function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes';
  return truths.includes('maybe') ? 'maybe' : 'no';
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
