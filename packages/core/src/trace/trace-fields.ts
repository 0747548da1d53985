import type { TraceEvent, TraceEventKind } from './trace.ts';

/** What a field of a trace's events holds; `readTrace` checks it. */
export type TraceFieldKind = 'count' | 'counts' | 'quantity' | 'reading' | 'flag' | 'name' | 'party' | 'text';

/** The keys of the events of a kind; Extract does not find events whose `kind` is one of several. */
type KeysOf<Kind extends TraceEventKind, Event = TraceEvent> = Event extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? keyof Event
    : never
  : never;

export type TraceFields = {
  readonly [Kind in TraceEventKind]: {
    readonly [Name in Exclude<KeysOf<Kind>, 'kind' | 'atSeconds'>]: TraceFieldKind;
  };
};

const ofRequest = { version: 'count', request: 'count' } as const;
const ofStage = { version: 'count', stage: 'count', device: 'name' } as const;
const ofBatch = { ...ofStage, requests: 'counts' } as const;
const coding = { ...ofRequest, device: 'name', tensor: 'name' } as const;
const transfer = { ...ofRequest, tensor: 'name', from: 'party', to: 'party' } as const;
const replan = { version: 'count', replaces: 'count', message: 'text' } as const;

/** Every kind of event with its fields, in the order in which they are written. */
export const traceFields: TraceFields = {
  arrival: ofRequest,
  admission: { ...ofRequest, ticket: 'count' },
  'stage-start': ofBatch,
  'stage-end': ofBatch,
  'encode-start': coding,
  'encode-end': coding,
  'decode-start': coding,
  'decode-end': coding,
  'transfer-start': { ...transfer, bytes: 'quantity' },
  'transfer-end': transfer,
  'tensor-arrived': transfer,
  answer: ofRequest,
  taken: ofRequest,
  failure: { ...ofRequest, error: 'name', message: 'text' },
  exit: { ...ofStage, request: 'count' },
  bits: { ...ofRequest, tensor: 'name', bits: 'quantity' },
  blocked: ofStage,
  unblocked: ofStage,
  'device-lost': { device: 'name' },
  'device-back': { device: 'name' },
  speed: { device: 'name', factor: 'quantity' },
  rate: { from: 'name', to: 'name', bitsPerSecond: 'quantity' },
  deployed: { version: 'count' },
  withdrawn: { version: 'count' },
  repair: replan,
  'repair-parts': {
    version: 'count',
    holdingSeconds: 'quantity',
    placingSeconds: 'quantity',
    loadingSeconds: 'quantity',
  },
  replan,
  sensed: {
    device: 'name',
    celsius: 'reading',
    limitCelsius: 'reading',
    isThrottled: 'flag',
    batteryShare: 'reading',
    clockHertz: 'reading',
    highestHertz: 'reading',
  },
  adaptation: {
    version: 'count',
    dynamic: 'name',
    reaction: 'name',
    saw: 'text',
    considered: 'text',
    why: 'text',
  },
};
