import type { ChaosDocument, DeviceId, ErrorRecord } from '@tandem/core';
import type { JournalOutcome } from '@tandem/runtime';
import type { Standing } from './standing.ts';

/** What gateway-process.ts is told first. */
export interface GatewaySetup {
  readonly document: ChaosDocument;
  /** Of the model, as `loadModel` takes it. */
  readonly reference: string;
  readonly addresses: Readonly<Record<DeviceId, string>>;
  readonly token: string;
  readonly journalPath: string;
}

/** To the gateway's process. Requests are called by their index. */
export type GatewayOrder =
  | { readonly kind: 'start'; readonly setup: GatewaySetup }
  | { readonly kind: 'request'; readonly index: number }
  /** Its outcome has come: the journal may forget it. */
  | { readonly kind: 'taken'; readonly index: number }
  | GatewayQuestion
  | { readonly kind: 'close' };

export type GatewayQuestion =
  | { readonly kind: 'standing'; readonly id: number }
  | { readonly kind: 'ping'; readonly id: number; readonly device: DeviceId };

/** From the gateway's process. */
export type GatewayWord =
  | { readonly kind: 'log'; readonly line: string }
  /** It serves; `open` are the requests that the journal held. */
  | { readonly kind: 'ready'; readonly open: readonly number[] }
  /** It is in the journal. */
  | { readonly kind: 'accepted'; readonly index: number }
  | {
      readonly kind: 'outcome';
      readonly index: number;
      readonly outcome: JournalOutcome;
      readonly repairs: number;
    }
  | { readonly kind: 'reply'; readonly id: number; readonly standing: Standing | null }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: ErrorRecord }
  /** It ends, because it could not start. */
  | { readonly kind: 'failed'; readonly error: ErrorRecord };
