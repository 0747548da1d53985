import { type Plan, type Problem, planWays } from '@tandem/core';

/** What a plan asks for, or its prediction assumes, and `tandem run` does not do; one sentence each, empty = all of it is executed. */
export function notExecuted(problem: Problem, plan: Plan): string[] {
  const { cluster } = problem;
  const transfers = planWays(problem, plan).ways.flatMap((way) => way.transfers);
  const clocks = Object.keys(plan.frequency ?? {});
  const traced = cluster.links.filter(
    ({ from, to, rate }) =>
      rate.kind === 'trace' && transfers.some((transfer) => transfer.from === from && transfer.to === to),
  );
  const pictures = transfers.filter(({ codec }) => codec.kind === 'picture');
  return [
    ...(pictures.length === 0
      ? []
      : [`Agents do not compress pictures, and the plan sends ${pictures.length} so: they go raw.`]),
    ...(clocks.length === 0
      ? []
      : [`Agents do not set clock rates, and the plan sets those of ${named(clocks)}.`]),
    ...policySentences(plan),
    ...traced.map(
      ({ from, to }) =>
        `The rate from '${from}' to '${to}' follows a trace; where it is paced, it stays the trace's first rate.`,
    ),
  ];
}

const named = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ');

/** Without a calibration there is nothing to decide by, and one request alone is compared with the whole model, bit for bit. */
function policySentences({ policies }: Plan): string[] {
  const { exits, precision } = policies ?? {};
  const what = [
    ...(exits === undefined ? [] : [exits.points.length === 1 ? 'an exit' : `${exits.points.length} exits`]),
    ...(precision === undefined ? [] : [`bits by the rule '${precision.rule}'`]),
  ];
  if (what.length === 0) return [];
  return [
    `Only \`run --stream\` and \`run --requests\` with --calibration decide request by request, as the plan does: ${what.join(', ')}.`,
  ];
}
