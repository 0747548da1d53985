import { DocumentFaults, type DocumentPlace } from '../cluster/document-faults.ts';
import {
  anyRecord,
  choiceField,
  type Field,
  type FieldsOf,
  integerField,
  listField,
  listOf,
  numberField,
  readFields,
  required,
  textField,
  yesOrNo,
} from '../cluster/document-fields.ts';
import { type Seconds, seconds } from '../units.ts';
import type { Scenario, ScenarioArrivals, ScenarioChange } from './scenario.ts';
import { type AdaptationWishes, adaptationOf, bodyOf, sensorOf } from './scenario-adaptation-document.ts';
import { scenarioChangeOf } from './scenario-change-document.ts';
import type { PipelineOptions } from './scenario-of.ts';

/** What a scenario file asks for: which plan of which problem, what arrives and what changes. File names are as they are written. */
export interface ScenarioDocument {
  readonly model: string;
  /** @default the example cluster */
  readonly cluster: string | null;
  /** [DEVICE=]FILE */
  readonly profile: readonly string[];
  /** Files of what fewer bits and early exits cost, as `plan` takes them. */
  readonly calibration: string | null;
  readonly exits: string | null;
  /** @default as `plan` has it */
  readonly accuracyLoss: number | null;
  /** A saved plan; null = what `planner` answers. */
  readonly plan: string | null;
  /** @default auto */
  readonly planner: string | null;
  readonly objective: 'latency' | 'period' | 'makespan' | 'energy';
  readonly pipeline: PipelineOptions;
  readonly acknowledgementSeconds: Seconds | null;
  readonly changes: readonly ScenarioChange[];
  readonly bodies: NonNullable<Scenario['bodies']>;
  readonly sensors: NonNullable<Scenario['sensors']>;
  /** Null = the plan is kept, whatever happens. */
  readonly adaptation: AdaptationWishes | null;
  readonly seed: number;
}

interface TopValues {
  readonly model?: string;
  readonly cluster?: string;
  readonly profile?: readonly string[];
  readonly calibration?: string;
  readonly exits?: string;
  readonly accuracyLoss?: number;
  readonly plan?: string;
  readonly planner?: string;
  readonly objective?: ScenarioDocument['objective'];
  readonly arrivals?: object;
  readonly priority?: number;
  readonly priorities?: readonly number[];
  readonly queue?: number;
  readonly window?: number;
  readonly waiting?: number;
  readonly ordered?: boolean;
  readonly requestTimeoutSeconds?: number;
  readonly clientStopsAtSeconds?: number;
  readonly acknowledgementSeconds?: number;
  readonly changes?: readonly unknown[];
  readonly bodies?: readonly unknown[];
  readonly sensors?: readonly unknown[];
  readonly adaptation?: object;
  readonly seed?: number;
}

interface ArrivalValues {
  readonly kind?: ScenarioArrivals['kind'];
  readonly requests?: number;
  readonly seconds?: number;
  readonly perSecond?: number;
  readonly atSeconds?: readonly number[];
}

const mostRequests = 1_000_000;
const mostChanges = 10_000;
const count: Field<number> = integerField(1, mostRequests);
const duration: Field<number> = numberField(0, 1e9);
const name: Field<string> = textField(1000);

const topFields: FieldsOf<TopValues> = {
  model: required(name),
  cluster: name,
  profile: listOf(name, 1000),
  calibration: name,
  exits: name,
  accuracyLoss: numberField(0, 1),
  plan: name,
  planner: name,
  objective: choiceField(['latency', 'period', 'makespan', 'energy'] as const),
  arrivals: anyRecord,
  priority: integerField(-1000, 1000),
  priorities: listOf(integerField(-1000, 1000), 1000),
  queue: count,
  window: count,
  waiting: integerField(0, mostRequests),
  ordered: yesOrNo,
  requestTimeoutSeconds: duration,
  clientStopsAtSeconds: duration,
  acknowledgementSeconds: duration,
  changes: listField(mostChanges),
  bodies: listField(1000),
  sensors: listField(1000),
  adaptation: anyRecord,
  seed: integerField(0, 2 ** 32 - 1),
};

const arrivalFields: FieldsOf<ArrivalValues> = {
  kind: required(choiceField(['one', 'batch', 'periodic', 'poisson', 'trace'] as const)),
  requests: count,
  seconds: duration,
  perSecond: numberField(1e-9, 1e9),
  atSeconds: listOf(duration, mostRequests),
};

const remedy = 'Correct the scenario; README.md shows one.';

/** Reads a scenario. Throws InvalidInputError with a line for each fault, at the places that `where` gives. */
export function parseScenario(value: unknown, where?: DocumentPlace): ScenarioDocument {
  const faults = new DocumentFaults(where);
  const top = readFields<TopValues>(value, [], topFields, faults);
  const arrivals = top.arrivals === undefined ? null : arrivalsOf(top.arrivals, faults);
  const changes = (top.changes ?? []).flatMap((change, at) => scenarioChangeOf(change, at, faults) ?? []);
  const bodies = (top.bodies ?? []).flatMap((body, at) => bodyOf(body, at, faults) ?? []);
  const sensors = (top.sensors ?? []).flatMap((sensor, at) => sensorOf(sensor, at, faults) ?? []);
  const adaptation = top.adaptation === undefined ? null : adaptationOf(top.adaptation, faults);
  faults.throwIfAny(remedy);
  const {
    priority,
    priorities,
    queue,
    window,
    waiting,
    ordered,
    requestTimeoutSeconds,
    clientStopsAtSeconds,
  } = top;
  return {
    model: top.model ?? '',
    cluster: top.cluster ?? null,
    profile: top.profile ?? [],
    calibration: top.calibration ?? null,
    exits: top.exits ?? null,
    accuracyLoss: top.accuracyLoss ?? null,
    plan: top.plan ?? null,
    planner: top.planner ?? null,
    objective: top.objective ?? 'latency',
    pipeline: {
      ...(arrivals === null ? {} : { arrivals }),
      ...(priority === undefined ? {} : { priority }),
      ...(priorities === undefined || priorities.length === 0 ? {} : { priorities }),
      ...(queue === undefined ? {} : { queue }),
      ...(window === undefined ? {} : { window }),
      ...(waiting === undefined ? {} : { waiting }),
      ...(ordered === undefined ? {} : { ordered }),
      ...(requestTimeoutSeconds === undefined
        ? {}
        : { requestTimeoutSeconds: seconds(requestTimeoutSeconds) }),
      ...(clientStopsAtSeconds === undefined ? {} : { clientStopsAtSeconds: seconds(clientStopsAtSeconds) }),
    },
    acknowledgementSeconds:
      top.acknowledgementSeconds === undefined ? null : seconds(top.acknowledgementSeconds),
    changes,
    bodies,
    sensors,
    adaptation,
    seed: top.seed ?? 1,
  };
}

function arrivalsOf(value: object, faults: DocumentFaults): ScenarioArrivals | null {
  const given = readFields<ArrivalValues>(value, ['arrivals'], arrivalFields, faults);
  const { kind, requests, perSecond, atSeconds } = given;
  if (kind === 'one') return { kind };
  if (kind === 'batch' && requests !== undefined) return { kind, requests };
  if (kind === 'periodic' && requests !== undefined && given.seconds !== undefined)
    return { kind, requests, seconds: seconds(given.seconds) };
  if (kind === 'poisson' && requests !== undefined && perSecond !== undefined)
    return { kind, requests, perSecond };
  if (kind === 'trace' && atSeconds !== undefined) {
    const isAscending = atSeconds.every((at, place) => at >= (atSeconds[place - 1] ?? 0));
    if (isAscending) return { kind, atSeconds: atSeconds.map(seconds) };
    faults.add(['arrivals', 'atSeconds'], 'arrivals.atSeconds goes back, expected times that ascend.');
    return null;
  }
  const needs = { batch: 'requests', periodic: 'requests and seconds', poisson: 'requests and perSecond' };
  const lacks = kind === undefined ? null : kind === 'trace' ? 'atSeconds' : needs[kind];
  if (lacks !== null) faults.add(['arrivals'], `arrivals of kind ${kind} lack something, expected ${lacks}.`);
  return null;
}
