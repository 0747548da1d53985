/**
 * Environment in which a process that loads models holds little beside them. By default glibc keeps blocks of up to 32 MB once one of
 * them was freed, and the copies that ONNX Runtime makes of weights while it loads stay for good: 2.4 times the weights of a ResNet-50
 * instead of 1.1. mallopt(3) reads it at the start of a process; other systems ignore it. And by default V8 lets the buffers of sockets
 * and of tensors that have been sent pile up to twice its young generation of 16 MB, in each thread; an agent makes few other objects.
 */
export function memoryEnvironment(): Record<string, string> {
  const added = Object.entries(settings).filter(([name]) => process.env[name] === undefined);
  return { ...Object.fromEntries(added), NODE_OPTIONS: nodeOptions(process.env['NODE_OPTIONS'] ?? '') };
}

const settings = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

function nodeOptions(given: string): string {
  const option = '--max-semi-space-size';
  return given.includes(option) ? given : `${given} ${option}=1`.trim();
}
