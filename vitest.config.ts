import { defineConfig } from 'vitest/config';

/** No secret comes out anywhere. */
const canary = 'test/support/canary/check.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: [canary],
          include: [
            'test/{protocol,session,engine,elevation,helper,host,profiles,certificates,contracts,cli,setup,bench,load}/**/*.test.ts',
            'test/app/parts/*.test.ts',
          ],
          // Vitest would leave one processor alone, of two as well.
          maxWorkers: '100%',
          // Against what never ends; a slow machine takes its time.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          setupFiles: [canary],
          include: ['test/e2e/**/*.test.ts'],
          // Most of their time they wait: for a timeout, a guest to boot, a lifetime to end.
          maxWorkers: 3,
          testTimeout: 240_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'package',
          setupFiles: [canary],
          include: ['test/package/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'app',
          setupFiles: [canary],
          include: ['test/app/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
