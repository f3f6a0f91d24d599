import { expect, test, vi } from 'vitest';
import { quieted } from '../../../main/host/authority/quieted.ts';

test('strangers make a log say so much a minute, and how much it kept back', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const said: string[] = [];
  const chat = quieted((text) => said.push(text));
  for (let i = 0; i < 1000; i++) chat(`line ${i}`);
  expect(said).toHaveLength(20);
  vi.advanceTimersByTime(60_000);
  chat('later');
  expect(said.slice(20)).toEqual(['980 more such lines in a minute', 'later']);
  vi.useRealTimers();
});
