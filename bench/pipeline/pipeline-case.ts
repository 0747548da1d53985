import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '@tandem/core';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseScenario, type Scenario, scenarioSchema } from '../testbed/scenario.ts';

const stageSchema = z.strictObject({
  host: z.string(),
  /** Its share of the model's floating-point operations; cut where one tensor crosses and the share is nearest. */
  work: z.number().positive(),
});

const arrivalsSchema = z.discriminatedUnion('kind', [
  /** All at the start; the gateway admits `window` at a time. */
  z.strictObject({ kind: z.literal('batch') }),
  z.strictObject({ kind: z.literal('periodic'), perSecond: z.number().positive() }),
  /** Seeded, so that a run can be repeated and simulated. */
  z.strictObject({ kind: z.literal('poisson'), perSecond: z.number().positive(), seed: z.int() }),
]);

const caseSchema = z.strictObject({
  ...scenarioSchema.shape,
  /** As `loadModel` takes it. */
  model: z.string(),
  /** Each on a host of its own, in the order of the model; the first host has the inputs, answers are wanted at the last. */
  stages: z.array(stageSchema).min(1).max(64),
  /** What the bench of throughput expects to be the bottleneck: stage `at`, or the link behind it. @default whatever it is */
  bound: z.strictObject({ by: z.enum(['device', 'link', 'server']), at: z.int().min(0) }).optional(),
  arrivals: arrivalsSchema,
  requests: z.int().min(20).max(5000),
  /** Requests in flight. */
  window: z.int().min(1).max(64),
});

type CaseFile = z.infer<typeof caseSchema>;

/** A pipeline on a testbed, and what is asked of it. */
export interface PipelineCase extends Omit<CaseFile, 'hosts' | 'links' | 'note'> {
  readonly scenario: Scenario;
}

/** The host of the gateway: joined to every other by a link that is not shaped. */
export const gatewayHost = 'gateway';

/** Reads a YAML file whose hosts and links are a testbed's, but for the gateway. Throws InvalidInputError naming file and field. */
export async function readPipelineCase(path: string): Promise<PipelineCase> {
  return parsePipelineCase(parse(await readFile(path, 'utf8'), { maxAliasCount: 0 }), path);
}

export function parsePipelineCase(value: unknown, where: string): PipelineCase {
  const parsed = caseSchema.safeParse(value);
  if (!parsed.success) throw invalid(where, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { hosts, links, note, ...rest } = parsed.data;
  const scenario = parseScenario(
    {
      name: rest.name,
      hosts: [{ id: gatewayHost }, ...hosts],
      links: [...hosts.map(({ id }) => ({ between: [gatewayHost, id] })), ...links],
      ...(note === undefined ? {} : { note }),
    },
    where,
  );
  const fault = faultOf(parsed.data);
  if (fault !== null) throw invalid(where, fault);
  return { ...rest, scenario };
}

function faultOf({ hosts, links, stages, bound }: CaseFile): string | null {
  const ids = stages.map(({ host }) => host);
  if (new Set(ids).size < ids.length) return 'two stages are on one host, expected a host for each';
  const unknown = ids.find((id) => !hosts.some((host) => host.id === id));
  if (unknown !== undefined) return `a stage is on the host '${unknown}', which is not in hosts`;
  const apart = ids
    .slice(1)
    .find((id, at) => !links.some(({ between }) => joins(between, id, ids[at] ?? '')));
  if (apart !== undefined) return `no link leads to the host '${apart}' from that of the stage before`;
  if (bound !== undefined && bound.at >= stages.length - (bound.by === 'link' ? 1 : 0))
    return `bound.at is ${bound.at}, expected a stage, or the link behind one`;
  return null;
}

const joins = (between: readonly string[], one: string, other: string): boolean =>
  between.includes(one) && between.includes(other);

const invalid = (where: string, fault: string): InvalidInputError =>
  new InvalidInputError(
    `${where}: ${fault}`,
    'Correct the file; bench/pipeline/pipeline-case.ts lists its fields.',
  );
