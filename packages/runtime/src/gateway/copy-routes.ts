import { isBare } from '@tandem/core';
import type { DeployedStage, Route } from './deployment.ts';

/** Whether the route brings the gateway a part of the answer. */
export const isAnswer = ({ to, copy }: Route): boolean => to === null && copy !== true;

/**
 * What crosses between the stages, to the gateway as well: a request goes on from there when everybody else who has it is lost. They come
 * last, so that a stage sends them after all that somebody waits for. What crosses coded is left out: who read it read something else.
 */
export function copyRoutes(stages: readonly DeployedStage[], routes: readonly Route[]): Route[] {
  const others = new Set(
    routes.flatMap((route) => (isAnswer(route) || !isBare(route.codec) ? [route.tensor] : [])),
  );
  const read = new Set(stages.flatMap(({ inputs }) => inputs));
  return stages.flatMap(({ device, outputs }) =>
    outputs
      .filter((tensor) => read.has(tensor) && !others.has(tensor))
      .map((tensor) => ({ tensor, from: device, to: null, codec: { kind: 'raw' }, copy: true })),
  );
}
