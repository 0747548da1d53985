import type {
  AnswerEvent,
  CodingEvent,
  FailureEvent,
  Trace,
  TraceEvent,
  TraceHeader,
  TransferEvent,
  TransferStartEvent,
} from '../trace/trace.ts';
import { bytes, seconds } from '../units.ts';
import { LinkQueueMeter } from './link-queue-meter.ts';
import type { DeviceMetrics, LinkMetrics, Metrics } from './metrics.ts';
import { type OpenRequest, OpenRequests } from './open-requests.ts';
import type { PowerFigures } from './power-figures.ts';
import { QueueMeter } from './queue-meter.ts';
import { RequestMeter } from './request-meter.ts';
import { traceEnergy } from './trace-energy.ts';
import { UseMeter } from './use-meter.ts';

export interface MetricsOptions {
  /** @default none, and the energy is not known */
  readonly power?: PowerFigures;
}

/** What a trace comes to. */
export function metricsOf(trace: Trace, options: MetricsOptions = {}): Metrics {
  const meter = new TraceMeter(trace.header);
  for (const event of trace.events) meter.add(event);
  return meter.metrics(options);
}

interface DeviceMeter {
  readonly use: UseMeter;
  readonly queue: QueueMeter;
  /** Position in the header. */
  readonly place: number;
}

interface LinkMeter {
  readonly use: UseMeter;
  readonly queue: LinkQueueMeter;
  /** Place of the device that sends. */
  readonly sender: number;
  bytes: number;
}

/** Takes the events of a trace one by one, in order, so that a long run need not be kept. */
export class TraceMeter {
  readonly #header: TraceHeader;
  readonly #requests = new RequestMeter();
  readonly #open: OpenRequests;
  readonly #devices: Map<string, DeviceMeter> = new Map();
  readonly #links: Map<string, Map<string, LinkMeter>> = new Map();
  readonly #exits: Map<string, { readonly version: number; readonly stage: number; requests: number }> =
    new Map();
  readonly #bits: Map<number, number> = new Map();
  #last = 0;
  #bytesSent = 0;

  constructor(header: TraceHeader) {
    this.#header = header;
    this.#open = new OpenRequests(header.devices.length);
    for (const [place, { device }] of header.devices.entries())
      this.#devices.set(device, { use: new UseMeter(), queue: new QueueMeter(), place });
    for (const { from, to } of header.links) {
      const row = this.#links.get(from) ?? new Map<string, LinkMeter>();
      const sender = this.#devices.get(from)?.place ?? -1;
      const meter = { use: new UseMeter(), queue: new LinkQueueMeter(), sender, bytes: 0 };
      this.#links.set(from, row.set(to, meter));
    }
  }

  /** Throws nothing: what the header does not name is not measured. */
  add(event: TraceEvent): void {
    const now = event.atSeconds;
    switch (event.kind) {
      case 'arrival':
        this.#requests.arrive(now);
        this.#open.of(event.request).arrived = now;
        break;
      case 'admission':
        this.#admit(event.request, now);
        break;
      case 'stage-start':
      case 'stage-end':
        this.#stage(event);
        break;
      case 'transfer-start':
        this.#setOut(event);
        break;
      case 'transfer-end':
        this.#linkOf(event)?.use.end(now);
        break;
      case 'tensor-arrived':
        this.#receive(event);
        break;
      case 'answer':
      case 'failure':
        this.#end(event);
        break;
      default:
        return this.#addOther(event);
    }
    this.#last = now;
  }

  metrics({ power }: MetricsOptions = {}): Metrics {
    const end = this.#last;
    const window = Math.max(0, end - (this.#requests.firstArrival ?? end));
    const requests = this.#requests.finish(this.#open.arrived);
    const devices = this.#header.devices.flatMap(({ device }): DeviceMetrics[] => {
      const meter = this.#devices.get(device);
      if (meter === undefined) return [];
      return [{ device, ...meter.use.finish(end, window), queue: meter.queue.finish(end, window) }];
    });
    const links = this.#header.links.flatMap(({ from, to }): LinkMetrics[] => {
      const meter = this.#links.get(from)?.get(to);
      if (meter === undefined) return [];
      return [
        {
          from,
          to,
          ...meter.use.finish(end, window),
          bytes: bytes(meter.bytes),
          queue: meter.queue.finish(window),
        },
      ];
    });
    return {
      origin: this.#header.origin,
      ...requests,
      windowSeconds: seconds(window),
      devices,
      links,
      energy: traceEnergy(power ?? null, requests.requests.answered, window, devices, links),
      bytesSent: bytes(this.#bytesSent),
      exits: [...this.#exits.values()].sort(
        (left, right) => left.version - right.version || left.stage - right.stage,
      ),
      bits: [...this.#bits]
        .map(([bits, tensors]) => ({ bits, tensors }))
        .sort((left, right) => left.bits - right.bits),
    };
  }

  #stage(event: Extract<TraceEvent, { readonly requests: readonly number[] }>): void {
    const meter = this.#devices.get(event.device);
    if (meter === undefined) return;
    if (event.kind === 'stage-end') {
      for (const request of event.requests) this.#open.of(request).ready[meter.place] = event.atSeconds;
      return meter.use.end(event.atSeconds);
    }
    meter.use.begin(event.atSeconds);
    for (const request of event.requests) start(meter, this.#open.get(request), event.atSeconds);
  }

  #admit(request: number, now: number): void {
    const arrived = this.#open.get(request)?.arrived ?? Number.NaN;
    if (!Number.isNaN(arrived)) this.#requests.admit(arrived, now);
  }

  #receive({ to, request: number, atSeconds: now }: TransferEvent): void {
    const meter = to === null ? undefined : this.#devices.get(to);
    if (meter === undefined) return;
    const request = this.#open.of(number);
    meter.queue.come(!Number.isNaN(cameTo(meter, request)), now);
    request.came[meter.place] = now;
    request.ready[meter.place] = now;
  }

  #setOut(event: TransferStartEvent): void {
    const { from, to, request, bytes: size, atSeconds: now } = event;
    if (from === null || to === null) return;
    this.#bytesSent += size;
    const link = this.#linkOf(event);
    if (link === undefined) return;
    link.bytes += size;
    link.use.begin(now);
    const ready = this.#open.get(request)?.ready[link.sender] ?? Number.NaN;
    link.queue.leave(Number.isNaN(ready) ? now : ready, now);
  }

  #linkOf({ from, to }: TransferStartEvent | TransferEvent): LinkMeter | undefined {
    return from === null || to === null ? undefined : this.#links.get(from)?.get(to);
  }

  #end({ kind, request: number, atSeconds: now }: AnswerEvent | FailureEvent): void {
    const request = this.#open.get(number);
    if (request === undefined) return;
    if (!Number.isNaN(request.arrived)) {
      if (kind === 'failure') this.#requests.fail();
      else this.#requests.answer(request.arrived, now);
    }
    for (const meter of this.#devices.values())
      if (!Number.isNaN(cameTo(meter, request))) meter.queue.leave(now);
    this.#open.forget(number);
  }

  #encoded({ device, request, atSeconds }: CodingEvent): void {
    const meter = this.#devices.get(device);
    if (meter !== undefined) this.#open.of(request).ready[meter.place] = atSeconds;
  }

  /** What does not lengthen the window. */
  #addOther(event: TraceEvent): void {
    switch (event.kind) {
      case 'encode-end':
        return this.#encoded(event);
      case 'blocked':
        return this.#devices.get(event.device)?.use.block(event.atSeconds);
      case 'unblocked':
        return this.#devices.get(event.device)?.use.unblock(event.atSeconds);
      case 'device-lost':
        return this.#devices.get(event.device)?.use.lose(event.atSeconds);
      case 'exit': {
        const { version, stage } = event;
        const key = JSON.stringify([version, stage]);
        const known = this.#exits.get(key) ?? { version, stage, requests: 0 };
        known.requests++;
        this.#exits.set(key, known);
        return;
      }
      case 'bits':
        this.#bits.set(event.bits, (this.#bits.get(event.bits) ?? 0) + 1);
        return;
      default:
        return;
    }
  }
}

function start(meter: DeviceMeter, request: OpenRequest | undefined, now: number): void {
  if (request === undefined) return;
  const came = cameTo(meter, request);
  if (Number.isNaN(came)) return;
  meter.queue.start(came, now);
  request.came[meter.place] = Number.NaN;
}

const cameTo = ({ place }: DeviceMeter, { came }: OpenRequest): number => came[place] ?? Number.NaN;
