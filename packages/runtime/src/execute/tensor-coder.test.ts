import { describe, it } from 'vitest';
import { coderConformance } from './coder-conformance.ts';
import { inlineCoder } from './tensor-coder.ts';

describe('inline coder', () => {
  it.each(coderConformance(() => inlineCoder()))('$name', ({ run }) => run());
});
