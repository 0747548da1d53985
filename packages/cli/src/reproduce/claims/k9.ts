import type { PlannerName } from '@tandem/core';
import { withChosenBits } from '../chosen-bits.ts';
import {
  type Claim,
  defineClaim,
  exactly,
  type Figure,
  type Findings,
  type ReproduceContext,
  type Tolerance,
} from '../claim.ts';
import { coachEnvelope, envelopeText } from '../coach-envelope.ts';
import {
  type CoachForm,
  coachForms,
  coachNames,
  type JpsForm,
  jpsForms,
  jpsNames,
  networks,
} from '../coach-forms.ts';
import { type Network, onlineStandIn, planOfSetting, problemOfSetting } from '../coach-testbed.ts';
import type { OnlineShare } from '../online-share.ts';
import { paceOfPlan } from '../pace-of-plan.ts';
import { papers } from '../papers.ts';
import { steppedReplanned, steppedThroughput } from '../stepped-link.ts';

const where = 'Fig. 5 and its section';
const within: Tolerance = { kind: 'relative', value: 0.2 };

/** In %, at each rate but the first: how much of the throughput of a plan made for that rate is left. Null = not printed. */
export const courses = [
  { rates: [20, 10, 5], kept: [88, 85], overJps: [1.3, 1.4, 1.6] },
  { rates: [100, 50, 20], kept: [null, null], overJps: [null, 1.2, null] },
] as const;
/** Table II, ResNet101 at low correlation: ImageNet-100 is shuffled here. */
const printedExits: OnlineShare = { exits: 0.1186 };

/** What each planner comes to in one course, answers a second by rate. */
interface Course {
  readonly network: Network;
  readonly rates: readonly number[];
  readonly dynamic: Readonly<Record<CoachForm | JpsForm, readonly number[]>>;
  /** Planned afresh for each rate. */
  readonly afresh: Readonly<Record<CoachForm, readonly number[]>>;
  /** Planned once, no exits: bits alone adapt. */
  readonly bitsAlone: Readonly<Record<CoachForm, readonly number[]>>;
  /** What the first plan’s cut could keep up with 2 bits for all, the fewest that there are. */
  readonly atTwoBits: Readonly<Record<CoachForm, readonly number[]>>;
  /** The gateway changes plans; no exits. */
  readonly replanned: Readonly<Record<CoachForm, readonly number[]>>;
}

interface Entry {
  readonly name: string;
  readonly figure: Figure;
  readonly value: (courses: readonly Course[]) => number;
}

const entries: readonly Entry[] = networks.flatMap((network) =>
  courses.flatMap((course) => entriesOf(network, course)),
);

export const k9: Claim = defineClaim({
  claim:
    'With its plan for 20 Mbit/s COACH loses 12 % at 10 and 15 % at 5 Mbit/s of what a plan made for these would reach, and has 1.3, 1.4 and 1.6 times the throughput of JPS; from 100 down to 50 Mbit/s still 1.2 times.',
  paper: papers.coach,
  standIn: `${onlineStandIn} On NX. One simulated run a course, 20 s at each rate, always a next request; the plan is the first rate’s, and the online half chooses bits by what transfers took, where the plan cuts inside the network from the fewest that the assumed loss grants to every request, elsewhere never below the plan’s. ${(100 * printedExits.exits).toFixed(2)} % of the requests leave behind the first stage: what the paper’s Table II prints of shuffled data, not a measurement of ours (K8 has those); where the plan sends the input itself the first stage is the server’s, and that saves nothing. JPS keeps its plan too, and lets none leave.`,
  figures: Object.fromEntries(entries.map(({ name, figure }) => [name, figure])),
  observed: (findings) => coachNames.map((form) => sentence(form, findings)),
  remarks: [
    'The paper names neither the network nor the device of its figure, nor whether JPS plans anew; both networks are judged. It prints what is lost against a plan made afresh at 10 and 5 Mbit/s alone.',
    'Below 6 bits nobody knows from which separability on fewer would do for these networks without trained weights. So a plan that sends 8 bits can fall to three quarters of its bytes; one that sends its fewest already adapts to a rate that falls by what leaves alone, and one that sends the input by nothing.',
    `With replanning (not the paper’s): the gateway changes between the planner’s plans for the first rate and for ${envelopeText}, by what it sees of the link, as that of \`tandem run --adapt\` does; more requests come than can be answered, and none leaves early. At 2 bits: what the first plan’s cut could keep up at most if every request crossed with 2 bits, the fewest there are, whatever that does to answers; no exits.`,
  ],
  run: async (context) => {
    const found = await coursesOf(context);
    return Object.fromEntries(entries.map(({ name, value }) => [name, value(found)]));
  },
  chart: async (context) => {
    const found = await coursesOf(context);
    return {
      kind: 'series',
      panels: found.map(({ network, rates, dynamic, afresh }) => ({
        title: `${network} on NX, from ${rates[0] ?? 0} Mbit/s down`,
        x: { label: 'Mbit/s', isLogarithmic: true },
        y: { label: 'requests/s', isLogarithmic: true },
        series: [
          ...Object.entries(dynamic).map(([label, values]) => ({ label, points: pointsOf(rates, values) })),
          ...Object.entries(afresh).map(([label, values]) => ({
            label: `${label}, planned afresh`,
            points: pointsOf(rates, values),
          })),
        ],
      })),
    };
  },
});

let known: Promise<readonly Course[]> | null = null;

/** All courses; computed once in the life of this process. */
function coursesOf(context: ReproduceContext): Promise<readonly Course[]> {
  const found = known ?? eachCourse(context);
  known = found;
  found.catch(() => {
    known = null;
  });
  return found;
}

async function eachCourse(context: ReproduceContext): Promise<readonly Course[]> {
  const found: Course[] = [];
  for (const network of networks)
    for (const { rates } of courses) found.push(await courseOf(network, rates, context));
  return found;
}

/** By ascending rate. */
function pointsOf(
  rates: readonly number[],
  values: readonly number[],
): readonly (readonly [number, number])[] {
  return rates.map((rate, at) => [rate, values[at] ?? Number.NaN] as const).toReversed();
}

async function courseOf(
  network: Network,
  rates: readonly number[],
  context: ReproduceContext,
): Promise<Course> {
  const setting = { network, device: 'NX', megabitsPerSecond: rates[0] ?? 0 } as const;
  const problem = problemOfSetting(setting, 'period');
  const run = async (name: PlannerName, own: readonly number[], online: OnlineShare | null) => {
    context.signal.throwIfAborted();
    const planned = { network, device: 'NX', megabitsPerSecond: own[0] ?? 0 } as const;
    const here = problemOfSetting(planned, 'period');
    const plan = await planOfSetting(planned, name, 'period', context);
    return steppedThroughput(here, online === null ? plan : withChosenBits(here, plan), own, online);
  };
  const each = async <Form extends string>(
    forms: readonly Form[],
    of: (form: Form) => Promise<readonly number[]>,
  ): Promise<Record<Form, readonly number[]>> => {
    const pairs: [Form, readonly number[]][] = [];
    for (const form of forms) pairs.push([form, await of(form)]);
    return Object.fromEntries(pairs) as Record<Form, readonly number[]>;
  };
  const afreshOf = async (form: CoachForm): Promise<readonly number[]> => {
    const found: number[] = [];
    for (const rate of rates) found.push(...(await run(coachForms[form], [rate], printedExits)));
    return found;
  };
  return {
    network,
    rates,
    dynamic: {
      ...(await each(coachNames, (form) => run(coachForms[form], rates, printedExits))),
      ...(await each(jpsNames, (form) => run(jpsForms[form], rates, null))),
    },
    afresh: await each(coachNames, afreshOf),
    bitsAlone: await each(coachNames, (form) => run(coachForms[form], rates, { exits: 0 })),
    atTwoBits: await each(coachNames, async (form) => {
      const pace = paceOfPlan(problem, await planOfSetting(setting, coachForms[form], 'period', context), 2);
      return rates.map((rate) => pace(1e6 * rate));
    }),
    replanned: await each(coachNames, async (form) =>
      steppedReplanned(problem, await coachEnvelope(setting, coachForms[form], context), rates),
    ),
  };
}

function entriesOf(network: Network, { rates, kept, overJps }: (typeof courses)[number]): readonly Entry[] {
  const find = (found: readonly Course[]): Course | undefined =>
    found.find((course) => course.network === network && course.rates[0] === rates[0]);
  return rates.flatMap((rate, at) => {
    const text = `${network} from ${rates[0]}, at ${rate} Mbit/s`;
    const shown = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });
    const of = (values: readonly number[] | undefined): number => values?.[at] ?? Number.NaN;
    return coachNames.flatMap((form): Entry[] => {
      const ofAfresh = (what: 'dynamic' | 'atTwoBits' | 'replanned') => (found: readonly Course[]) => {
        const course = find(found);
        return (100 * of(course?.[what][form])) / of(course?.afresh[form]);
      };
      return [
        {
          name: `${text}: ${form}`,
          figure: shown('requests/s'),
          value: (found) => of(find(found)?.dynamic[form]),
        },
        {
          name: `${text}: ${form}, bits alone`,
          figure: shown('requests/s'),
          value: (found) => of(find(found)?.bitsAlone[form]),
        },
        ...(at === 0
          ? []
          : [
              {
                name: `${text}: ${form}, of a plan made for it`,
                figure: { unit: '%', paper: kept[at - 1] ?? null, tolerance: { kind: 'at-least' }, where },
                value: ofAfresh('dynamic'),
              } as const,
              {
                name: `${text}: ${form}, at 2 bits, of a plan made for it`,
                figure: shown('%'),
                value: ofAfresh('atTwoBits'),
              },
              {
                name: `${text}: ${form}, with replanning, of a plan made for it`,
                figure: shown('%'),
                value: ofAfresh('replanned'),
              },
            ]),
        ...jpsNames.map(
          (jps): Entry => ({
            name: `${text}: ${form} over ${jps}`,
            figure: { unit: '×', paper: overJps[at] ?? null, tolerance: within, where },
            value: (found) => of(find(found)?.dynamic[form]) / of(find(found)?.dynamic[jps]),
          }),
        ),
      ];
    });
  });
}

function sentence(form: CoachForm, findings: Findings): string {
  const of = (what: string): readonly (readonly [place: string, value: number])[] =>
    Object.entries(findings)
      .filter(([name]) => name.endsWith(`: ${form}${what}`))
      .map(([name, value]) => [name.slice(0, name.indexOf(':')), value] as const)
      .sort(([, left], [, right]) => left - right);
  const kept = of(', of a plan made for it');
  const ratios = of(' over JPS, 8 bits');
  const [worst = ['', Number.NaN]] = kept;
  const enough = kept.filter(([, value]) => value >= 88).length;
  const at = (what: string): string =>
    (findings[`${worst[0]}: ${form}, ${what}, of a plan made for it`] ?? Number.NaN).toFixed(0);
  const range = `${(ratios[0]?.[1] ?? Number.NaN).toFixed(2)} to ${(ratios.at(-1)?.[1] ?? Number.NaN).toFixed(2)}`;
  return `${form}: at ${enough} of ${kept.length} rates that fell at least 88 % of a plan made for the rate are left, and least for ${worst[0]}, ${worst[1].toFixed(0)} %: another cut is better there. The same cut would keep up ${at('at 2 bits')} % if 2 bits were enough for all, and with replanning, which changes the cut, ${at('with replanning')} % are left. Over JPS at 8 bits: ${range} times.`;
}
