import { spawnSync } from 'node:child_process';
import { ResourceError } from '@tandem/core';

/** Has the system forget a file's pages, so that whoever reads it next pays for them. */
export function dropFileCache(path: string): void {
  const done = spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], {
    encoding: 'utf8',
  });
  if (done.status === 0) return;
  throw new ResourceError(
    `the pages of ${path} could not be dropped: ${done.error?.message ?? done.stderr}`,
    'Install coreutils.',
  );
}
