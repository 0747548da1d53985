export { systemClock } from './clock/system-clock.ts';
export { createSha256 } from './digest/sha256.ts';
export { type TcpOptions, tcp } from './transport/tcp.ts';
