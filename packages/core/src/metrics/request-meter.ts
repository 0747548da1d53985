import { distributionOf } from '../search/distribution.ts';
import type { Metrics } from './metrics.ts';

type RequestMetrics = Pick<
  Metrics,
  'requests' | 'latencySeconds' | 'admissionSeconds' | 'requestsPerSecond' | 'steadyRequestsPerSecond'
>;

/** Follows requests from their arrival to their end. */
export class RequestMeter {
  readonly #arrived: Map<number, number> = new Map();
  readonly #latencies: number[] = [];
  readonly #admissions: number[] = [];
  readonly #answers: number[] = [];
  #count = 0;
  #failed = 0;
  firstArrival: number | null = null;

  arrive(request: number, now: number): void {
    this.firstArrival ??= now;
    this.#count++;
    this.#arrived.set(request, now);
  }

  admit(request: number, now: number): void {
    const arrived = this.#arrived.get(request);
    if (arrived !== undefined) this.#admissions.push(now - arrived);
  }

  answer(request: number, now: number): void {
    const arrived = this.#arrived.get(request);
    if (arrived === undefined) return;
    this.#arrived.delete(request);
    this.#latencies.push(now - arrived);
    this.#answers.push(now);
  }

  fail(request: number): void {
    if (this.#arrived.delete(request)) this.#failed++;
  }

  finish(): RequestMetrics {
    const answered = this.#answers.length;
    return {
      requests: {
        arrived: this.#count,
        admitted: this.#admissions.length,
        answered,
        failed: this.#failed,
        open: this.#arrived.size,
      },
      latencySeconds: distributionOf(this.#latencies),
      admissionSeconds: distributionOf(this.#admissions),
      requestsPerSecond: perSecond(answered, (this.#answers.at(-1) ?? 0) - (this.firstArrival ?? 0)),
      steadyRequestsPerSecond: this.#steady(),
    };
  }

  #steady(): number | null {
    const answered = this.#answers.length;
    const warm = Math.ceil(answered / 10);
    if (answered - warm < 2) return null;
    return perSecond(answered - warm, (this.#answers.at(-1) ?? 0) - (this.#answers[warm - 1] ?? 0));
  }
}

const perSecond = (count: number, passed: number): number | null =>
  count > 0 && passed > 0 ? count / passed : null;
