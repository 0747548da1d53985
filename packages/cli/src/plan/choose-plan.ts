import { type Choice, choose, createRandom, evaluate, InvalidInputError, planners, type PlannerName, RefusedError } from '@tandem/core';
import { systemClock } from '@tandem/node';
import type { Prepared } from './prepare.ts';

/** Runs the named planners (all that are built in when none is named) and keeps the best plan. */
