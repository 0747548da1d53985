import { createHash } from 'node:crypto';
import type { Sha256 } from '@tandem/core';

/** Node's own SHA-256, incremental. */
export function createSha256(): Sha256 {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    hexadecimal: () => hash.digest('hex'),
  };
}
