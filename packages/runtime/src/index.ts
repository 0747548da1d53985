export * from './execute/executor.ts';
export * from './segment/segment.ts';
export * from './transport/transport.ts';
