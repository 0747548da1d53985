import type { DeviceId, ErrorRecord, HeldRequest, Seconds } from '@tandem/core';

/** Between agents: tensors that were sent here for the request need not be kept any more. */
export interface Release {
  readonly kind: 'release';
  readonly version: number;
  readonly request: number;
}

/** Start no more stages of the version. Answered by 'holding', once the stage that runs has ended. */
export interface Freeze {
  readonly kind: 'freeze';
  readonly version: number;
}

export interface Holding {
  readonly kind: 'holding';
  readonly version: number;
  readonly requests: readonly HeldRequest[];
}

/** Tensors that are held here for the request's former number are this one's from now on. */
export interface Adopt {
  readonly kind: 'adopt';
  readonly version: number;
  readonly request: number;
  readonly ticket: number;
  readonly tensor: string;
  readonly formerly: number;
}

/** Agent to gateway: a stage has run for so long, longer than it should. */
export interface Overdue {
  readonly kind: 'overdue';
  readonly version: number;
  readonly stage: number;
  readonly seconds: Seconds;
}

/** Agent to gateway: requests wait here for a device that cannot be reached. */
export interface Accuse {
  readonly kind: 'accuse';
  readonly device: DeviceId;
  readonly error: ErrorRecord;
}
