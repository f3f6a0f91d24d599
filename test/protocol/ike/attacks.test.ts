import { expect, test } from 'vitest';
import { Pair, type PairOptions } from './support.ts';

/** Somebody on the path, or elsewhere with a recording, who does not know the pre-shared key. */

function up(options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  expect(pair.run(() => pair.isUp).ended).toBe('done');
  return pair;
}

const elsewhere = { address: '198.51.100.66', port: 6666 };

/** Hands each end all that it sent itself, as if from somewhere else. */
function reflectAll(pair: Pair): void {
  for (const { to, port, bytes } of [...pair.transcript]) {
    const sender = to === 'initiator' ? pair.responder : pair.initiator;
    pair.input(sender, { kind: 'datagram', port, remote: elsewhere, bytes });
  }
}

test('what an end sent itself, reflected at any time, changes nothing', () => {
  const pair = up();
  pair.run(() => false, 100_000); // questions after each other's life, and what was answered is forgotten
  const stood = [pair.initiator.state, pair.responder.state];
  const { length } = pair.transcript;
  reflectAll(pair);
  expect([pair.initiator.state, pair.responder.state]).toEqual(stood);
  expect(pair.transcript).toHaveLength(length);
});

test('our own questions reflected keep no dead peer alive', () => {
  const pair = up();
  pair.filter = () => false;
  for (let round = 0; round < 20; round++) {
    pair.run(() => false, 5000);
    reflectAll(pair);
  }
  expect([pair.initiator.closed, pair.responder.closed]).toEqual([{ code: 'deadPeer' }, { code: 'deadPeer' }]);
});
