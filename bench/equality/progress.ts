import { type KeptResults, openKept } from '../kept-results.ts';
import type { CutEqualities } from './equalities.ts';

export type Progress = KeptResults<CutEqualities>;

const sources = [
  'packages/core/src/onnx',
  'packages/core/src/graph',
  'packages/core/src/zoo',
  'packages/runtime/src/execute',
  'packages/runtime/src/wire',
  'packages/node/src/execute',
  'packages/node/src/transport',
  'bench/equality',
  'bench/models',
];

/** Results that other code gave are forgotten, as all are when `fresh`. */
export function openProgress(fresh: boolean): Progress {
  return openKept({ name: 'equality', sources, fresh });
}
