import type { SegmentSource, SegmentStore } from '@tandem/runtime';

/** Puts segments into a store as if they had arrived. */
export async function keepSegments(
  store: SegmentStore,
  sources: readonly SegmentSource[],
  signal: AbortSignal,
): Promise<void> {
  for (const source of sources) {
    if ((await store.find(source.manifest.digest)) !== null) continue;
    const receiver = await store.receive(source.manifest, signal);
    for (const { name } of source.manifest.parts) {
      for await (const chunk of source.chunks(name)) await receiver.write(name, chunk);
    }
    await receiver.finish();
  }
}
