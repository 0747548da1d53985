export type { RecordedStep } from '@tandem/core';
