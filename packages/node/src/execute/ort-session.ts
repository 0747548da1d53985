import { ExecutionError, ResourceError, type Seconds, seconds, TandemError } from '@tandem/core';
import { requireInputs, type StoredSegment, type TensorValue } from '@tandem/runtime';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { requireElementType, requireSize, tensorOf } from './element-tensors.ts';
import { knownBytes, knownOutputs, outputBuffers } from './known-outputs.ts';
import { withoutTelemetry } from './without-telemetry.ts';

export interface OrtSessionOptions {
  /** What errors call the segment. */
  readonly name: string;
  /** Threads of one operator. @default 1 */
  readonly threads?: number;
  /** @default 'all' */
  readonly optimisation?: 'all' | 'basic';
  /** Record every node's time; `release` writes the record to a file whose path begins so. @default no record */
  readonly profilePrefix?: string;
}

export interface OrtSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of the outputs whose size is known before a run. */
  readonly outputBytes: readonly number[];
  /**
   * Executes once, on this thread: its event loop stands still meanwhile. The inputs are only read. Outputs of `outputBytes` are written
   * into `into`, @default new arrays, unless the runtime foresaw a wrong size. Throws ExecutionError.
   */
  run(inputs: readonly TensorValue[], into?: readonly Uint8Array<ArrayBuffer>[]): Promise<OrtResult>;
  release(): Promise<void>;
}

export interface OrtResult {
  readonly outputs: readonly TensorValue[];
  /** Time inside the model runtime. */
  readonly computeSeconds: Seconds;
}

/**
 * A session of ONNX Runtime on the calling thread, without a worker: for benches, and inside the executor's worker. From a path, the
 * weights beside the model are mapped into memory. Throws ExecutionError or UnsupportedError, or ResourceError when memory runs out.
 */
export async function ortSession(
  model: StoredSegment['model'],
  options: OrtSessionOptions,
): Promise<OrtSession> {
  withoutTelemetry();
  const session = await create(model, options).catch((cause: unknown) => {
    throw runtimeError(`${options.name} cannot be loaded`, cause);
  });
  try {
    requireTypes([...session.inputMetadata, ...session.outputMetadata]);
  } catch (error) {
    await session.release();
    throw error;
  }
  const outputs = knownOutputs(session);
  const { name } = options;
  let isForeseen = true;
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    outputBytes: outputs.flatMap((output) => (output === null ? [] : knownBytes(output))),
    run: async (inputs, into = []) => {
      if (isForeseen) {
        try {
          return await run(session, inputs, outputBuffers(outputs, into), name);
        } catch (error) {
          if (!saysOtherShape(error)) throw error;
          isForeseen = false;
        }
      }
      return await run(session, inputs, [], name);
    },
    release: async () => {
      if (options.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

const errorsOnly = 3;

function create(
  model: StoredSegment['model'],
  { threads = 1, optimisation = 'all', profilePrefix }: OrtSessionOptions,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionMode: 'sequential',
    // A pattern of the first run's tensors would be one more block of their size, and makes no run faster.
    enableMemPattern: false,
    graphOptimizationLevel: optimisation,
    interOpNumThreads: 1,
    intraOpNumThreads: threads,
    logSeverityLevel: errorsOnly,
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
  if ('path' in model) return InferenceSession.create(model.path, options);
  if (model.weights !== null) options.externalData = [{ path: 'weights.bin', data: model.weights }];
  return InferenceSession.create(model.bytes, options);
}

function requireTypes(metadata: readonly InferenceSession.ValueMetadata[]): void {
  for (const value of metadata)
    requireElementType(value.isTensor ? value.type : 'a sequence or map', value.name);
}

async function run(
  session: InferenceSession,
  inputs: readonly TensorValue[],
  own: readonly (TensorValue | null)[],
  name: string,
): Promise<OrtResult> {
  requireInputs(session.inputNames, inputs, name);
  try {
    const feeds = Object.fromEntries(inputs.map((input) => [input.name, feed(input)]));
    const fetches = session.outputNames.map((output, at) => [output, wrapped(own[at])] as const);
    const startedAt = performance.now();
    const results = await session.run(feeds, Object.fromEntries(fetches));
    const computeSeconds = seconds((performance.now() - startedAt) / 1000);
    const values = session.outputNames.map((output, at) => own[at] ?? valueOf(output, results[output]));
    return { outputs: values, computeSeconds };
  } catch (cause) {
    throw runtimeError(`${name} failed`, cause);
  }
}

const wrapped = (value: TensorValue | null | undefined): Tensor | null =>
  value === null || value === undefined ? null : tensorOf(value);

function feed(input: TensorValue): Tensor {
  requireSize(input);
  return tensorOf(input);
}

/** The runtime's own buffer, as bytes. */
function valueOf(name: string, tensor: Tensor | undefined): TensorValue {
  const data = tensor?.data;
  if (tensor === undefined || data === undefined || Array.isArray(data))
    throw new ExecutionError(`the output ${name} is missing`, 'Report this with the segment.');
  const { buffer, byteOffset, byteLength } = data as Exclude<typeof data, string[]>;
  if (!(buffer instanceof ArrayBuffer))
    throw new ExecutionError(`the output ${name} lies in shared memory`, 'Report this with the segment.');
  const type = tensor.type as TensorValue['type'];
  return { name, type, shape: tensor.dims, data: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** Rarely an operator makes another shape than the runtime foresaw for it; the runtime then refuses buffers that fit what it foresaw. */
const saysOtherShape = (error: unknown): boolean =>
  error instanceof ExecutionError && error.message.includes('The output OrtValue provided');

function runtimeError(what: string, cause: unknown): TandemError {
  if (cause instanceof TandemError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (/bad_alloc|failed to allocate/i.test(why))
    return new ResourceError(`${what}: ${why}`, 'Free memory, or choose a device that has more.', { cause });
  return new ExecutionError(
    `${what}: ${why}`,
    'Check that its inputs have the shapes and types that it states, and that its operators are ones that ONNX Runtime has.',
    { cause },
  );
}
