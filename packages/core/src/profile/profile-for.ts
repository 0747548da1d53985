import type { Device } from '../cluster/cluster.ts';
import { RefusedError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { hertz } from '../units.ts';
import type { BatchTimes, LevelSeconds, Profile } from './profile.ts';
import { inputShapes, type MeasuredRow, type ProfileFile } from './profile-file.ts';

/**
 * What `file` says about warm runs of `graph` (at its batch, one run at a time, at the machine's own clock and beside it at the levels of its clock, not by quota or pace) on `device`, whose id need not be the file's: a machine may have
 * another name in another cluster. Throws RefusedError when the file measured another model, other shapes or other numbers of threads.
 */
export function profileFor(file: ProfileFile, graph: Graph, device: Device): Profile {
  if (file.model.digest !== graph.modelDigest || file.model.nodes !== graph.nodes.length) {
    throw new RefusedError(
      `the profile measured ${file.model.name} (${file.model.digest}), expected ${graph.name} (${graph.modelDigest ?? 'no digest'})`,
      'Give the profile of this very model, or measure it with `tandem profile MODEL`.',
    );
  }
  const inputs = inputShapes(graph);
  const measured = file.model.batches.find((candidate) => candidate.inputs === inputs);
  if (measured === undefined) {
    throw new RefusedError(
      `the profile measured the inputs ${file.model.batches.map((each) => each.inputs).join('; ')}, expected ${inputs}`,
      'Measure again with the same --dimension values and this --batch.',
    );
  }
  const timed = file.rows.filter(
    ({ kind, clock, batch, state }) =>
      kind !== 'codec' && clock === undefined && batch === measured.batch && state === 'warm',
  );
  const counts = [...new Set(timed.map(({ threads }) => threads))];
  if (!counts.includes(device.threads)) throw otherThreads(counts, device);
  const together = otherBatches(file, graph, device, measured.batch);
  const timesOf = (threads: number): Pick<Profile, 'rows' | 'segments'> =>
    threadTimes(
      timed.filter((row) => row.threads === threads),
      device,
      levelsOf(file, { ...device, threads }, measured.batch),
    );
  const others = counts.filter((threads) => threads !== device.threads);
  return {
    ...timesOf(device.threads),
    ...(others.length === 0
      ? {}
      : { otherThreads: others.map((threads) => ({ device: device.id, threads, ...timesOf(threads) })) }),
    ...(together.length === 0 ? {} : { otherBatches: together }),
  };
}

/** Of wider batches of the same inputs, with the device's threads. */
function otherBatches(file: ProfileFile, graph: Graph, device: Device, own: number): BatchTimes[] {
  return file.model.batches.flatMap(({ batch, inputs }) => {
    if (batch <= own || batch % own !== 0 || inputs !== inputShapes(graph, batch / own)) return [];
    const rows = file.rows.filter(
      (row) =>
        row.clock === undefined &&
        row.state === 'warm' &&
        row.threads === device.threads &&
        row.batch === batch,
    );
    if (rows.length === 0) return [];
    return [{ device: device.id, requests: batch / own, ...threadTimes(rows, device, new Map()) }];
  });
}

type Levels = ReadonlyMap<string, { readonly levels: LevelSeconds[] }>;

function threadTimes(
  rows: readonly MeasuredRow[],
  device: Device,
  levels: Levels,
): Pick<Profile, 'rows' | 'segments'> {
  const own = { device: device.id, source: 'measured' } as const;
  return {
    rows: rows.flatMap(({ kind, name, seconds }) =>
      kind === 'node' ? [{ node: name, seconds, ...own, ...levels.get(`node ${name}`) }] : [],
    ),
    segments: rows.flatMap(({ kind, name, seconds, spreadSeconds }) =>
      kind === 'segment'
        ? [{ segment: name, seconds, spreadSeconds, ...own, ...levels.get(`segment ${name}`) }]
        : [],
    ),
  };
}

/** By kind and name. */
function levelsOf({ rows }: ProfileFile, device: Device, batch: number): Levels {
  const found = new Map<string, { readonly levels: LevelSeconds[] }>();
  for (const row of rows) {
    if (row.clock?.kind !== 'level' || row.state !== 'warm') continue;
    if (row.threads !== device.threads || row.batch !== batch) continue;
    const key = `${row.kind} ${row.name}`;
    const known = found.get(key) ?? { levels: [] };
    known.levels.push({ hertz: hertz(row.clock.hertz), seconds: row.seconds });
    found.set(key, known);
  }
  return found;
}

function otherThreads(counts: readonly number[], { id, threads }: Device): RefusedError {
  const measured = counts.join(', ') || 'nothing';
  return new RefusedError(
    `the profile measured ${measured} threads, expected ${threads}, which device '${id}' has`,
    `Measure again with --threads ${threads}, or change the device's threads in the cluster file.`,
  );
}
