import type { TensorId } from '../graph/graph.ts';

/** What crosses a cut together. */
export interface CutTensors {
  readonly tensor: TensorId;
  /** The others, in the order of the graph, behind `tensor`. @default it crosses alone */
  readonly beside?: readonly TensorId[];
}

export const cutTensors = ({ tensor, beside = [] }: CutTensors): readonly TensorId[] => [tensor, ...beside];

/** In the order of the graph; null of none. */
export function asCutTensors(tensors: readonly TensorId[]): CutTensors | null {
  const [tensor, ...beside] = [...tensors].sort((left, right) => left - right);
  if (tensor === undefined) return null;
  return beside.length === 0 ? { tensor } : { tensor, beside };
}

/** Whether exactly these tensors are meant, in whatever order. */
export function areTensorsOf(cut: CutTensors, tensors: readonly TensorId[]): boolean {
  const own = cutTensors(cut);
  return own.length === tensors.length && own.every((tensor) => tensors.includes(tensor));
}
