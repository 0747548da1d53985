import { cutTensors, type ExitPoint, type Plan, type Problem, type Report } from '@tandem/core';

/** Where requests leave; the plan's totals are means over those that leave and those that stay. */
export interface ExitsExplanation {
  readonly points: readonly ExitExplanation[];
  /** Of all requests. */
  readonly stayingShare: number;
  /** Of a request that meets every exit. */
  readonly worstLatencySeconds: number;
}

export interface ExitExplanation {
  /** Several that cross together: joined by ' + '. */
  readonly tensor: string;
  readonly device: string;
  readonly kind: ExitPoint['kind'];
  readonly threshold: number;
  /** Of all requests. */
  readonly share: number;
  readonly latencySeconds: number;
}

/** Null where no request leaves early. */
export function exitsOf({ graph }: Problem, plan: Plan, { expectation }: Report): ExitsExplanation | null {
  const points = plan.policies?.exits?.points;
  if (points === undefined || expectation === undefined) return null;
  return {
    points: points.map((point, at) => ({
      tensor: cutTensors(point)
        .map((tensor) => graph.tensors[tensor]?.name ?? '')
        .join(' + '),
      device: expectation.exits[at]?.device ?? '',
      kind: point.kind,
      threshold: point.threshold,
      share: point.share,
      latencySeconds: expectation.exits[at]?.latencySeconds ?? 0,
    })),
    stayingShare: expectation.stayingShare,
    worstLatencySeconds: expectation.worstLatencySeconds,
  };
}
