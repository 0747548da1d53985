import type { Plan } from '../plan/plan.ts';
import type { Policies } from '../plan/policies.ts';
import { withBits } from '../plan/with-bits.ts';
import { leastCertain } from '../profile/node-seconds.ts';
import { bytes, seconds } from '../units.ts';
import { exitHeadSeconds } from './exit-head-seconds.ts';
import { ExpectedUses } from './expected-uses.ts';
import { type Outcome, outcomesOf, type PlacedExit, placedExits, reachOf } from './outcomes.ts';
import type { PlacedStage } from './placed-stage.ts';
import type { ProblemIndex } from './problem-index.ts';
import type { DeviceReport, Expectation } from './report.ts';
import type { RequestSchedule } from './request-schedule.ts';
import { missingLinkText } from './violations-of.ts';

/** What a plan with policies comes to in expectation. */
export interface Expected {
  /** The plan's, with what the exits' heads take. */
  readonly stages: readonly PlacedStage[];
  readonly uses: ExpectedUses;
  readonly exits: readonly PlacedExit[];
  readonly report: Expectation;
}

/** Prices plans whose requests decide for themselves how far they go and with how many bits they cross. */
export class PolicyPricer {
  readonly #index: ProblemIndex;
  readonly #uses: ExpectedUses;

  constructor(index: ProblemIndex) {
    this.#index = index;
    this.#uses = new ExpectedUses(index);
  }

  /** Leaves in `schedule` the request that stays, with the plan's own codecs. */
  price(
    plan: Plan & { readonly policies: Policies },
    stages: readonly PlacedStage[],
    schedule: RequestSchedule,
  ): Expected {
    const index = this.#index;
    const uses = this.#uses;
    const exits = placedExits(index, plan, stages);
    const withHeads = this.#withHeads(plan, stages, exits);
    const outcomes = outcomesOf(exits, stages);
    const reach = reachOf(plan, stages);
    uses.start(outcomes.length);
    const { precision } = plan.policies;
    for (const { bits, share } of precision?.bits ?? []) {
      if (precision === undefined || share === 0) continue;
      schedule.run({ transfers: withBits(plan.transfers, precision, bits) }, withHeads);
      uses.addRequests(index, schedule, reach, outcomes, share);
    }
    schedule.run(plan, withHeads);
    if (precision === undefined) uses.addRequests(index, schedule, reach, outcomes, 1);
    return { stages: withHeads, uses, exits, report: this.#expectation(exits, outcomes, withHeads) };
  }

  /** A head runs right behind its stage, before anything of the stage is sent on. */
  #withHeads(
    { frequency }: Plan,
    stages: readonly PlacedStage[],
    exits: readonly PlacedExit[],
  ): readonly PlacedStage[] {
    const { devices } = this.#index.problem.cluster;
    return stages.map((stage, at) => {
      const exit = exits.find((placed) => placed.stage === at);
      const device = devices[stage.device];
      if (exit === undefined || device === undefined) return stage;
      const head = exitHeadSeconds(exit.head, device, frequency);
      return {
        ...stage,
        occupiedSeconds: seconds(stage.occupiedSeconds + head),
        computeSeconds: seconds(stage.computeSeconds + head),
        source: head === 0 ? stage.source : leastCertain(stage.source, 'roofline'),
      };
    });
  }

  #expectation(
    exits: readonly PlacedExit[],
    outcomes: readonly Outcome[],
    stages: readonly PlacedStage[],
  ): Expectation {
    return {
      exits: exits.map(({ point, stage }, at) => ({
        tensor: point.tensor,
        device: stages[stage]?.deviceId ?? '',
        share: point.share,
        latencySeconds: seconds(this.#uses.outcomeSeconds[at] ?? 0),
      })),
      stayingShare: outcomes.at(-1)?.share ?? 1,
      worstLatencySeconds: seconds(this.#uses.worstLatencySeconds),
    };
  }
}

/** Answers of exits that never arrive, one sentence each. */
export function unansweredExits(
  { problem, devices, sink, linkAt }: ProblemIndex,
  { exits, stages, report }: Expected,
): string[] {
  return exits.flatMap(({ point, stage }, at) => {
    const { deviceId = '', device = -1 } = stages[stage] ?? {};
    const what = `answers of the exit at tensor ${point.tensor}`;
    if (device !== sink && linkAt[device * devices.size + sink] === -1)
      return [`${missingLinkText(problem, deviceId, problem.workload.sink)}, and ${what} go there.`];
    if (report.exits[at]?.latencySeconds !== Number.POSITIVE_INFINITY) return [];
    return [`The ${what} never arrive at '${problem.workload.sink}'.`];
  });
}

/** The devices with the heads that they hold as well, whether stages stay loaded or not. */
export function withHeadMemory(
  devices: readonly DeviceReport[],
  { exits, stages }: Expected,
): DeviceReport[] {
  return devices.map((report) => {
    let held = 0;
    for (const { head, stage } of exits)
      if (stages[stage]?.deviceId === report.device) held += head.parameterBytes;
    if (held === 0) return report;
    return {
      ...report,
      parameterBytes: bytes(report.parameterBytes + held),
      memoryBytes: bytes(report.memoryBytes + held),
      loadPeakBytes: bytes(report.loadPeakBytes + held),
    };
  });
}
