import { DocumentFaults, type DocumentPath, type DocumentPlace } from '../cluster/document-faults.ts';
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
  /** Its stages are cut at layers so that none takes longer (`partInTurns`); null = they stay as planned. */
  readonly turnSeconds: Seconds | null;
  readonly objective: 'latency' | 'period' | 'makespan' | 'energy';
  readonly pipeline: PipelineOptions;
  /** Other models on the same devices. */
  readonly beside: readonly BesideModel[];
  readonly acknowledgementSeconds: Seconds | null;
  readonly changes: readonly ScenarioChange[];
  readonly bodies: NonNullable<Scenario['bodies']>;
  readonly sensors: NonNullable<Scenario['sensors']>;
  /** Null = the plan is kept, whatever happens. */
  readonly adaptation: AdaptationWishes | null;
  readonly seed: number;
}

/** Another model of a scenario, which takes its turns on the devices by `pipeline.priority`. */
export type BesideModel = Pick<ScenarioDocument, 'model' | 'plan' | 'planner' | 'turnSeconds' | 'pipeline'>;

interface TopValues extends PipelineValues {
  readonly model?: string;
  readonly cluster?: string;
  readonly profile?: readonly string[];
  readonly calibration?: string;
  readonly exits?: string;
  readonly accuracyLoss?: number;
  readonly plan?: string;
  readonly planner?: string;
  readonly turnSeconds?: number;
  readonly objective?: ScenarioDocument['objective'];
  readonly acknowledgementSeconds?: number;
  readonly changes?: readonly unknown[];
  readonly bodies?: readonly unknown[];
  readonly sensors?: readonly unknown[];
  readonly adaptation?: object;
  readonly beside?: readonly unknown[];
  readonly seed?: number;
}

interface PipelineValues {
  readonly arrivals?: object;
  readonly priority?: number;
  readonly priorities?: readonly number[];
  readonly queue?: number;
  readonly window?: number;
  readonly waiting?: number;
  readonly ordered?: boolean;
  readonly requestTimeoutSeconds?: number;
  readonly clientStopsAtSeconds?: number;
}

interface BesideValues extends PipelineValues {
  readonly model?: string;
  readonly plan?: string;
  readonly planner?: string;
  readonly turnSeconds?: number;
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

const pipelineFields: FieldsOf<PipelineValues> = {
  arrivals: anyRecord,
  priority: integerField(-1000, 1000),
  priorities: listOf(integerField(-1000, 1000), 1000),
  queue: count,
  window: count,
  waiting: integerField(0, mostRequests),
  ordered: yesOrNo,
  requestTimeoutSeconds: duration,
  clientStopsAtSeconds: duration,
};

const besideFields: FieldsOf<BesideValues> = {
  model: required(name),
  plan: name,
  planner: name,
  turnSeconds: duration,
  ...pipelineFields,
};

const topFields: FieldsOf<TopValues> = {
  model: required(name),
  cluster: name,
  profile: listOf(name, 1000),
  calibration: name,
  exits: name,
  accuracyLoss: numberField(0, 1),
  plan: name,
  planner: name,
  turnSeconds: duration,
  objective: choiceField(['latency', 'period', 'makespan', 'energy'] as const),
  ...pipelineFields,
  acknowledgementSeconds: duration,
  changes: listField(mostChanges),
  bodies: listField(1000),
  sensors: listField(1000),
  adaptation: anyRecord,
  beside: listField(100),
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
  const pipeline = pipelineOptionsOf(top, [], faults);
  const beside = (top.beside ?? []).map((other, at) => besideOf(other, at, faults));
  const changes = (top.changes ?? []).flatMap((change, at) => scenarioChangeOf(change, at, faults) ?? []);
  const bodies = (top.bodies ?? []).flatMap((body, at) => bodyOf(body, at, faults) ?? []);
  const sensors = (top.sensors ?? []).flatMap((sensor, at) => sensorOf(sensor, at, faults) ?? []);
  const adaptation = top.adaptation === undefined ? null : adaptationOf(top.adaptation, faults);
  faults.throwIfAny(remedy);
  return {
    model: top.model ?? '',
    cluster: top.cluster ?? null,
    profile: top.profile ?? [],
    calibration: top.calibration ?? null,
    exits: top.exits ?? null,
    accuracyLoss: top.accuracyLoss ?? null,
    plan: top.plan ?? null,
    planner: top.planner ?? null,
    turnSeconds: top.turnSeconds === undefined ? null : seconds(top.turnSeconds),
    objective: top.objective ?? 'latency',
    pipeline,
    beside,
    acknowledgementSeconds:
      top.acknowledgementSeconds === undefined ? null : seconds(top.acknowledgementSeconds),
    changes,
    bodies,
    sensors,
    adaptation,
    seed: top.seed ?? 1,
  };
}

function besideOf(value: unknown, at: number, faults: DocumentFaults): BesideModel {
  const path = ['beside', at];
  const given = readFields<BesideValues>(value, path, besideFields, faults);
  const { model = '', plan = null, planner = null } = given;
  const turnSeconds = given.turnSeconds === undefined ? null : seconds(given.turnSeconds);
  return { model, plan, planner, turnSeconds, pipeline: pipelineOptionsOf(given, path, faults) };
}

function pipelineOptionsOf(
  given: PipelineValues,
  path: DocumentPath,
  faults: DocumentFaults,
): PipelineOptions {
  const {
    priority,
    priorities,
    queue,
    window,
    waiting,
    ordered,
    requestTimeoutSeconds,
    clientStopsAtSeconds,
  } = given;
  const arrivals = given.arrivals === undefined ? null : arrivalsOf(given.arrivals, path, faults);
  return {
    ...(arrivals === null ? {} : { arrivals }),
    ...(priority === undefined ? {} : { priority }),
    ...(priorities === undefined || priorities.length === 0 ? {} : { priorities }),
    ...(queue === undefined ? {} : { queue }),
    ...(window === undefined ? {} : { window }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(ordered === undefined ? {} : { ordered }),
    ...(requestTimeoutSeconds === undefined ? {} : { requestTimeoutSeconds: seconds(requestTimeoutSeconds) }),
    ...(clientStopsAtSeconds === undefined ? {} : { clientStopsAtSeconds: seconds(clientStopsAtSeconds) }),
  };
}

function arrivalsOf(value: object, within: DocumentPath, faults: DocumentFaults): ScenarioArrivals | null {
  const path = [...within, 'arrivals'];
  const given = readFields<ArrivalValues>(value, path, arrivalFields, faults);
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
    faults.add([...path, 'atSeconds'], 'arrivals.atSeconds goes back, expected times that ascend.');
    return null;
  }
  const needs = { batch: 'requests', periodic: 'requests and seconds', poisson: 'requests and perSecond' };
  const lacks = kind === undefined ? null : kind === 'trace' ? 'atSeconds' : needs[kind];
  if (lacks !== null) faults.add(path, `arrivals of kind ${kind} lack something, expected ${lacks}.`);
  return null;
}
