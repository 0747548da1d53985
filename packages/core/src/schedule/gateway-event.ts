import type { DeviceId } from '../cluster/cluster.ts';
import type { ErrorRecord } from '../errors.ts';
import type { Seconds } from '../units.ts';
import type { GatewayPlan } from './gateway-plan.ts';

/** What happens to a gateway. */
export type GatewayEvent =
  | { readonly kind: 'deployed'; readonly plan: GatewayPlan }
  | { readonly kind: 'withdrawn'; readonly version: number }
  /** A client hands in a request, whose number was never used before. */
  | {
      readonly kind: 'submitted';
      readonly version: number;
      readonly request: number;
      /** @default the version's requestTimeoutSeconds */
      readonly timeoutSeconds?: Seconds;
      /** @default GatewayPlan.priority */
      readonly priority?: number;
    }
  | {
      readonly kind: 'acknowledged';
      readonly from: DeviceId;
      readonly request: number;
      readonly tensor: string;
    }
  | {
      readonly kind: 'output-arrived';
      readonly from: DeviceId;
      readonly version: number;
      readonly request: number;
      readonly tensor: string;
    }
  /** A stage has answered the request early. */
  | { readonly kind: 'exited'; readonly version: number; readonly request: number }
  /** A device reports that the request failed there. */
  | {
      readonly kind: 'failed';
      readonly version: number;
      readonly request: number;
      readonly error: ErrorRecord;
    }
  /**
   * The request goes on under another version and, so that nobody takes what was sent for it before for what is sent from now on, as
   * another number. Its place in the order of answers and its deadline stay.
   */
  | {
      readonly kind: 'moved';
      readonly request: number;
      readonly version: number;
      /** Never used before. */
      readonly as: number;
    }
  /** What the version began cannot be brought to an end: its requests fail, and no new ones are taken. */
  | { readonly kind: 'abandoned'; readonly version: number; readonly error: ErrorRecord }
  /** No more is admitted or sent under the version: its requests are about to be moved. */
  | { readonly kind: 'suspended'; readonly version: number }
  /** The client wants it no more. */
  | { readonly kind: 'cancelled'; readonly request: number }
  /** The client has the answer. */
  | { readonly kind: 'taken'; readonly request: number }
  | { readonly kind: 'peer-lost'; readonly peer: DeviceId; readonly error: ErrorRecord }
  /** From now on requests of less, of whatever version, are refused, and those that wait are shed; null = none are. */
  | { readonly kind: 'admission'; readonly leastPriority: number | null }
  /** Nothing but the passing of time: sent at `wakeAt`. */
  | { readonly kind: 'tick' };

/** What the gateway has to do, in this order. */
export type GatewayAction =
  | {
      readonly kind: 'admit';
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
    }
  /** A tensor that the device holds for the former number of the request is from now on this one's. */
  | {
      readonly kind: 'adopt';
      readonly to: DeviceId;
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
      readonly tensor: string;
      readonly formerly: number;
    }
  /** Send an input; its bytes are needed until it is acknowledged or the request ends. */
  | {
      readonly kind: 'send';
      readonly to: DeviceId;
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
      readonly tensor: string;
    }
  /** Take an output, and tell its sender. */
  | {
      readonly kind: 'acknowledge';
      readonly to: DeviceId;
      readonly version: number;
      readonly request: number;
      readonly tensor: string;
    }
  /** The answer is whole, for the trace; it is handed out with 'answer'. */
  | { readonly kind: 'complete'; readonly version: number; readonly request: number }
  /** Hand the answer to the client; 'taken' or 'cancelled' follows. */
  | { readonly kind: 'answer'; readonly version: number; readonly request: number }
  /** Tell the client that there will be no answer. */
  | {
      readonly kind: 'fail';
      readonly version: number;
      readonly request: number;
      readonly error: ErrorRecord;
    }
  /** Tell these devices that the request has ended, so that they drop what they hold and pass over its ticket. */
  | {
      readonly kind: 'tell-ended';
      readonly to: readonly DeviceId[];
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
    };
