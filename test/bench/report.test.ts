import { describe, expect, test } from 'vitest';
import { HelpWanted, parseConnectOptions, parseOptions } from './options.ts';
import { ratiosOf } from './report/ratios.ts';
import { mediansOf, type Sample } from './report/results.ts';
import { figure, table } from './report/table.ts';
import { targets, verdictOf } from './report/targets.ts';
import { textOf } from './report/text.ts';
import { systems } from './systems/index.ts';

const sample = (system: string, measure: string, figures: Sample['figures'], round = 1): Sample => ({
  ...{ round, system, measure, figures },
});
const stream = (system: string, gigabitsPerSecond: number, measure = 'tcp1') =>
  sample(system, measure, { gigabitsPerSecond, nearSecondsPerGigabyte: 1, farSecondsPerGigabyte: 3 });

const samples = [
  ...[4, 9, 8].map((rate, index) => sample('gcm', 'tcp1', { gigabitsPerSecond: rate }, index + 1)),
  stream('gcm_libcrypto', 6),
  stream('cbcsha1', 5),
  stream('veth', 20),
  stream('openvpn', 0.5),
  stream('wireguard', 0.8),
  stream('softether', 0.25),
  stream('gcm', 10, 'tcp8'),
  stream('gcm', 12, 'tcpboth'),
  ...['gcm', 'openvpn'].map((system, index) =>
    sample(system, 'udp64', { packetsPerSecond: 300_000 / (1 + 3 * index) }),
  ),
  ...['gcm', 'openvpn'].map((system, index) => sample(system, 'udp1300', { packetsPerSecond: 200_000 / (1 + index) })),
  sample('gcm', 'latency', { medianMs: 0.2, percentile99Ms: 3 }),
  stream('sessions1', 8),
  stream('sessions10000', 7.9),
];

test('ratios are quotients of medians under flat names, and what was not measured has none', () => {
  const ratios = ratiosOf(mediansOf(samples));
  expect(ratios).toMatchObject({
    tcp1_gcm_veth: 0.4,
    tcp1_gcm_openvpn: 16,
    tcp1_gcm_wireguard: 10,
    tcp1_gcm_softether: 32,
    tcp1_gcm_libcrypto_veth: 0.3,
    tcp1_cbcsha1_veth: 0.25,
    tcp8_gcm_tcp1_gcm: 1.25,
    tcpboth_gcm_tcp1_gcm: 1.5,
    udp64_gcm_openvpn: 4,
    udp1300_gcm_openvpn: 2,
    latency99_gcm_ms: 3,
    cpu_gcm_libcrypto_openvpn: 1,
    sessions10000_over_1: 0.9875,
  });
  expect(ratios).not.toHaveProperty('tcp1_cbcsha1_libcrypto_veth');
  expect(ratios).not.toHaveProperty('sessions100_over_1');
});

test('every target names a ratio that a full run has', () => {
  const everything = ratiosOf(() => 1);
  for (const { ratio } of targets) expect(everything).toHaveProperty(ratio, 1);
});

test('a target is met on its bound, missed beyond it, and open without a figure', () => {
  const throughput = { ratio: 'x', bound: 'atLeast', value: 0.4 } as const;
  expect([0.4, 0.39, undefined].map((value) => verdictOf(throughput, value))).toEqual([
    'met',
    'missed',
    'not measured',
  ]);
  const latency = { ratio: 'x', bound: 'atMost', value: 5 } as const;
  expect([5, 5.1].map((value) => verdictOf(latency, value))).toEqual(['met', 'missed']);
});

test('a table is aligned, and its figures have three digits', () => {
  expect(
    table(
      ['', 'a', 'bb'],
      [
        ['row', figure(12.34), figure(undefined)],
        ['longer row', figure(0.0416), '1'],
      ],
    ),
  ).toBe(
    ['                a  bb', '──────────  ─────  ──', 'row          12.3   –', 'longer row  0.042   1'].join('\n'),
  );
  expect([1234.5, 1.005, NaN].map(figure)).toEqual(['1235', '1.00', '–']);
});

test('the text has a row for each system, says why one has no figures, and judges the targets', () => {
  const medians = mediansOf(samples);
  const text = textOf({
    systems,
    medians,
    ratios: ratiosOf(medians),
    problems: [{ kind: 'failed', system: 'wireguard', measure: 'tcp8', reason: 'it stalled' }],
    runs: 5,
  });
  for (const { title } of systems) expect(text).toContain(title);
  expect(text).toMatch(/tcp1_gcm_veth +0\.400 +≥ 0\.4 +met/);
  expect(text).toMatch(/tcp1_cbcsha1_veth +0\.250 +≥ 0\.33 +missed/);
  expect(text).toContain('failed: wireguard, tcp8: it stalled');
  expect(text).not.toMatch(/undefined|NaN/);
});

describe('options', () => {
  const names = ['gcm', 'openvpn', 'veth'];
  test.each([
    [[], { quick: false, runs: 5, json: undefined, only: [] }],
    [['--quick', '--runs', '3', '--json', 'x.json'], { quick: true, runs: 3, json: 'x.json', only: [] }],
    [['--only', 'gcm', 'veth'], { quick: false, runs: 5, json: undefined, only: ['gcm', 'veth'] }],
    [['--only', 'gcm,openvpn'], { quick: false, runs: 5, json: undefined, only: ['gcm', 'openvpn'] }],
  ])('%j', (argv, expected) => {
    expect(parseOptions(argv, names)).toEqual(expected);
  });

  test.each([[['--runs', '0']], [['--runs', 'many']], [['gcm']], [['--only', 'pptp']], [['--fast']]])(
    '%j is refused with the usage',
    (argv) => {
      expect(() => parseOptions(argv, names)).toThrow(/.\nnpm run bench --/);
    },
  );

  test.each([[['--runs', 'many']], [['gcm']], [['--quick']]])('%j is refused by the other benchmark too', (argv) => {
    expect(() => parseConnectOptions(argv)).toThrow(/.\nnpm run bench:connect --/);
  });

  test('--help is the usage, and no error', () => {
    expect(() => parseOptions(['--help'], names)).toThrow(HelpWanted);
    expect(() => parseConnectOptions(['--runs', '3', '--help'])).toThrow(HelpWanted);
  });
});
