import { InvalidInputError } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import { tensorFault } from '../wire/tensor-body.ts';
import type { Deployment } from './deployment.ts';

/** Throws InvalidInputError unless these are the inputs that the deployment's requests have. */
export function checkInputs(deployment: Deployment, inputs: readonly TensorValue[]): void {
  const sent = deployment.routes.filter(({ from }) => from === null);
  const expected = [...new Set(sent.map(({ tensor }) => tensor))];
  const given = inputs.map(({ name }) => name);
  if (given.length !== expected.length || expected.some((name) => !given.includes(name))) {
    throw new InvalidInputError(
      `the request has the inputs [${given.join(', ')}], expected [${expected.join(', ')}]`,
      "Give each of the model's inputs once.",
    );
  }
  for (const input of inputs) {
    const declared = deployment.tensors.find(({ name }) => name === input.name);
    const fault = declared ? tensorFault(declared, input) : null;
    if (fault !== null)
      throw new InvalidInputError(`the request has ${fault}`, 'Prepare the input for this plan.');
  }
}
