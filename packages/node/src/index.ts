export { systemClock } from './clock/system-clock.ts';
export { createSha256 } from './digest/sha256.ts';
export { ortExecutor } from './execute/ort-executor.ts';
export {
  type OrtResult,
  type OrtSession,
  type OrtSessionOptions,
  ortSession,
} from './execute/ort-session.ts';
export { type FolderStoreOptions, folderStore } from './store/folder-store.ts';
export { type TcpOptions, tcp } from './transport/tcp.ts';
