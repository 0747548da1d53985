import type { Plan } from '../plan/plan.ts';
import { computeTable } from './cost-tables.ts';
import { type PlacedStage, placedStages, stageFactsMemo } from './placed-stage.ts';
import { type ProblemIndex, resourceCount } from './problem-index.ts';
import { RequestSchedule } from './request-schedule.ts';

/** A way to run a request, with its stages placed. */
export interface PlacedWay {
  readonly transfers: Plan['transfers'];
  readonly stages: readonly PlacedStage[];
}

/** Places the stages of plans that set no clocks. */
export function wayPlacer({ problem, devices }: ProblemIndex): (plan: Plan) => PlacedWay {
  const { graph } = problem;
  const place = placedStages(computeTable(problem), stageFactsMemo(graph), graph.nodes.length);
  return ({ transfers, stages }) => ({
    transfers,
    stages: stages.map(({ device, nodes }) => place(nodes, devices.get(device) ?? -1)),
  });
}

/** What requests that were all there at second 0 leave behind. */
export interface BatchState {
  /** By resource (`linkResource`), when it has done its part of them. */
  readonly free: readonly number[];
  /** When the last of them has ended. */
  readonly endSeconds: number;
}

/** Beyond this many requests one more adds a period. */
const mostScheduled = 8192;

/**
 * The recursion of a flow shop over the devices and links of a cluster: each resource works for requests in the order in which they
 * start, each request by its own way's list schedule. With ways that use a device and then a link, C1 += f and C2 = max(C1, C2) + g.
 */
export class BatchClock {
  readonly #schedule: RequestSchedule;
  readonly #resources: number;

  constructor(index: ProblemIndex) {
    this.#schedule = new RequestSchedule(index);
    this.#resources = resourceCount(index);
  }

  idle(): BatchState {
    return { free: Array.from({ length: this.#resources }, () => 0), endSeconds: 0 };
  }

  /** After one more request. Throws as `RequestSchedule.run`. */
  after({ free, endSeconds }: BatchState, way: PlacedWay): BatchState {
    const { tasks } = this.#schedule;
    this.#schedule.run(way, way.stages, free);
    let end = endSeconds;
    for (let task = 0; task < tasks.count; task++) end = Math.max(end, tasks.at(task).thereSeconds);
    return { free: tasks.freeFrom(this.#resources), endSeconds: end };
  }

  /** When `requests` have ended that run by `ways` in the order of `pattern`, again and again, at `periodSeconds` in the long run. */
  endSeconds(
    ways: readonly PlacedWay[],
    pattern: readonly number[],
    requests: number,
    periodSeconds: number,
  ): number {
    const scheduled = Math.min(requests, mostScheduled);
    let state = this.idle();
    for (let request = 0; request < scheduled; request++) {
      const way = ways[pattern[request % pattern.length] ?? 0];
      if (way !== undefined) state = this.after(state, way);
    }
    return requests === scheduled
      ? state.endSeconds
      : state.endSeconds + (requests - scheduled) * periodSeconds;
  }
}
