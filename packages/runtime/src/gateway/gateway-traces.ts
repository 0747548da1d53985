import type { GatewayAction, GatewayEvent, TraceEvent } from '@tandem/core';

/** A trace's event without its time; Omit alone would merge the kinds. */
type Untimed<Event = TraceEvent> = Event extends TraceEvent ? Omit<Event, 'atSeconds'> : never;

/** What a trace says of something that happens to the gateway. */
export function eventTraces(event: GatewayEvent): Untimed[] {
  switch (event.kind) {
    case 'deployed':
      return [{ kind: 'deployed', version: event.plan.version }];
    case 'withdrawn':
      return [{ kind: 'withdrawn', version: event.version }];
    case 'submitted':
      return [{ kind: 'arrival', version: event.version, request: event.request }];
    case 'output-arrived': {
      const { version, request, tensor, from } = event;
      return [{ kind: 'tensor-arrived', version, request, tensor, from, to: null }];
    }
    case 'peer-lost':
      return [{ kind: 'device-lost', device: event.peer }];
    default:
      return [];
  }
}

/** What a trace says of something that the gateway does. */
export function actionTraces(action: GatewayAction): Untimed[] {
  switch (action.kind) {
    case 'admit':
      return [
        {
          kind: 'admission',
          version: action.version,
          request: action.request,
          ticket: action.ticket,
        },
      ];
    case 'complete':
      return [{ kind: 'answer', version: action.version, request: action.request }];
    case 'fail': {
      const { version, request, error } = action;
      return [{ kind: 'failure', version, request, error: error.name, message: error.message }];
    }
    default:
      return [];
  }
}
