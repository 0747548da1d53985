import { distributionOf } from '../search/distribution.ts';
import type { Metrics } from './metrics.ts';

type RequestMetrics = Pick<
  Metrics,
  'requests' | 'latencySeconds' | 'admissionSeconds' | 'requestsPerSecond' | 'steadyRequestsPerSecond'
>;

/** Counts requests and their times; whoever tells it knows when each arrived. */
export class RequestMeter {
  readonly #latencies: number[] = [];
  readonly #admissions: number[] = [];
  readonly #answers: number[] = [];
  #count = 0;
  #failed = 0;
  firstArrival: number | null = null;

  arrive(now: number): void {
    this.firstArrival ??= now;
    this.#count++;
  }

  admit(arrived: number, now: number): void {
    this.#admissions.push(now - arrived);
  }

  answer(arrived: number, now: number): void {
    this.#latencies.push(now - arrived);
    this.#answers.push(now);
  }

  fail(): void {
    this.#failed++;
  }

  finish(open: number): RequestMetrics {
    const answered = this.#answers.length;
    return {
      requests: {
        arrived: this.#count,
        admitted: this.#admissions.length,
        answered,
        failed: this.#failed,
        open,
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
