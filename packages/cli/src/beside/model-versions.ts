import { type Trace, type TraceEvent, traceOf } from '@tandem/core';

/** Above the versions of a run's first model and of all that it can be switched to. */
const versionsAside = 10_000;

/** The version of the plan of the model at this place, counted from 1, beside the first. */
export const versionBeside = (place: number): number => versionsAside * place;

/** The place of the model that an event is about, 0 = the first; null = it is about a device or a link. */
export const modelOf = (event: TraceEvent): number | null =>
  'version' in event ? Math.floor(event.version / versionsAside) : null;

/** What of a trace is about each of so many models in turn, with what is about none. Versions that repairs made are followed. */
export function tracesOfModels({ header, events }: Trace, models: number): readonly Trace[] {
  const places = repairedVersions(events, models);
  const placeOf = (event: TraceEvent): number | null =>
    'version' in event ? (places.get(event.version) ?? modelOf(event)) : null;
  return Array.from({ length: models }, (_, place) =>
    traceOf(
      header,
      events.filter((event) => (placeOf(event) ?? place) === place),
    ),
  );
}

/** The model of each version that is not of its row of numbers: that of what it replaces, or of a request that went on under it. */
function repairedVersions(events: readonly TraceEvent[], models: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  const placeOf = (version: number): number | undefined => {
    const place = Math.floor(version / versionsAside);
    return place < models ? place : places.get(version);
  };
  const know = (version: number, place: number | undefined): void => {
    if (place !== undefined && placeOf(version) === undefined) places.set(version, place);
  };
  for (const event of events) if (event.kind === 'repair') know(event.version, placeOf(event.replaces));
  const requests = new Map<number, number>();
  for (const event of events) {
    if (!('request' in event)) continue;
    const place = placeOf(event.version);
    if (event.kind === 'arrival' && place !== undefined) requests.set(event.request, place);
    know(event.version, requests.get(event.request));
  }
  return places;
}
