import { type DeviceId, InvalidInputError, isBare, type Party } from '@tandem/core';
import { codedBodyBytes, tensorBodyBytes } from '../wire/tensor-body.ts';
import type { DeployedTensor, Deployment } from './deployment.ts';
import { labelOutput } from './labels.ts';
import { turnsOf } from './merged-deployment.ts';

/** Throws InvalidInputError unless every stage can get its inputs and every route its tensor, each from one place. */
export function checkDeployment(deployment: Deployment): void {
  if (!(Number.isInteger(deployment.queue) && deployment.queue >= 1))
    throw wrong(`its queue is ${deployment.queue}, expected a whole number of at least 1`);
  const declared = new Map(deployment.tensors.map((tensor) => [tensor.name, tensor]));
  if (declared.size < deployment.tensors.length) throw wrong('a tensor is declared twice');
  for (const { name, type, shape } of deployment.tensors) tensorBodyBytes(name, type, shape);
  for (const turn of turnsOf(deployment)) checkTurn(turn, declared);
  checkDecisions(deployment);
}

function checkDecisions(deployment: Deployment): void {
  const decided = new Set<number>();
  for (const decision of deployment.decisions ?? []) {
    const { stage, tensors, by, bits } = decision;
    const own = deployment.stages.find((other) => other.stage === stage);
    const strange = tensors.find((tensor) => own?.outputs.includes(tensor) !== true);
    if (strange !== undefined || decided.has(stage))
      throw wrong(
        `stage ${stage} is decided about twice, or by ${strange ?? 'nothing'}, which it does not make`,
      );
    decided.add(stage);
    const exitAbove = by.kind === 'centres' ? by.thresholds.exitAbove : by.exitAbove;
    if (exitAbove !== null && labelOutput(deployment) === null)
      throw wrong('requests leave by a label, and its model does not answer one float32 tensor of labels');
    for (const { tensor, to } of bits?.ways ?? []) {
      const route = deployment.routes.find((other) => other.tensor === tensor && other.to === to);
      if (route?.codec.kind !== 'affine' || route.bits === undefined)
        throw wrong(
          `bits are chosen for tensor ${tensor} on its way to ${to}, which has no affine codec for that`,
        );
    }
  }
}

/** What runs for one ticket. */
function checkTurn(deployment: Deployment, declared: ReadonlyMap<string, DeployedTensor>): void {
  const numbers = new Set(deployment.stages.map(({ stage }) => stage));
  if (numbers.size < deployment.stages.length) throw wrong('two stages have the same number');
  const present = tensorsPresent(deployment);
  for (const { stage, device, inputs, outputs } of deployment.stages) {
    const unknown = [...inputs, ...outputs].find((tensor) => !declared.has(tensor));
    if (unknown !== undefined) throw wrong(`stage ${stage} names tensor ${unknown}, which is not declared`);
    const missing = inputs.find((tensor) => !present.has(place(device, tensor)));
    if (missing !== undefined)
      throw wrong(`stage ${stage} on ${device} needs ${missing}, which never gets there`);
    if (inputs.length === 0) throw wrong(`stage ${stage} reads nothing, so nothing can start it`);
  }
  for (const { tensor, from, to, codec } of deployment.routes) {
    const form = declared.get(tensor);
    if (form === undefined) throw wrong(`a route names tensor ${tensor}, which is not declared`);
    codedBodyBytes({ ...form, tensor, codec });
    if (!isBare(codec) && (from === null || to === null))
      throw wrong(`tensor ${tensor} is coded on its way from or to the gateway, expected raw`);
    if (from === to && (deployment.repair === undefined || !isBare(codec)))
      throw wrong(`tensor ${tensor} is sent from ${from ?? 'the gateway'} to itself`);
    if (from !== null && !present.has(place(from, tensor))) {
      throw wrong(`${from} has to send ${tensor}, which never gets there`);
    }
  }
}

/** Where each tensor is made or arrives; throws when one would be at a device twice. */
function tensorsPresent({ stages, routes }: Deployment): ReadonlySet<string> {
  const places = [
    ...stages.flatMap(({ device, outputs }) => outputs.map((tensor) => ({ device, tensor }))),
    ...routes.map(({ tensor, to }) => ({ device: to, tensor })),
  ];
  const present = new Set<string>();
  for (const { device, tensor } of places) {
    const key = place(device, tensor);
    if (present.has(key)) throw wrong(`tensor ${tensor} gets to ${device ?? 'the gateway'} twice`);
    present.add(key);
  }
  return present;
}

const place = (device: Party, tensor: string): string => JSON.stringify([device as DeviceId | null, tensor]);

function wrong(fault: string): InvalidInputError {
  return new InvalidInputError(
    `the deployment cannot run: ${fault}`,
    'Make it from a plan that validatePlan accepts.',
  );
}
