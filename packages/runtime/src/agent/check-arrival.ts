import { type AgentState, type Party, ProtocolError } from '@tandem/core';
import type { TensorMessage } from '../wire/message.ts';
import { tensorFault } from '../wire/tensor-body.ts';
import type { LoadedPlans } from './loaded-plans.ts';

/** Throws ProtocolError when a deployed plan does not let the sender send this tensor here; versions that are not are the schedule's. */
export function checkArrival(
  state: AgentState,
  plans: Pick<LoadedPlans, 'tensor'>,
  from: Party,
  { version, tensor, type, shape }: TensorMessage,
): void {
  const plan = state.plans.find((candidate) => candidate.plan.version === version)?.plan;
  const declared = plans.tensor(version, tensor);
  if (plan === undefined) return;
  const expected = plan.arrivals.some((arrival) => arrival.tensor === tensor && arrival.from === from);
  const sender = from === null ? 'the gateway' : `device ${from}`;
  if (!expected || declared === null) {
    throw new ProtocolError(
      `${sender} sent tensor ${tensor}, which plan version ${version} does not let it send here`,
      'Deploy the same plan to every device.',
    );
  }
  const fault = tensorFault(declared, { type, shape });
  if (fault !== null)
    throw new ProtocolError(`${sender} sent ${fault}`, 'Deploy the same plan to every device.');
}
