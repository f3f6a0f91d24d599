import { expect, test } from 'vitest';
import { Pair } from './support.ts';

test('initiator and responder agree on both phases in nine messages', () => {
  const pair = new Pair();
  const run = pair.run(() => pair.isUp);
    run,
    pair.initiator.effects.map((e) => (e.kind === 'log' ? JSON.stringify(e) : e.kind)),
    pair.responder.effects.map((e) => (e.kind === 'log' ? JSON.stringify(e) : e.kind)),
  );
  expect(run.ended).toBe('done');
  expect(run.datagrams).toBe(9);
});
