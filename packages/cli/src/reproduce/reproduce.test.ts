import { readFileSync } from 'node:fs';
import { catalogueDevice, catalogueDevices, createRandom, InvalidInputError, seconds } from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Claim, Figure, ReproduceContext } from './claim.ts';
import { tableI } from './claims/u1.ts';
import { claims } from './claims.ts';
import { findClaims } from './find-claim.ts';
import { isWithin, judge } from './judge.ts';
import { type Reproduction, reproduce } from './reproduction.ts';
import { claimsText, reproductionText } from './reproduction-text.ts';
import { reproductionsPage } from './reproductions-page.ts';

const context: ReproduceContext = {
  clock: { now: () => seconds(0), sleep: async () => {} },
  random: createRandom(1),
  createSha256,
  signal: new AbortController().signal,
  // Running trained models takes minutes: tests/onnxruntime has a short run of what these claims rest on.
  dataFolder: null,
};

const ids = Object.keys(claims);
const done = new Map<string, Reproduction>();
beforeAll(async () => {
  for (const [id, claim] of Object.entries(claims)) done.set(id, await reproduce(id, claim, context));
}, 900_000);

function reproduced(id: string): Reproduction {
  const found = done.get(id);
  if (found === undefined) throw new Error(`${id} was not reproduced`);
  return found;
}

/** A value that is just not near enough: beyond the tolerance by a thousandth of the figure. */
function beyond({ paper, tolerance }: Figure): number {
  const printed = paper ?? 0;
  const little = Math.max(Math.abs(printed), 1) * 1e-3;
  if (tolerance.kind === 'at-least') return printed - little;
  const allowed = tolerance.kind === 'absolute' ? tolerance.value : tolerance.value * Math.abs(printed);
  return printed + allowed + little;
}

/** The verdict that each claim has today; a change is to be understood before it is written down here. */
const verdicts: Readonly<Record<string, string>> = {
  C1: 'holds',
  C1b: 'fails',
  C2: 'partly',
  C3: 'partly',
  C4: 'holds',
  C5: 'cannot-be-checked',
  C6: 'partly',
  C7: 'holds',
  U1: 'holds',
  U3: 'holds',
  U4: 'partly',
  U5: 'partly',
  U6: 'holds',
  K1: 'cannot-be-checked',
  K2: 'holds',
  K3: 'holds',
  K4: 'holds',
  K5: 'partly',
  K6: 'partly',
  K7: 'fails',
  K8: 'cannot-be-checked',
  K8a: 'holds',
  K9: 'partly',
  K9b: 'cannot-be-checked',
  K10: 'partly',
  K11: 'partly',
  K12: 'cannot-be-checked',
  K13: 'partly',
  M1: 'holds',
  M2: 'holds',
  M7: 'holds',
  M8: 'partly',
  M9: 'partly',
  M16: 'fails',
};

describe.each(ids)('claim %s', (id) => {
  const claim: Pick<Claim, 'figures'> = claims[id] ?? { figures: {} };
  const judged = Object.entries(claim.figures).filter(([, { paper }]) => paper !== null);
  const asPrinted = Object.fromEntries(judged.map(([name, { paper }]) => [name, paper ?? 0]));
  const allBeyond = Object.fromEntries(judged.map(([name, figure]) => [name, beyond(figure)]));

  it('has its verdict', () => {
    expect(reproduced(id).verdict).toBe(verdicts[id]);
  });

  it('would hold with the printed figures and fail with all of them beyond their tolerances', () => {
    const [printed, off] =
      judged.length === 0 ? ['cannot-be-checked', 'cannot-be-checked'] : ['holds', 'fails'];
    expect(judge(claim, asPrinted)).toBe(printed);
    expect(judge(claim, allBeyond)).toBe(off);
  });

  it.each(judged.map(([name]) => name))('flips when only "%s" moves beyond its tolerance', (name) => {
    const moved = { ...asPrinted, [name]: allBeyond[name] ?? 0 };
    expect(judge(claim, moved)).toBe(judged.length === 1 ? 'fails' : 'partly');
    const ours = reproduced(id).ours;
    const figure = claim.figures[name];
    if (figure === undefined || !isWithin(figure, ours[name] ?? 0)) return;
    expect(isWithin(figure, allBeyond[name] ?? 0)).toBe(false);
    expect(judge(claim, { ...ours, [name]: allBeyond[name] ?? 0 })).not.toBe('holds');
  });

  it('prints the agreed JSON', () => {
    expect(() => shape.parse(JSON.parse(JSON.stringify(reproduced(id))))).not.toThrow();
    const { paper, ours, tolerance, unit, where } = reproduced(id);
    for (const record of [tolerance, unit, where]) expect(Object.keys(record)).toEqual(Object.keys(paper));
    expect(Object.keys(ours)).toEqual(claims[id]?.needsData === true ? [] : Object.keys(paper));
  });
});

const texts = z.record(z.string().min(1), z.string().min(1));
const shape = z.strictObject({
  id: z.enum(ids),
  claim: z.string().min(20),
  source: z.string().min(20),
  paper: z.record(z.string(), z.number().nullable()),
  ours: z.record(z.string(), z.number()),
  ratio: z.record(z.string(), z.number()),
  unit: texts,
  where: texts,
  standIn: z.string().min(20),
  tolerance: texts,
  verdict: z.enum(['holds', 'partly', 'fails', 'cannot-be-checked']),
  remarks: z.array(z.string().min(1)),
});

describe('U1', () => {
  const u1 = claims['U1'];
  const nano = catalogueDevice('jetson-nano');

  it('follows the catalogue: another figure or a missing device turns the verdict', () => {
    if (u1 === undefined) throw new Error('the table has no such claim');
    const dearer = { ...nano, figures: { ...nano.figures, priceDollars: { ...sourced, value: 149 } } };
    const { 'jetson-nano': _, ...without } = catalogueDevices;
    expect(judge(u1, tableI(catalogueDevices))).toBe('holds');
    expect(judge(u1, tableI({ ...catalogueDevices, 'jetson-nano': dearer }))).toBe('partly');
    expect(judge(u1, tableI(without))).toBe('partly');
    expect(judge(u1, tableI({}))).toBe('fails');
  });

  const sourced = { evidence: 'report', source: 'a shop' } as const;
});

describe('judge', () => {
  const figure = (paper: number | null, tolerance: Figure['tolerance']): Figure => ({
    unit: '×',
    paper,
    tolerance,
    where: 'table 1',
  });
  const half = { kind: 'absolute', value: 0.5 } as const;
  const tenth = { kind: 'relative', value: 0.1 } as const;

  it.each([
    { tolerance: half, ours: 10.5, within: true },
    { tolerance: half, ours: 10.51, within: false },
    { tolerance: half, ours: 9.49, within: false },
    { tolerance: tenth, ours: 11, within: true },
    { tolerance: tenth, ours: 8.99, within: false },
    { tolerance: { kind: 'at-least' } as const, ours: 10, within: true },
    { tolerance: { kind: 'at-least' } as const, ours: 9.99, within: false },
    { tolerance: { kind: 'at-least' } as const, ours: Number.POSITIVE_INFINITY, within: false },
    { tolerance: half, ours: Number.NaN, within: false },
  ])('$ours against 10 with $tolerance', ({ tolerance, ours, within }) => {
    expect(isWithin(figure(10, tolerance), ours)).toBe(within);
  });

  it('cannot check what the paper does not print', () => {
    expect(judge({ figures: { a: figure(null, half) } }, { a: 1 })).toBe('cannot-be-checked');
  });

  it('takes a missing value for a failure', () => {
    expect(judge({ figures: { a: figure(1, half) } }, {})).toBe('fails');
  });
});

describe('findClaims', () => {
  it('finds one in any case, and all', () => {
    expect(findClaims('k8A').map(([id]) => id)).toEqual(['K8a']);
    expect(findClaims('all').map(([id]) => id)).toEqual(ids);
  });

  it('names the claims when there is no such one', () => {
    expect(() => findClaims('Z9')).toThrow(InvalidInputError);
    expect(() => findClaims('Z9')).toThrow(/'Z9' is no claim .* C1, .*M16$/);
  });
});

describe('the list', () => {
  it('names every id once', () => {
    const lines = claimsText(findClaims('all')).split('\n');
    for (const id of ids) expect(lines.filter((line) => line.trim().startsWith(`${id} `))).toHaveLength(1);
  });
});

describe('what people read', () => {
  it('shows paper, ours and ratio of each figure, and what stood in', () => {
    const text = reproductionText(reproduced('M7'));
    expect(text).toMatch(/^M7 {2}holds: /);
    expect(text).toMatch(/3G, against All_Local +3\.7 +3\.735 +1\.009 +× +±0\.05/);
    expect(text).toContain('Stand-in: Arithmetic');
  });

  it('is the committed page; `tandem reproduce all --page bench/results/reproduce.md` writes it anew', () => {
    const page = readFileSync(new URL('../../../../bench/results/reproduce.md', import.meta.url), 'utf8');
    expect(withoutData(page)).toBe(withoutData(reproductionsPage([...done.values()])));
  });

  /** The page without what claims on the test data came to. */
  function withoutData(page: string): string {
    const isOnData = (id: string): boolean => claims[id]?.needsData === true;
    const [head = '', ...sections] = page.split('\n## ');
    const lines = head.split('\n').filter((line) => !isOnData(/^\| (\w+) \|/.exec(line)?.[1] ?? ''));
    const kept = sections.filter((section) => !isOnData(/^\w+/.exec(section)?.[0] ?? ''));
    return [lines.join('\n'), ...kept].join('\n## ');
  }

  it('says what it could not check where data are missing', () => {
    const { verdict, remarks } = reproduced('K8');
    expect(verdict).toBe('cannot-be-checked');
    expect(remarks[0]).toContain('TANDEM_DATA');
    expect(reproductionText(reproduced('K8'))).toContain('ResNet-56, high: requests that leave');
  });
});
