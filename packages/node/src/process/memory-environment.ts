/**
 * Environment in which a process that loads models gives large blocks back to the system when it frees them. By default glibc keeps
 * blocks of up to 32 MB once one of them was freed, and the copies that ONNX Runtime makes of weights while it loads stay for good:
 * 2.4 times the weights of a ResNet-50 instead of 1.1. mallopt(3) reads it at the start of a process; other systems ignore it.
 */
export function memoryEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => process.env[name] === undefined));
}

const settings = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };
