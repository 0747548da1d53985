import { covers, InvalidInputError, sharedAmong } from '@tandem/core';
import type { Deployment } from './deployment.ts';

/** Longest pattern of tickets that the shares of a deployment may make together. */
const longestPattern = 1024;

/**
 * One deployment from those of each ticket in turn: ticket t runs as `turns[t mod turns.length]` says. So replicas of a stage, which are
 * entries of the same stage on several devices, share its tickets. Everything but stages and routes is the first's. Throws
 * InvalidInputError when there is no turn.
 */
export function mergedDeployment(turns: readonly Deployment[]): Deployment {
  const [first] = turns;
  if (first === undefined) {
    throw new InvalidInputError(
      'a deployment is made of no turns, expected at least one',
      'Give the deployment of each ticket.',
    );
  }
  const stages = sharedAmong(
    turns.map((turn) => turn.stages),
    ({ stage, device }) => JSON.stringify([stage, device]),
  );
  const routes = sharedAmong(
    turns.map((turn) => turn.routes),
    ({ tensor, from, to }) => JSON.stringify([tensor, from, to]),
  );
  return { ...first, stages, routes };
}

/** What runs for each ticket in turn, until the pattern repeats. Throws InvalidInputError when it takes too long to. */
export function turnsOf(deployment: Deployment): Deployment[] {
  const shares = [...deployment.stages, ...deployment.routes].flatMap(({ share }) => share ?? []);
  const period = shares.reduce((product, share) => leastCommonMultiple(product, share.period), 1);
  if (period > longestPattern) {
    throw new InvalidInputError(
      `the replicas of the deployment share tickets in a pattern of ${period}, expected at most ${longestPattern}`,
      'Give the replicas of all stages weights of few common sums.',
    );
  }
  return Array.from({ length: period }, (_, ticket) => ({
    ...deployment,
    stages: deployment.stages.filter(({ share }) => covers(share, ticket)),
    routes: deployment.routes.filter(({ share }) => covers(share, ticket)),
  }));
}

function leastCommonMultiple(left: number, right: number): number {
  let [divisor, rest] = [left, right];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return Math.min((left / divisor) * right, Number.MAX_SAFE_INTEGER);
}
