import { type DeviceId, seconds } from '@tandem/core';
import { type ConformanceCase, elapse, neverAborted, requireEqual, requireThat } from '../conformance.ts';
import type { NullSegment } from '../execute/null-executor.ts';
import type { PipelineSetup, SmallPlan } from './pipeline-harness.ts';
import { itemsOf, requireAnswer, within } from './stream-cases.ts';

const signal = neverAborted();

/** Every device makes something that another reads, one stage comes back to the first device, and a skip goes past two others. */
const repaired: SmallPlan = {
  inputs: ['x'],
  outputs: ['y', 'g'],
  source: 'a',
  sink: 'd',
  repair: { retain: true },
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h', 'skip'] },
    { device: 'b', inputs: ['h'], outputs: ['i'] },
    { device: 'c', inputs: ['i'], outputs: ['j', 'g'] },
    { device: 'a', inputs: ['j'], outputs: ['k'] },
    { device: 'd', inputs: ['k', 'skip'], outputs: ['y'] },
  ],
};

/** What agents and gateway promise when devices die: every request is answered once and rightly. */
export function repairConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  const plans: Record<string, SmallPlan> = {
    'from what is held': repaired,
    'from the inputs': { ...repaired, repair: { retain: false } },
    coded: { ...repaired, codec: { kind: 'fp16' } },
    'with replicas': {
      ...repaired,
      stages: repaired.stages.map((stage, index) =>
        index === 1 ? { ...stage, replicas: ['c', 'd'] } : stage,
      ),
    },
  };
  const singles = Object.entries(plans).flatMap(([name, plan]) =>
    ['a', 'b', 'c', 'd'].map((victim) => ({
      name: `answers all when ${victim} dies, ${name}`,
      run: () => survives(setup, plan, [victim], 24),
    })),
  );
  const pairs = [
    ['a', 'c'],
    ['b', 'd'],
    ['c', 'b'],
  ].map((victims) => ({
    name: `answers all when ${victims.join(' and ')} die together`,
    run: () => survives(setup, repaired, victims, 24),
  }));
  return [...singles, ...pairs];
}

/**
 * Streams requests; after some runs, the victims die together. Where tensors are kept, one death costs no more than what ran on the
 * device that died: every other stage runs once for each request.
 */
async function survives(
  setup: PipelineSetup,
  plan: SmallPlan,
  victims: readonly DeviceId[],
  count: number,
): Promise<void> {
  let kill = (): void => undefined;
  const runs = new Map<string, number>();
  let total = 0;
  const onRun = async (_device: DeviceId, { outputs }: NullSegment): Promise<void> => {
    const made = outputs.map(({ name }) => name).join();
    runs.set(made, (runs.get(made) ?? 0) + 1);
    if (++total === 30) kill();
    await elapse(1);
  };
  const limits = { cleanUpSeconds: 0.05 };
  await within({ ...setup, onRun, agentLimits: limits }, plan, async ({ gateway, agents }) => {
    kill = () => {
      for (const victim of victims) void agents.get(victim)?.close();
    };
    let repairs = 0;
    let answered = 0;
    for await (const result of gateway.stream(itemsOf(plan, count), { window: 8, signal })) {
      requireEqual(result.index, answered++, 'order of results');
      requireAnswer(plan, result);
      repairs += result.answer?.repairs ?? 0;
    }
    requireEqual(answered, count, 'results');
    requireThat(repairs > 0, 'no request was in flight when the device died');
    for (const { device, replicas = [], outputs } of plan.stages) {
      const isKept = plan.repair?.retain === true && victims.length === 1;
      if (!isKept || [device, ...replicas].some((own) => victims.includes(own))) continue;
      requireEqual(runs.get(outputs.join()), count, `runs of the stage that makes ${outputs.join()}`);
    }
    const last = await gateway.request(itemsOf(plan, 1)[0]?.inputs ?? [], {
      signal,
      timeoutSeconds: seconds(10),
    });
    requireThat(
      last.stages.every(({ device }) => !victims.includes(device)),
      'a stage ran on a device that is dead',
    );
  });
}
