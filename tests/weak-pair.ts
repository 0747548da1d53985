interface WeakPair {
  /** Of the imitated device. */
  readonly gigaflopsPerSecond: number;
  readonly memoryGigabytesPerSecond?: number;
  /** What is said of the server beside its memory, or instead. */
  readonly server?: object;
  readonly megabitsPerSecond: number;
}

/** A cluster as its file has it: 'pi', weak and imitated, where requests come from, and 'server' over a link both ways. */
export function weakPair({
  gigaflopsPerSecond,
  memoryGigabytesPerSecond = 1,
  server = { gigaflopsPerSecond: 60 },
  megabitsPerSecond,
}: WeakPair) {
  return {
    name: 'a weak device and a server',
    hosts: [
      { id: 'pi', memoryGigabytes: 1 },
      { id: 'server', memoryGigabytes: 4 },
    ],
    devices: [
      {
        id: 'pi',
        host: 'pi',
        kind: 'cpu',
        gigaflopsPerSecond,
        memoryGigabytesPerSecond,
        launchMicroseconds: 20,
        emulated: true,
      },
      {
        id: 'server',
        host: 'server',
        kind: 'cpu',
        memoryGigabytesPerSecond: 10,
        launchMicroseconds: 4,
        ...server,
      },
    ],
    links: [{ from: 'pi', to: 'server', megabitsPerSecond, roundTripMilliseconds: 2, bothWays: true }],
    source: 'pi',
  };
}
