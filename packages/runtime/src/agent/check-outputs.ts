import { ExecutionError } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import { tensorFault } from '../wire/tensor-body.ts';
import type { LoadedPlans } from './loaded-plans.ts';

/** Throws ExecutionError unless the outputs are what the deployment says. */
export function checkOutputs(
  plans: LoadedPlans,
  version: number,
  stage: number,
  outputs: readonly TensorValue[],
): void {
  const declared = plans.deployment(version)?.stages.find((other) => other.stage === stage);
  for (const name of declared?.outputs ?? []) {
    const output = outputs.find((candidate) => candidate.name === name);
    const tensor = plans.tensor(version, name);
    const fault = output && tensor ? tensorFault(tensor, output) : `no tensor ${name}`;
    if (fault === null) continue;
    throw new ExecutionError(
      `stage ${stage} gave ${fault}`,
      'Plan with the shapes that the model really has; inputs of another size need a plan of their own.',
    );
  }
}
