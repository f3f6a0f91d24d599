import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepCounting } from '../../../main/host/service/online/statistics.ts';
import type { SessionCounters } from '../../../main/session/host/index.ts';
import { eventually } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { FakeHelper } from './fake-helper.ts';

let folder: string;
let fake: FakeHelper;
let over: AbortController;

beforeEach(async () => {
  folder = scratchFolder('statistics');
  mkdirSync(join(folder, 'run'));
  fake = await FakeHelper.open(join(folder, 'run'));
  over = new AbortController();
});

afterEach(() => {
  over.abort();
  fake.die();
  removeScratch(folder);
});

type Answer = ReturnType<FakeHelper['answer']>;

const inNumbers: SessionCounters = { receivedPackets: 7n, receivedBytes: 700n, sentPackets: 0n, sentBytes: 0n };
const counters: Answer = {
  kind: 'ok',
  statistics: {
    sessions: [{ session: 3, receivedPackets: '7', receivedBytes: '700', sentPackets: '0', sentBytes: '0' }],
    drops: {},
  },
};
const refusal: Answer = { kind: 'error', code: 'helper.system', message: 'not now' };

/** What is told, as it comes; `over` ends it. */
function heard(): { readonly told: unknown[]; readonly ended: Promise<void> } {
  const told: unknown[] = [];
  const listener = { counted: (sessions: unknown) => told.push(sessions), failed: () => told.push('refused') };
  return { told, ended: keepCounting(fake.helper, 1, listener, over.signal) };
}

test('counters go on being told after an answer that refused', async () => {
  let asked = 0;
  fake.answer = () => (++asked % 2 === 1 ? refusal : counters);
  const { told } = heard();
  await eventually('two refusals and what is told after each', 10_000, () => told.length >= 4);
  const sessions = new Map([[3, inNumbers]]);
  expect(told.slice(0, 4)).toEqual(['refused', sessions, 'refused', sessions]);
});

test.each([
  ['refusal', refusal],
  ['counters', counters],
] as const)('an answer that comes when it is over is not told: %s', async (_, answer) => {
  fake.answer = () => {
    over.abort();
    return answer;
  };
  const { told, ended } = heard();
  await ended;
  expect(told).toEqual([]);
});
