import { afterAll } from 'vitest';
import { takeLeaks } from './watch.ts';

// Registered before those of the tests, so that it comes after them: they end the programs and remove the folders.
afterAll(() => {
  const leaks = takeLeaks();
  if (leaks.length > 0) throw new Error(`a secret came out:\n  ${leaks.join('\n  ')}`);
});
