import type { Command } from 'commander';
import { positiveInteger, positiveNumber, priority } from '../flag-values.ts';

/** How `run` is told of a second model on the same agents. */
export function besideOptions(command: Command): Command {
  return command
    .option(
      '--beside <model>',
      'with --requests: another model on the same agents at the same time, with the memory that the first leaves',
    )
    .option('--beside-plan <file>', 'with --beside: its saved plan')
    .option('--beside-planner <names>', 'with --beside: its planners (default: auto)')
    .option(
      '--beside-requests <count>',
      'with --beside: how many requests (default: --requests)',
      positiveInteger,
    )
    .option(
      '--beside-rate <number>',
      'with --beside: so many arrive a second (default: the next when there is room)',
      positiveNumber,
    )
    .option(
      '--beside-priority <number>',
      'with --beside: stages of the model with the higher one go first (default: 0)',
      priority,
    )
    .option(
      '--beside-turn <seconds>',
      'with --beside: cut its stages at layers so that none takes longer (default: as planned)',
      positiveNumber,
    )
    .option('--priority <number>', 'with --beside: of the first model (default: 0)', priority);
}
