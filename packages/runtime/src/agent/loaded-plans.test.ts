import { createHash } from 'node:crypto';
import { type CreateSha256, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { neverAborted } from '../conformance.ts';
import { nullExecutor } from '../execute/null-executor.ts';
import type { DeployedDecision } from '../gateway/deployed-decision.ts';
import { type SmallPlan, segmentsOf, smallDeployment } from '../gateway/pipeline-harness.ts';
import { memoryStore } from '../segment/memory-store.ts';
import { LoadedPlans } from './loaded-plans.ts';

const signal = neverAborted();
const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

/** Stage 1 has two in front of it, stage 3 is on a branch past it, and stage 4 joins both. */
const plan: SmallPlan = {
  inputs: ['x'],
  outputs: ['y'],
  source: 'a',
  sink: 'a',
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h', 'k'] },
    { device: 'a', inputs: ['h'], outputs: ['i'] },
    { device: 'a', inputs: ['i'], outputs: ['j'] },
    { device: 'a', inputs: ['k'], outputs: ['l'] },
    { device: 'a', inputs: ['j', 'l'], outputs: ['y'] },
  ],
};

const decision = (stage: number): DeployedDecision => ({
  stage,
  tensors: [],
  channels: 0,
  labels: [],
  by: { kind: 'confidence', exitAbove: null, offlineBits: 8, factor: 1, auditShare: 0, mostLoss: 0 },
  bits: null,
});

async function loadedPlans(): Promise<LoadedPlans> {
  const store = memoryStore(createSha256);
  for (const source of segmentsOf(plan, createSha256)) {
    const receiver = await store.receive(source.manifest, signal);
    for await (const chunk of source.chunks('model.onnx')) await receiver.write('model.onnx', chunk);
    await receiver.finish();
  }
  const executor = nullExecutor({
    segments: ({ digest }) => {
      const stage = segmentsOf(plan, createSha256).findIndex(({ manifest }) => manifest.digest === digest);
      const { inputs = [], outputs = [] } = plan.stages[stage] ?? {};
      return { inputs, outputs: outputs.map((name) => ({ name, type: 'uint8', shape: [4] })) };
    },
  });
  const clock = { now: () => seconds(0), sleep: () => Promise.resolve() };
  return new LoadedPlans('a', executor, store, clock);
}

describe('the stages behind which an answer is near', () => {
  it.each([
    { name: 'that make what the gateway takes', deciding: [], near: [4] },
    { name: 'from which a way leads to one that decides', deciding: [2], near: [0, 1, 4] },
    { name: 'as many as there are ways', deciding: [1, 3], near: [0, 4] },
    { name: 'and none for a decision that nothing comes before', deciding: [0], near: [4] },
  ])('are those $name', async ({ deciding, near }) => {
    const plans = await loadedPlans();
    const deployment = smallDeployment(plan, segmentsOf(plan, createSha256));
    await plans.load({ ...deployment, decisions: deciding.map(decision) }, signal);
    expect([0, 1, 2, 3, 4].filter((stage) => plans.isAnswerNear(1, stage))).toEqual(near);
    await plans.close();
  });
});
