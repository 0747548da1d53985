import { bytes, bytesPerSecond, flopsPerSecond } from '../../units.ts';
import type { DeviceFamily } from './catalogue-device.ts';
import { estimate, maker } from './sourced.ts';

const webAssembly = maker('WebAssembly specification');

/** A page in a browser, without its GPU. */
export const browserTab: DeviceFamily = {
  'browser-tab': {
    title: 'Browser tab on a usual laptop, one thread of WebAssembly',
    kind: 'cpu',
    class: 'browser',
    figures: {
      memoryBytes: webAssembly(bytes(65_536 * 65_536)),
      flopsPerSecond: estimate(
        '3 GHz × 8 fp32 operations in a cycle (128 bit, multiply and add), a quarter of it reached',
      )(flopsPerSecond(6e9)),
      memoryBytesPerSecond: estimate('one core of a laptop, checked accesses')(bytesPerSecond(6e9)),
      cores: estimate('without the headers that shared memory asks for, a tab computes in one thread')(1),
      simdBits: webAssembly(128),
    },
  },
};
