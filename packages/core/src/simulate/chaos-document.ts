import { DocumentFaults, type DocumentPlace } from '../cluster/document-faults.ts';
import {
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

export const chaosFaultKinds = [
  'kill',
  'freeze',
  'partition',
  'slow-link',
  'throttle',
  'corrupt',
  'disk-full',
  'memory-squeeze',
  'clock-jump',
  'gateway-kill',
] as const;

export type ChaosFaultKind = (typeof chaosFaultKinds)[number];

/** Something that is done to devices while requests are answered. */
export interface ChaosFault {
  readonly kind: ChaosFaultKind;
  /** To whom; null = to `together` that are drawn among those that run stages then. 'gateway-kill': none. */
  readonly devices: readonly string[] | null;
  readonly together: number;
  /** The first time when so many requests have ended. */
  readonly afterRequests: number;
  readonly times: number;
  /** From one time to the next. */
  readonly everyRequests: number;
  /** Until a killed process is started again, a frozen one goes on, a link is as it was. */
  readonly forSeconds: Seconds;
  /** 'slow-link': what the device's link still carries. */
  readonly bitsPerSecond: number;
  /** 'throttle': of the time, what the device still computes in. */
  readonly share: number;
  /** 'clock-jump': by how much the wall clock goes ahead (below 0: back), and the other way at the fault's end. */
  readonly jumpSeconds: number;
}

/** What a chaos file asks for: a pipeline of agents on this machine, a stream of requests, and what happens to the agents meanwhile. */
export interface ChaosDocument {
  readonly model: string;
  /** Agents, called d1, d2, ... */
  readonly devices: number;
  /** Each on a device of its own, the first ones; the other devices stand by. */
  readonly stages: number;
  /** Least time of a stage; 0 = as long as it takes. */
  readonly paceSeconds: Seconds;
  readonly requests: number;
  /** In flight at once. */
  readonly window: number;
  readonly ordered: boolean;
  readonly timeoutSeconds: Seconds;
  readonly faults: readonly ChaosFault[];
  readonly seed: number;
}

interface TopValues {
  readonly model?: string;
  readonly devices?: number;
  readonly stages?: number;
  readonly paceSeconds?: number;
  readonly requests?: number;
  readonly window?: number;
  readonly ordered?: boolean;
  readonly timeoutSeconds?: number;
  readonly faults?: readonly unknown[];
  readonly seed?: number;
}

interface FaultValues {
  readonly kind?: ChaosFaultKind;
  readonly devices?: readonly string[];
  readonly together?: number;
  readonly afterRequests?: number;
  readonly times?: number;
  readonly everyRequests?: number;
  readonly forSeconds?: number;
  readonly megabitsPerSecond?: number;
  readonly share?: number;
  readonly jumpSeconds?: number;
}

const mostRequests = 1_000_000;
const mostDevices = 64;
const mostJumpSeconds = 365 * 86_400;
const count: Field<number> = integerField(1, mostRequests);
const name: Field<string> = textField(1000);

const topFields: FieldsOf<TopValues> = {
  model: required(name),
  devices: integerField(2, mostDevices),
  stages: integerField(1, mostDevices),
  paceSeconds: numberField(0, 60),
  requests: count,
  window: integerField(1, 1000),
  ordered: yesOrNo,
  timeoutSeconds: numberField(0.1, 3600),
  faults: required(listField(1000)),
  seed: integerField(0, 2 ** 32 - 1),
};

const faultFields: FieldsOf<FaultValues> = {
  kind: required(choiceField(chaosFaultKinds)),
  devices: listOf(name, mostDevices),
  together: integerField(1, mostDevices),
  afterRequests: integerField(0, mostRequests),
  times: integerField(1, 10_000),
  everyRequests: count,
  forSeconds: numberField(0, 3600),
  megabitsPerSecond: numberField(0.001, 100_000),
  share: numberField(0.01, 1),
  jumpSeconds: numberField(-mostJumpSeconds, mostJumpSeconds),
};

const remedy = 'Correct the scenario; examples/chaos.json is one.';

/** Reads a chaos file's value. Throws InvalidInputError with a line for each fault, at the places that `where` gives. */
export function parseChaos(value: unknown, where?: DocumentPlace): ChaosDocument {
  const faults = new DocumentFaults(where);
  const top = readFields<TopValues>(value, [], topFields, faults);
  const devices = top.devices ?? 3;
  const stages = top.stages ?? devices;
  if (stages > devices)
    faults.add(['stages'], `stages is ${stages}, expected at most one a device, which are ${devices}.`);
  const names = new Set(chaosDevices(devices));
  const wanted = (top.faults ?? []).map((fault, at) => faultOf(fault, at, names, faults));
  faults.throwIfAny(remedy);
  return {
    model: top.model ?? '',
    devices,
    stages,
    paceSeconds: seconds(top.paceSeconds ?? 0),
    requests: top.requests ?? 500,
    window: top.window ?? 8,
    ordered: top.ordered ?? true,
    timeoutSeconds: seconds(top.timeoutSeconds ?? 60),
    faults: wanted,
    seed: top.seed ?? 1,
  };
}

/** The names of so many devices. */
export function chaosDevices(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `d${at + 1}`);
}

function faultOf(value: unknown, at: number, names: ReadonlySet<string>, faults: DocumentFaults): ChaosFault {
  const path = ['faults', at];
  const given = readFields<FaultValues>(value, path, faultFields, faults);
  const isGateway = given.kind === 'gateway-kill';
  if (isGateway && (given.devices ?? given.together) !== undefined)
    faults.add(path, 'gateway-kill strikes the gateway, expected neither devices nor together.');
  const { devices = null, together = devices?.length ?? 1 } = isGateway ? { together: 0 } : given;
  const unknown = devices?.find((device) => !names.has(device));
  if (unknown !== undefined)
    faults.add(
      [...path, 'devices'],
      `there is no device ${unknown}, expected some of ${[...names].join(', ')}.`,
    );
  if (together >= names.size)
    faults.add(
      [...path, 'together'],
      `${together} of ${names.size} devices at once, expected that one is spared.`,
    );
  return {
    kind: given.kind ?? 'kill',
    devices,
    together,
    afterRequests: given.afterRequests ?? 0,
    times: given.times ?? 1,
    everyRequests: given.everyRequests ?? 100,
    forSeconds: seconds(given.forSeconds ?? 0.5),
    bitsPerSecond: 1e6 * (given.megabitsPerSecond ?? 1),
    share: given.share ?? 0.25,
    jumpSeconds: given.jumpSeconds ?? 3600,
  };
}
