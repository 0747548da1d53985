/** Grows whenever a message changes its meaning; peers of another version are refused with both numbers. */
export const protocolVersion = 8;

/** What a stranger may send: a hello, and nothing with a body. */
export const helloLimits = { headerBytes: 8192, bodyBytes: 0 } as const;

/** What a visitor may send: questions, and bodies to be measured. */
export const visitorLimits = { headerBytes: 8192, bodyBytes: 262_144 } as const;

/** No peer may make this side hold more than these; all are checked before anything is allocated for them. */
export const wireLimits = {
  headerBytes: 4_194_304,
  /** One tensor or one chunk of a segment. */
  bodyBytes: 1_073_741_824,
  /** What segments are cut into on their way. */
  chunkBytes: 262_144,
  nameCharacters: 1024,
  textCharacters: 4096,
  tokenCharacters: 256,
  rank: 16,
  stages: 4096,
  tensors: 16384,
  routes: 65536,
  devices: 4096,
  /** And processors, of one stage. */
  threads: 1024,
  /** TicketShare.period */
  sharePeriod: 1024,
  /** Deployment.queue */
  queue: 1024,
  /** Deployment.priority, above and below 0 */
  priority: 1000,
  /** In one message. */
  traceEvents: 1024,
  /** In one answer to 'freeze'. */
  heldRequests: 65_536,
  partsPerSegment: 8,
  /** Rows and columns of what a decision knows. */
  labels: 131_072,
  channels: 1_048_576,
  segmentBytes: 137_438_953_472,
  /** Of any duration, s. */
  seconds: 1e9,
} as const;
