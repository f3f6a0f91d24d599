import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fateOf, type PacketFacts } from '../../../main/host/guide/firewall/nftables.ts';

const ike: PacketFacts = { hook: 'input', toPort: 500 };
const natt: PacketFacts = { hook: 'input', toPort: 4500 };
const forwarded: PacketFacts = { hook: 'forward', from: 'culvert-host' };

const isRoot = process.getuid?.() === 0;

interface Table {
  readonly family: 'ip' | 'inet';
  readonly name: string;
  /** Statements of each chain. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
}

/** What nft itself makes of it, in a namespace of its own: so the forms are the real ones. */
function ruleset(...tables: readonly Table[]): unknown {
  const block = (head: string, lines: readonly string[]): string => `${head} {\n${lines.join('\n')}\n}`;
  const input = tables
    .map(({ family, name, chains }) =>
      block(
        `table ${family} ${name}`,
        Object.entries(chains).map(([chain, statements]) => block(`chain ${chain}`, statements)),
      ),
    )
    .join('\n');
  const script = 'nft -f - && nft --json list ruleset';
  const namespace = isRoot ? ['--net'] : ['--map-root-user', '--net'];
  return JSON.parse(execFileSync('unshare', [...namespace, 'sh', '-c', script], { input, encoding: 'utf8' }));
}

const hook = (name: 'input' | 'forward', policy: 'accept' | 'drop', priority = 0): string =>
  `type filter hook ${name} priority ${priority}; policy ${policy};`;

const inputChain = (rules: readonly string[], policy: 'accept' | 'drop' = 'drop'): unknown =>
  ruleset({ family: 'inet', name: 'filter', chains: { input: [hook('input', policy), ...rules] } });

test('a machine without rules lets everything in', () => {
  expect(fateOf(ruleset(), ike)).toBe('accepted');
  expect(fateOf(ruleset(), forwarded)).toBe('accepted');
});

test.each([
  ['a policy that drops, and nothing else', '', 'dropped'],
  ['only what belongs to something older', 'ct state established,related accept', 'dropped'],
  ['another port', 'udp dport 53 accept', 'dropped'],
  ['the same port of TCP', 'tcp dport 500 accept', 'dropped'],
  ['only the loopback', 'iifname "lo" accept', 'dropped'],
  ['one of the ports alone', 'udp dport 4500 accept', 'dropped'],
  ['both ports', 'udp dport { 500, 4500 } accept', 'accepted'],
  ['a range of ports', 'udp dport 1-1023 accept', 'accepted'],
  ['any protocol at the port', 'meta l4proto { tcp, udp } th dport 500 accept', 'accepted'],
  ['all of UDP', 'ip protocol udp accept', 'accepted'],
  ['only from somewhere', 'ip saddr 192.0.2.0/24 udp dport 500 accept', 'perhaps'],
  ['only on one interface', 'iifname "eth0" udp dport 500 accept', 'perhaps'],
  ['not too many', 'udp dport 500 limit rate 10/second accept', 'perhaps'],
  ['what is new, by its state', 'ct state vmap { established : accept, new : accept, invalid : drop }', 'accepted'],
  ['what is not new, by its state', 'ct state vmap { established : accept, invalid : drop }', 'dropped'],
  ['refused before it is let in', 'udp dport 500 reject\n udp dport 500 accept', 'dropped'],
] as const)('%s: %s', (_, rules, fate) => {
  expect(fateOf(inputChain(rules.split('\n')), ike)).toBe(fate);
});

test('without a policy that drops, a last rule may', () => {
  expect(fateOf(inputChain(['udp dport 53 accept', 'counter drop'], 'accept'), natt)).toBe('dropped');
  expect(fateOf(inputChain(['udp dport 4500 accept', 'counter drop'], 'accept'), natt)).toBe('accepted');
});

test('a chain that is called decides too, and what it leaves open goes on behind the call', () => {
  const rules = (called: readonly string[], after: readonly string[]): unknown =>
    ruleset({
      family: 'ip',
      name: 'filter',
      chains: { users: called, input: [hook('input', 'drop'), 'jump users', ...after] },
    });
  expect(fateOf(rules(['udp dport 500 accept'], []), ike)).toBe('accepted');
  expect(fateOf(rules(['udp dport 53 accept'], ['udp dport 500 accept']), ike)).toBe('accepted');
  expect(fateOf(rules(['return', 'udp dport 500 accept'], []), ike)).toBe('dropped');
});

test('every table has to agree', () => {
  const both = (policy: 'accept' | 'drop'): unknown =>
    ruleset(
      { family: 'inet', name: 'one', chains: { input: [hook('input', 'accept')] } },
      { family: 'ip', name: 'two', chains: { input: [hook('input', policy, 10)] } },
    );
  expect(fateOf(both('accept'), ike)).toBe('accepted');
  expect(fateOf(both('drop'), ike)).toBe('dropped');
});

test('what is forwarded from the tunnel is another matter than what comes in', () => {
  const rules = (...statements: readonly string[]): unknown =>
    ruleset({ family: 'ip', name: 'filter', chains: { FORWARD: [hook('forward', 'drop'), ...statements] } });
  expect(fateOf(rules(), ike)).toBe('accepted');
  // As Docker leaves it.
  expect(fateOf(rules('oifname "docker0" accept'), forwarded)).toBe('perhaps');
  expect(fateOf(rules('iifname "docker0" accept'), forwarded)).toBe('dropped');
  expect(fateOf(rules('iifname "culvert-*" accept'), forwarded)).toBe('accepted');
});

test('what it does not understand may go either way, and nothing makes it throw', () => {
  for (const odd of [undefined, null, 5, [], {}, { nftables: 'x' }, { nftables: [null, { rule: 1 }, { chain: [] }] }]) {
    expect(fateOf(odd, ike)).toBe('accepted');
  }
  const chain = { family: 'ip', table: 't', name: 'c', type: 'filter', hook: 'input', policy: 'drop' };
  const rule = { family: 'ip', table: 't', chain: 'c', expr: [{ xt: { name: 'udp' } }, { accept: null }] };
  expect(fateOf({ nftables: [{ chain }, { rule }] }, ike)).toBe('perhaps');
});

test('chains that call each other without an end are given up', () => {
  const chain = { family: 'ip', table: 't', name: 'c', type: 'filter', hook: 'input', policy: 'accept' };
  const rule = { family: 'ip', table: 't', chain: 'c', expr: [{ jump: { target: 'c' } }] };
  expect(fateOf({ nftables: [{ chain }, { rule }] }, ike)).toBe('perhaps');
});
