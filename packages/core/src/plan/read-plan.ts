import { DocumentFaults, type DocumentPath, valueText } from '../cluster/document-faults.ts';
import { readFields } from '../cluster/document-fields.ts';
import { affineBits } from '../codec/codec.ts';
import { InvalidInputError, RefusedError, UnsupportedError } from '../errors.ts';
import { type Hertz, hertz, seconds } from '../units.ts';
import type { Claim, Mix, Plan, Replica, Stage, Transfer, Variant, Why } from './plan.ts';
import {
  type ClaimValues,
  type CodecValues,
  claimFields,
  codecFields,
  type MixValues,
  mixFields,
  type PlanDocument,
  planFields,
  type ReplicaValues,
  type RunnerUpValues,
  replicaFields,
  runnerUpFields,
  type StageValues,
  stageFields,
  type TransferValues,
  transferFields,
  type VariantValues,
  variantFields,
  type WhyValues,
  whyFields,
} from './plan-fields.ts';
import { policiesRow } from './policies-row.ts';
import type { Problem } from './problem.ts';
import type { TransferCodec } from './transfer-codec.ts';
import { validatePlan } from './validate-plan.ts';
import { planFormatVersion } from './write-plan.ts';

/** No plan of a real model comes near. */
const mostCharacters = 64 * 2 ** 20;
const remedy = 'Write the plan anew with `tandem plan --output FILE`.';

/**
 * The plan in the text of a file that `writePlan` made. Throws UnsupportedError for a newer format, RefusedError when the plan
 * answers another problem than the one `digest` names, and InvalidInputError for anything else that is wrong, cycles included.
 */
export function readPlan(text: string, problem: Problem, digest: string): Plan {
  const value = parseJson(text);
  checkFormat(value);
  const plan = planRow(value);
  if (plan.problemDigest !== digest) {
    throw new RefusedError(
      `the plan answers the problem ${plan.problemDigest}, expected ${digest}: the model, cluster, measurements or constraints differ`,
      'Plan again for this problem, or run the plan with the model and cluster that it was made for.',
    );
  }
  const faults = validatePlan(problem, plan);
  if (faults.length > 0)
    throw new InvalidInputError(`the plan cannot run:\n${faults.slice(0, 20).join('\n')}`, remedy);
  return plan;
}

function parseJson(text: string): unknown {
  if (text.length > mostCharacters) {
    throw new InvalidInputError(
      `the plan file has ${text.length} characters, expected at most ${mostCharacters}`,
      remedy,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`the plan file is not JSON: ${reason.slice(0, 200)}`, remedy, { cause });
  }
}

/** Checked before all fields, which a newer format may have changed. */
function checkFormat(value: unknown): void {
  if (value === null || typeof value !== 'object' || !('format' in value) || value.format !== 'tandem-plan') {
    const got = value !== null && typeof value === 'object' && 'format' in value ? value.format : undefined;
    throw new InvalidInputError(`the file's format is ${valueText(got)}, expected "tandem-plan"`, remedy);
  }
  const version = 'formatVersion' in value ? value.formatVersion : undefined;
  if (version === planFormatVersion) return;
  throw new UnsupportedError(
    `the plan file has format version ${valueText(version)}, expected ${planFormatVersion}`,
    'Use the version of Tandem that wrote it, or plan again.',
  );
}

function planRow(value: unknown): Plan {
  const faults = new DocumentFaults();
  const root = readFields<PlanDocument>(value, [], planFields, faults);
  const plan: Plan = {
    problemDigest: root.problemDigest ?? '',
    version: root.version ?? 1,
    planner: root.planner ?? '',
    ...wayRows(root, [], faults),
    ...(root.frequency === undefined ? {} : { frequency: frequencyRow(root.frequency, faults) }),
    ...(root.mix === undefined ? {} : { mix: mixRow(root.mix, faults) }),
    ...(root.policies === undefined ? {} : { policies: policiesRow(root.policies, ['policies'], faults) }),
    ...(root.claim === undefined ? {} : { claim: claimRow(root.claim, faults) }),
    why: whyRow(root.why ?? {}, faults),
  };
  faults.throwIfAny(remedy);
  return plan;
}

function wayRows(
  { stages = [], transfers = [] }: VariantValues,
  path: DocumentPath,
  faults: DocumentFaults,
): Variant {
  return {
    stages: stages.map((stage, index) => stageRow(stage, [...path, 'stages', index], faults)),
    transfers: transfers.map((row, index) => transferRow(row, [...path, 'transfers', index], faults)),
  };
}

/** Whether the pattern fits the variants is `validatePlan`'s. */
function mixRow(value: unknown, faults: DocumentFaults): Mix {
  const { variants = [], pattern = [] } = readFields<MixValues>(value, ['mix'], mixFields, faults);
  return {
    variants: variants.map((variant, index) => {
      const path = ['mix', 'variants', index];
      return wayRows(readFields<VariantValues>(variant, path, variantFields, faults), path, faults);
    }),
    pattern,
  };
}

function stageRow(value: unknown, path: DocumentPath, faults: DocumentFaults): Stage {
  const { device, nodes, replicas, threads, cpus, batch, batchWaitSeconds } = readFields<StageValues>(
    value,
    path,
    stageFields,
    faults,
  );
  return {
    device: device ?? '',
    nodes: nodes ?? [],
    ...(replicas === undefined
      ? {}
      : { replicas: replicas.map((row, at) => replicaRow(row, [...path, 'replicas', at], faults)) }),
    ...(threads === undefined ? {} : { threads }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(batch === undefined ? {} : { batch }),
    ...(batchWaitSeconds === undefined ? {} : { batchWaitSeconds: seconds(batchWaitSeconds) }),
  };
}

function replicaRow(value: unknown, path: DocumentPath, faults: DocumentFaults): Replica {
  const { device, weight } = readFields<ReplicaValues>(value, path, replicaFields, faults);
  return { device: device ?? '', weight: weight ?? 0 };
}

function transferRow(value: unknown, path: DocumentPath, faults: DocumentFaults): Transfer {
  const row = readFields<TransferValues>(value, path, transferFields, faults);
  const codec = row.codec === undefined ? null : codecRow(row.codec, [...path, 'codec'], faults);
  return {
    tensor: row.tensor ?? 0,
    from: row.from ?? '',
    to: row.to ?? '',
    codec: codec ?? { kind: 'raw' },
  };
}

/** Null where a field is missing, which `faults` then tells. */
function codecRow(value: unknown, path: DocumentPath, faults: DocumentFaults): TransferCodec | null {
  const row = readFields<CodecValues>(value, path, codecFields, faults);
  const missing = (key: string): null => {
    faults.add([...path, key], `${path.join('.')}.${key} is missing, expected with kind "${row.kind}".`);
    return null;
  };
  const lossless = row.lossless === undefined ? {} : { lossless: row.lossless };
  switch (row.kind) {
    case 'affine': {
      const bits = affineBits.find((candidate) => candidate === row.bits);
      return bits === undefined
        ? missing('bits')
        : { kind: 'affine', bits, perChannel: row.perChannel ?? false, ...lossless };
    }
    case 'picture':
      return row.bitsPerElement === undefined
        ? missing('bitsPerElement')
        : { kind: 'picture', bitsPerElement: row.bitsPerElement };
    case 'raw':
    case 'fp16':
    case 'bf16':
      return { kind: row.kind, ...lossless };
    default:
      return null;
  }
}

/** Whether the devices exist and run at these rates is `validatePlan`'s. */
function frequencyRow(
  value: Readonly<Record<string, unknown>>,
  faults: DocumentFaults,
): Record<string, Hertz> {
  const rows: [string, Hertz][] = [];
  for (const [device, rate] of Object.entries(value)) {
    if (typeof rate === 'number' && rate > 0 && Number.isFinite(rate)) rows.push([device, hertz(rate)]);
    else
      faults.add(
        ['frequency', device],
        `frequency.${device} is ${valueText(rate)}, expected a clock rate in hertz, above 0.`,
      );
  }
  return Object.fromEntries(rows);
}

function claimRow(value: unknown, faults: DocumentFaults): Claim {
  const claim = readFields<ClaimValues>(value, ['claim'], claimFields, faults);
  return { figure: claim.figure ?? 'latencySeconds', value: claim.value ?? 0 };
}

function whyRow(value: unknown, faults: DocumentFaults): Why {
  const why = readFields<WhyValues>(value, ['why'], whyFields, faults);
  const runnerUp = why.runnerUp ?? null;
  return {
    sentence: why.sentence ?? '',
    figure: why.figure ?? 'latencySeconds',
    value: why.value ?? 0,
    runnerUp: runnerUp === null ? null : runnerUpRow(runnerUp, faults),
  };
}

function runnerUpRow(
  value: unknown,
  faults: DocumentFaults,
): { readonly name: string; readonly value: number } {
  const runnerUp = readFields<RunnerUpValues>(value, ['why', 'runnerUp'], runnerUpFields, faults);
  return { name: runnerUp.name ?? '', value: runnerUp.value ?? 0 };
}
