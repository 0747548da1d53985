import { type Trace, type TraceEvent, traceOf } from '@tandem/core';

/** Above the versions of a run's first model and of all that it can be switched to. */
const versionsAside = 10_000;

/** The version of the plan of the model at this place, counted from 1, beside the first. */
export const versionBeside = (place: number): number => versionsAside * place;

/** The place of the model that an event is about, 0 = the first; null = it is about a device or a link. */
export const modelOf = (event: TraceEvent): number | null =>
  'version' in event ? Math.floor(event.version / versionsAside) : null;

/** What of a trace is about one model, or about none. */
export const traceOfModel = ({ header, events }: Trace, place: number): Trace =>
  traceOf(
    header,
    events.filter((event) => (modelOf(event) ?? place) === place),
  );
