import type { PlannerName } from '@tandem/core';
import type { Network } from './coach-testbed.ts';

/** What K9 judges: the paper names neither the network of its figure, nor how COACH’s objective is joined, nor the bits that JPS sends. */
export const networks: readonly Network[] = ['resnet-101', 'vgg16'];

export type CoachForm = 'COACH, sum' | 'COACH, in turn';
export type JpsForm = 'JPS, 32 bits' | 'JPS, 8 bits';
export const coachForms: Readonly<Record<CoachForm, PlannerName>> = {
  'COACH, sum': 'coach',
  'COACH, in turn': 'coach-lex',
};
export const jpsForms: Readonly<Record<JpsForm, PlannerName>> = {
  'JPS, 32 bits': 'jps-adjacent',
  'JPS, 8 bits': 'jps-adjacent-q8',
};
export const coachNames: readonly CoachForm[] = Object.keys(coachForms) as CoachForm[];
export const jpsNames: readonly JpsForm[] = Object.keys(jpsForms) as JpsForm[];
