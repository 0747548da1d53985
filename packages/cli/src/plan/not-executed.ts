import { type Plan, type Problem, planWays } from '@tandem/core';
import type { DeviceClock } from '@tandem/runtime';

/**
 * What a plan asks for, or its prediction assumes, and `tandem run` does not do; one sentence each, empty = all of it is executed. Whether
 * a device takes its clock only the device can say (`clocksNotSet`).
 */
export function notExecuted(problem: Problem, plan: Plan): string[] {
  const { cluster } = problem;
  const transfers = planWays(problem, plan).ways.flatMap((way) => way.transfers);
  const traced = cluster.links.filter(
    ({ from, to, rate }) =>
      rate.kind === 'trace' && transfers.some((transfer) => transfer.from === from && transfer.to === to),
  );
  const pictures = transfers.filter(({ codec }) => codec.kind === 'picture');
  return [
    ...(pictures.length === 0
      ? []
      : [`Agents do not compress pictures, and the plan sends ${pictures.length} so: they go raw.`]),
    ...policySentences(plan),
    ...traced.map(
      ({ from, to }) =>
        `The rate from '${from}' to '${to}' follows a trace; where it is paced, it stays the trace's first rate.`,
    ),
  ];
}

/** Clocks that devices did not take, one sentence each. */
export function clocksNotSet(clocks: readonly DeviceClock[]): string[] {
  return clocks.flatMap(({ device, wantedHertz, hertz, reason }) => {
    const wanted = `The plan sets the clock of '${device}' to ${wantedHertz / 1e6} MHz`;
    if (hertz === null) return [`${wanted}, and it stayed as it was: ${reason ?? 'unknown why'}.`];
    return hertz === wantedHertz ? [] : [`${wanted}, and it took ${hertz / 1e6} MHz.`];
  });
}

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
