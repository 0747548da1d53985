import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '@tandem/core';
import { parse } from 'yaml';
import { z } from 'zod';

const hostSchema = z.strictObject({
  /** Short, since it ends up in the names of kernel objects. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,15}$/),
  /** Hard limit on the memory of all processes of this host, page cache included; absent = none. */
  memoryBytes: z
    .int()
    .min(4 * 1024 * 1024)
    .optional(),
  /** A device this many times slower than one core of this machine; absent with `like` too = this machine as it is. */
  slowdown: z.number().min(1).max(1000).optional(),
  /** A device of the catalogue, at the times that its figures give. */
  like: z.string().optional(),
});

const linkSchema = z.strictObject({
  between: z.tuple([z.string(), z.string()]),
  /** Bits on the wire, headers included, from the first to the second host; absent = not shaped. */
  megabitsPerSecond: z.number().min(0.1).max(10_000).optional(),
  /** The other direction. @default megabitsPerSecond */
  backMegabitsPerSecond: z.number().min(0.1).max(10_000).optional(),
  /** A recording that both directions follow once `followTraces` begins: a file of the folder of traces, lines of seconds and Mbit/s. */
  trace: z.string().optional(),
});

export const scenarioSchema = z.strictObject({
  name: z.string().min(1),
  note: z.string().optional(),
  hosts: z.array(hostSchema).min(1).max(200),
  links: z.array(linkSchema),
});

/** Hosts and the cables between them, as a data file states them. Hosts without a link cannot reach each other. */
export type Scenario = z.infer<typeof scenarioSchema>;

/** One direction of a link; undefined = not shaped. */
export interface Direction {
  readonly from: string;
  readonly to: string;
  readonly megabitsPerSecond: number | undefined;
  readonly trace: string | undefined;
}

export function directionsOf({ links }: Scenario): Direction[] {
  return links.flatMap(({ between: [first, second], megabitsPerSecond, backMegabitsPerSecond, trace }) => [
    { from: first, to: second, megabitsPerSecond, trace },
    { from: second, to: first, megabitsPerSecond: backMegabitsPerSecond ?? megabitsPerSecond, trace },
  ]);
}

/** Reads a scenario from a YAML or JSON file. Throws InvalidInputError that names the file and the field. */
export async function readScenario(path: string): Promise<Scenario> {
  const text = await readFile(path, 'utf8');
  return parseScenario(parse(text, { maxAliasCount: 0 }), path);
}

/** Checks a parsed scenario; `where` opens each message. */
export function parseScenario(value: unknown, where: string): Scenario {
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) throw invalid(where, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const fault = faultOf(parsed.data);
  if (fault !== null) throw invalid(where, fault);
  return parsed.data;
}

function faultOf(scenario: Scenario): string | null {
  const ids = new Set(scenario.hosts.map((host) => host.id));
  const both = scenario.hosts.find(({ slowdown, like }) => slowdown !== undefined && like !== undefined);
  if (both !== undefined)
    return `the host '${both.id}' has a slowdown and is like another device, expected one`;
  if (ids.size < scenario.hosts.length) return 'two hosts have the same id';
  const pairs = new Set<string>();
  for (const { between, trace, megabitsPerSecond } of scenario.links) {
    const unknown = between.find((id) => !ids.has(id));
    if (unknown !== undefined) return `a link names the host '${unknown}', which is not in hosts`;
    if (trace !== undefined && megabitsPerSecond === undefined)
      return `the link of ${between[0]} and ${between[1]} has a trace, expected megabitsPerSecond to begin with`;
    if (between[0] === between[1]) return `a link joins '${between[0]}' to itself`;
    const pair = [...between].sort().join(' ');
    if (pairs.has(pair)) return `two links join ${between[0]} and ${between[1]}`;
    pairs.add(pair);
  }
  return null;
}

const invalid = (where: string, fault: string): InvalidInputError =>
  new InvalidInputError(
    `${where}: ${fault}`,
    'Correct the scenario; bench/testbed/scenario.ts lists its fields.',
  );
