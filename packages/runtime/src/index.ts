export * from './execute/executor.ts';
export * from './execute/null-executor.ts';
export * from './segment/manifest.ts';
export { type MemoryStoreOptions, memoryStore } from './segment/memory-store.ts';
export * from './segment/segment.ts';
export { type Impairment, impair } from './transport/impair.ts';
export { type MemoryTransportOptions, memoryTransport } from './transport/memory.ts';
export * from './transport/transport.ts';
