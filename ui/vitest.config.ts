import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          environment: 'node',
          env: { TZ: 'Europe/Berlin' },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser.test.ts', 'tests/server.test.ts'],
          // A shared machine may stall a browser for half a minute; the report says which tests needed it.
          retry: 1,
          environment: 'node',
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'screenshots',
          include: ['tests/screenshots.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
