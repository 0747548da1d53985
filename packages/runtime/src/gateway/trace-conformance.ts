import {
  type AgentRecord,
  CancelledError,
  type GatewayRecord,
  type Party,
  readTrace,
  replay,
  type TraceEvent,
  traceLines,
} from '@tandem/core';
import { type ConformanceCase, elapse, neverAborted, requireEqual, requireThat } from '../conformance.ts';
import type { PipelineSetup, SmallPlan, StepListener } from './pipeline-harness.ts';
import { chain, itemsOf, requireAnswer, within } from './stream-cases.ts';

const signal = neverAborted();

/** What a run leaves behind: its trace, and steps that are decided again as they were. */
export function traceConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  return [
    { name: 'traces a run from all that took part', run: () => traces(setup) },
    { name: 'decides again as it was recorded', run: () => replays(setup) },
  ];
}

/** Every stage of every request begins before it ends, and after what it reads is there; c reads a clock of its own. */
async function traces(setup: PipelineSetup): Promise<void> {
  const plan: SmallPlan = { ...chain, codec: { kind: 'fp16' } };
  const count = 10;
  await within({ ...setup, traced: true }, plan, async ({ gateway }) => {
    for await (const result of gateway.stream(itemsOf(plan, count), { window: 4, signal }))
      requireAnswer(plan, result);
    const trace = await gateway.trace(signal);
    requireEqual(readTrace(traceLines(trace)).events.length, trace.events.length, 'events read back');
    const kinds = new Map<string, number>();
    for (const { kind } of trace.events) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    // h goes to b and c, i and j come back; x comes from the gateway and y goes there.
    const expected = {
      arrival: count,
      admission: count,
      'stage-start': 4 * count,
      'stage-end': 4 * count,
      // The tensor that two devices take in one form is coded once.
      'encode-end': 3 * count,
      'decode-end': 4 * count,
      'transfer-start': 6 * count,
      'transfer-end': 6 * count,
      'tensor-arrived': 6 * count,
      answer: count,
      taken: count,
    };
    for (const [kind, times] of Object.entries(expected)) requireEqual(kinds.get(kind), times, kind);
    requireSequence(trace.events);
  });
}

function requireSequence(events: readonly TraceEvent[]): void {
  const at = (kind: string, what: (event: TraceEvent) => boolean): number =>
    events.find((event) => event.kind === kind && what(event))?.atSeconds ?? Number.NaN;
  const isTensor = (tensor: string, to: Party) => (event: TraceEvent) =>
    'tensor' in event && event.tensor === tensor && 'to' in event && event.to === to && event.request === 1;
  const isStage = (stage: number) => (event: TraceEvent) =>
    'stage' in event && event.stage === stage && 'requests' in event && event.requests.includes(1);
  const times = [
    at('arrival', (event) => 'request' in event && event.request === 1),
    at('tensor-arrived', isTensor('x', 'a')),
    at('stage-start', isStage(0)),
    at('stage-end', isStage(0)),
    at('transfer-start', isTensor('h', 'b')),
    at('tensor-arrived', isTensor('h', 'b')),
    at('stage-start', isStage(1)),
    at('stage-end', isStage(1)),
    at('tensor-arrived', isTensor('i', 'a')),
    at('stage-start', isStage(3)),
    at('tensor-arrived', isTensor('y', null)),
    at('answer', (event) => 'request' in event && event.request === 1),
  ];
  for (let index = 1; index < times.length; index++)
    requireThat(
      (times[index] ?? 0) >= (times[index - 1] ?? 0),
      `moment ${index} is before the one before it`,
    );
}

/** A run with a cancelled request and one that fails, decided again by the same functions from what was recorded. */
async function replays(setup: PipelineSetup): Promise<void> {
  const agents: Record<string, AgentRecord[]> = { a: [], b: [], c: [] };
  const steps: GatewayRecord[] = [];
  const onStep: StepListener = {
    agent: (device, step) => agents[device]?.push(copied(step)),
    gateway: (step) => steps.push(copied(step)),
  };
  let runs = 0;
  const leaving = new AbortController();
  const onRun = async (device: string): Promise<void> => {
    if (device !== 'b') return;
    await elapse(1);
    if (++runs === 4) throw new CancelledError('the stage failed', 'Try again.');
    if (runs === 7) leaving.abort(new CancelledError('not wanted any more', 'Nothing to do.'));
  };
  await within({ ...setup, onStep, onRun }, chain, async ({ gateway }) => {
    const items = itemsOf(chain, 20).map((item, index) =>
      index === 8 ? { ...item, signal: leaving.signal } : item,
    );
    const ends: string[] = [];
    for await (const { error } of gateway.stream(items, { window: 6, signal })) ends.push(error?.name ?? '');
    requireEqual(ends.filter((name) => name !== '').length, 2, 'requests that end without an answer');
  });
  const { steps: count, difference } = replay({ agents, gateway: steps });
  requireEqual(difference, null, 'what is decided otherwise');
  const recorded = Object.values(agents).reduce((sum, own) => sum + own.length, steps.length);
  requireEqual(count, recorded, 'steps decided again');
  requireThat(recorded > 300, `only ${recorded} steps were recorded`);
}

/** Schedules change their state in place, and what an event holds with it. */
const copied = <Step>(step: Step): Step => JSON.parse(JSON.stringify(step)) as Step;
