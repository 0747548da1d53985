import { InvalidInputError, UnsupportedError } from '../errors.ts';
import type { ByteSource, ModelProto, OperatorSet } from './model.ts';
import { type ModelDraft, modelCodec } from './model-codec.ts';
import { WireReader } from './wire-reader.ts';

/** Version 7 is the first whose operators broadcast as they do today. */
const oldestOperatorSet = 7;

/**
 * The model in `source`, weights left where they lie: only the headers around them are read. Throws InvalidInputError when the
 * bytes are not a ModelProto with a graph, UnsupportedError for operator sets below 7 and element types of tomorrow.
 */
export function readModel(source: ByteSource): ModelProto {
  const draft = modelCodec.read(new WireReader(source), source.size);
  if (!hasGraph(draft)) {
    throw new InvalidInputError(
      `a file of ${source.size} bytes holds no graph`,
      'Give a model in ONNX format (ModelProto); a data set or a single tensor is not one.',
    );
  }
  checkVersions(draft);
  return draft;
}

/** The version of the default operator set ('' or 'ai.onnx'), or null where the model imports none. */
export function defaultOperatorSet(operatorSets: readonly OperatorSet[]): number | null {
  return operatorSets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? null;
}

function hasGraph(draft: ModelDraft): draft is ModelProto {
  return draft.graph !== null;
}

function checkVersions(model: ModelProto): void {
  if (model.irVersion < 1) {
    throw new InvalidInputError(
      'the model says no ir_version',
      'The file is damaged, or not an ONNX model: export it again.',
    );
  }
  const version = defaultOperatorSet(model.operatorSets);
  const importsNone = model.operatorSets.length === 0;
  if (!importsNone && (version === null || version >= oldestOperatorSet)) return;
  throw new UnsupportedError(
    `the model uses operator set ${version ?? 1} of ai.onnx, expected ${oldestOperatorSet} or later`,
    `Convert it with onnx.version_converter, or export it again with opset ${oldestOperatorSet} or later.`,
  );
}
