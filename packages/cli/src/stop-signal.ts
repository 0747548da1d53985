import { CancelledError } from '@tandem/core';

/** Aborts on the first Ctrl-C or SIGTERM, so that the command can clean up; the second ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new CancelledError(`Stopped by ${name}.`, 'Run the command again to finish the work.'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
