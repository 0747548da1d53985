import { formatSeconds } from '../quantities.ts';
import { type Column, textTable } from '../text-table.ts';
import type { ChaosReport } from './chaos-command.ts';
import type { DoneFault } from './fault-driver.ts';

const columns: readonly Column<DoneFault>[] = [
  { title: 'fault', align: 'left', cell: ({ kind }) => kind },
  {
    title: 'devices',
    align: 'left',
    cell: ({ devices }) => (devices.length === 0 ? 'the gateway' : devices.join(', ')),
  },
  { title: 'stages', align: 'left', cell: ({ stages }) => stages.join(', ') },
  { title: 'in flight', align: 'right', cell: ({ inFlight }) => `${inFlight}` },
  {
    title: 'inside',
    align: 'left',
    cell: ({ inside }) => inside.map((stage) => `stage ${stage}`).join(', '),
  },
  {
    title: 'back after',
    align: 'right',
    cell: ({ backSeconds }) => (backSeconds === null ? 'not' : formatSeconds(backSeconds)),
  },
];

/** What chaos came to, for a person. */
export function chaosText(result: ChaosReport): string {
  const { counts, requests, faults, notDone } = result;
  const { answered, failed, lost, wrong, duplicates, outOfOrder, repaired, firstFailure } = counts;
  return [
    `${result.model} over ${result.devices} agents, ${result.stages} stages, seed ${result.seed}: ${requests} requests in ${formatSeconds(result.elapsedSeconds)}`,
    ...(faults.length === 0 ? [] : [textTable(columns, faults)]),
    `  ${answered} answered bit for bit like the whole model, ${repaired} of them after a repair; the slowest took ${formatSeconds(counts.slowestSeconds)}`,
    `  ${failed} told to have failed, ${lost} lost, ${wrong} wrong, ${duplicates} answered twice, ${outOfOrder} out of order`,
    ...(firstFailure === null ? [] : [`  the first failure: ${firstFailure}`]),
    ...(notDone === 0 ? [] : [`  ${notDone} FAULTS WERE NOT DONE: the requests ended before`]),
  ].join('\n');
}
