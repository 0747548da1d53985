import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    setupFiles: ['tests/fixed-seed.ts'],
    // ONNX Runtime reports models to its maker otherwise; the product's own code opts out by itself.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
