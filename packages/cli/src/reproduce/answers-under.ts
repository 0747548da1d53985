import {
  adaptiveScenario,
  type Plan,
  type Problem,
  type Scenario,
  type ScenarioDecisions,
  scenarioOf,
  seconds,
  simulate,
  type TracePoint,
} from '@tandem/core';
import { type OnlineShare, onlineDecisions } from './online-share.ts';
import { bestPace } from './pace-of-plan.ts';

/** In seconds from the start, ascending. */
export type AnswerTimes = readonly number[];

export interface Following {
  /** Of every link, again from the start after its end. */
  readonly points: readonly TracePoint[];
  /** What is decided request by request; null = nothing. */
  readonly online: OnlineShare | null;
  readonly requests: number;
}

/** When a plan’s requests, all of which are there from the start, are answered while the links follow the points. */
export function answersUnder(
  problem: Problem,
  plan: Plan,
  { points, online, requests }: Following,
): AnswerTimes {
  const scenario = scenarioOf(problem, plan, { arrivals: { kind: 'batch', requests }, waiting: requests });
  const decisions = online === null ? null : onlineDecisions(problem, plan, online);
  return answersOf(followed(scenario, points, [decisions]));
}

/** More come than any plan can answer, so that there is always a next one: it goes by the plan that is in use when it comes. */
const overload = 1.2;
/** Requests that wait for one to end; others are refused. */
const waiting = 8;

export interface ReplannedFollowing {
  readonly points: readonly TracePoint[];
  /** So long requests come. */
  readonly untilSeconds: number;
}

/**
 * When requests are answered while the links follow the points and the gateway changes plans by what it sees of them, as that of `run --adapt`
 * does, for the sake of throughput. All plans are loaded beforehand, each with a version of its own; bits are chosen where a plan’s policy says so, and no request leaves early.
 */
export function answersReplanned(
  problem: Problem,
  plans: readonly [Plan, ...Plan[]],
  { points, untilSeconds }: ReplannedFollowing,
): AnswerTimes {
  const highest = Math.max(...points.map((point) => point.bitsPerSecond));
  const perSecond = overload * Math.max(...plans.map((plan) => bestPace(problem, plan)(highest)));
  const requests = Math.ceil(perSecond * untilSeconds);
  const arrivals = { kind: 'periodic', seconds: seconds(1 / perSecond), requests } as const;
  const scenario = adaptiveScenario(problem, plans, { arrivals, waiting }, { objective: 'throughput' });
  const decisions = plans.map((plan) =>
    plan.policies === undefined ? null : onlineDecisions(problem, plan, { exits: 0 }),
  );
  return answersOf(followed(scenario, points, decisions));
}

/** With all links following the points, and each pipeline's requests decided about as it says; null = they are not. */
function followed(
  scenario: Scenario,
  points: readonly TracePoint[],
  decided: readonly (ScenarioDecisions | null)[],
): Scenario {
  const rate = { kind: 'trace', points, loop: true } as const;
  return {
    ...scenario,
    links: scenario.links.map((link) => ({ ...link, rate })),
    pipelines: scenario.pipelines.map((pipeline, at) => {
      const decisions = decided[at] ?? null;
      return decisions === null ? pipeline : { ...pipeline, decisions };
    }),
  };
}

const answersOf = (scenario: Scenario): AnswerTimes =>
  simulate(scenario).events.flatMap((event) => (event.kind === 'answer' ? [event.atSeconds] : []));
