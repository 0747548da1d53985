import { type Bytes, bytes, CancelledError, type CreateSha256, digestBytes } from '@tandem/core';
import {
  type ConformanceCase,
  neverAborted,
  patternBytes,
  requireEqual,
  requireRejection,
  requireThat,
  sameBytes,
} from '../conformance.ts';
import { manifestOf } from './manifest.ts';
import type { PartManifest, SegmentManifest, SegmentStore, StoredSegment } from './segment.ts';

/** What the suite needs to know of a store. */
export interface StoreSetup {
  /** An empty one. */
  createStore(): Promise<SegmentStore>;
  readonly createSha256: CreateSha256;
  /** A part of a stored segment, byte for byte; null when the segment has no such part. */
  read(segment: StoredSegment, part: string): Promise<Uint8Array | null>;
}

const signal = neverAborted();
const unknownDigest = '0'.repeat(64);

/** What SegmentStore and SegmentReceiver promise. Each case makes its own store and closes it. */
export function storeConformance(setup: StoreSetup): readonly ConformanceCase[] {
  const inStore = (name: string, body: (suite: Suite) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      const store = await setup.createStore();
      try {
        await body(new Suite(setup, store));
      } finally {
        await store.close();
      }
    },
  });
  return [
    inStore('keeps a model and its weights', (suite) => suite.keeps({ model: 1000, weights: 70_000 }, 999)),
    inStore('keeps a model without weights', (suite) => suite.keeps({ model: 1000, weights: null }, 1000)),
    inStore('keeps empty parts', (suite) => suite.keeps({ model: 0, weights: 0 }, 1)),
    inStore('keeps what arrives in single bytes', (suite) => suite.keeps({ model: 50, weights: 3 }, 1)),
    inStore('keeps parts whose chunks alternate', (suite) => suite.keepsAlternating()),
    inStore('does not find what it has not, nor what is no digest', (suite) => suite.findsNothing()),
    inStore('does not show a segment before it is finished', (suite) => suite.hidesUnfinished()),
    inStore('receives one segment twice, also at once', (suite) => suite.receivesTwice()),
    inStore('refuses a part that is longer than announced', (suite) => suite.refusesLonger()),
    inStore('refuses a part that is shorter than announced', (suite) => suite.refusesShorter()),
    inStore('refuses a part with another digest', (suite) => suite.refusesOtherBytes()),
    inStore('refuses a part that was not announced', (suite) => suite.refusesOtherPart()),
    inStore('refuses manifests that are none', (suite) => suite.refusesManifests()),
    inStore('has no room for absurd sizes', (suite) => suite.hasNoRoom()),
    inStore('forgets what is abandoned, also twice', (suite) => suite.forgetsAbandoned()),
    inStore('stops receiving when the signal is aborted', (suite) => suite.stopsWhenAborted()),
    inStore('refuses more after the end', (suite) => suite.refusesAfterEnd()),
  ];
}

/** The parts of a segment that the suite makes up. */
type Parts = ReadonlyMap<string, Uint8Array>;

class Suite {
  readonly #setup: StoreSetup;
  readonly #store: SegmentStore;

  constructor(setup: StoreSetup, store: SegmentStore) {
    this.#setup = setup;
    this.#store = store;
  }

  async keeps(
    sizes: { readonly model: number; readonly weights: number | null },
    chunkBytes: number,
  ): Promise<void> {
    const parts = partsOf(sizes.model, sizes.weights);
    const manifest = this.#manifest(parts);
    const kept = await this.#send(manifest, parts, chunkBytes);
    await this.#requireParts(kept, parts);
    const found = await this.#store.find(manifest.digest);
    requireThat(found !== null, 'a segment that was kept is not found');
    if (found !== null) await this.#requireParts(found, parts);
  }

  async keepsAlternating(): Promise<void> {
    const parts = partsOf(10, 10);
    const manifest = this.#manifest(parts);
    const receiver = await this.#store.receive(manifest, signal);
    for (let offset = 0; offset < 10; offset += 5)
      for (const [name, part] of parts) await receiver.write(name, part.slice(offset, offset + 5));
    await this.#requireParts(await receiver.finish(), parts);
  }

  async findsNothing(): Promise<void> {
    for (const digest of [unknownDigest, '', '..', '/etc', '../x', 'model.onnx', `${unknownDigest}/..`])
      requireEqual(await this.#store.find(digest), null, `what is found as '${digest}'`);
  }

  async hidesUnfinished(): Promise<void> {
    const parts = partsOf(10, null);
    const manifest = this.#manifest(parts);
    const receiver = await this.#store.receive(manifest, signal);
    await receiver.write('model.onnx', patternBytes(10, 1));
    requireEqual(await this.#store.find(manifest.digest), null, 'an unfinished segment');
    await receiver.finish();
    requireThat((await this.#store.find(manifest.digest)) !== null, 'a finished segment is not found');
  }

  async receivesTwice(): Promise<void> {
    const parts = partsOf(100, 100);
    const manifest = this.#manifest(parts);
    const stored = await Promise.all([this.#send(manifest, parts, 30), this.#send(manifest, parts, 70)]);
    for (const segment of stored) await this.#requireParts(segment, parts);
    await this.#requireParts(await this.#send(manifest, parts, 100), parts);
  }

  refusesLonger(): Promise<void> {
    const parts = partsOf(100, null);
    return this.#refuses(this.#manifest(parts), partsOf(101, null));
  }

  refusesShorter(): Promise<void> {
    const parts = partsOf(100, 10);
    return this.#refuses(this.#manifest(parts), partsOf(100, 9));
  }

  refusesOtherBytes(): Promise<void> {
    const other = new Map([['model.onnx', patternBytes(100, 9)]]);
    return this.#refuses(this.#manifest(partsOf(100, null)), other);
  }

  refusesOtherPart(): Promise<void> {
    const other = new Map([['../model.onnx', patternBytes(100, 1)]]);
    return this.#refuses(this.#manifest(partsOf(100, null)), other);
  }

  async refusesManifests(): Promise<void> {
    const digest = digestBytes(new Uint8Array(1), this.#setup.createSha256);
    const part = (name: string, sizeBytes = 1, partDigest = digest): PartManifest => ({
      name,
      sizeBytes: sizeBytes as Bytes,
      digest: partDigest,
    });
    const wrong: readonly (readonly PartManifest[])[] = [
      [],
      [part('weights.bin')],
      [part('model.onnx'), part('model.onnx')],
      [part('model.onnx'), part('../weights.bin')],
      [part('/etc/passwd')],
      [part('model.onnx'), part('weights.bin'), part('more.bin')],
      [part('model.onnx', -1)],
      [part('model.onnx', 1.5)],
      [part('model.onnx', Number.NaN)],
      [part('model.onnx', 1, 'abc')],
    ];
    const { createSha256 } = this.#setup;
    const others = [{ ...manifestOf([part('model.onnx')], createSha256), digest: unknownDigest }];
    for (const manifest of [...wrong.map((parts) => manifestOf(parts, createSha256)), ...others])
      await requireRejection(this.#store.receive(manifest, signal), ['ProtocolError']);
  }

  async hasNoRoom(): Promise<void> {
    const part = { name: 'model.onnx', sizeBytes: bytes(2 ** 52), digest: unknownDigest };
    const manifest = manifestOf([part], this.#setup.createSha256);
    await requireRejection(this.#store.receive(manifest, signal), ['ResourceError']);
  }

  async forgetsAbandoned(): Promise<void> {
    const parts = partsOf(100, null);
    const manifest = this.#manifest(parts);
    const receiver = await this.#store.receive(manifest, signal);
    await receiver.write('model.onnx', patternBytes(50, 1));
    await receiver.abandon();
    await receiver.abandon();
    requireEqual(await this.#store.find(manifest.digest), null, 'an abandoned segment');
    await this.#requireParts(await this.#send(manifest, parts, 100), parts);
  }

  async stopsWhenAborted(): Promise<void> {
    const controller = new AbortController();
    const manifest = this.#manifest(partsOf(100, null));
    const receiver = await this.#store.receive(manifest, controller.signal);
    controller.abort(new CancelledError('the suite withdrew it', 'Nothing to do.'));
    await requireRejection(receiver.write('model.onnx', new Uint8Array(1)), ['CancelledError']);
    await requireRejection(this.#store.receive(manifest, controller.signal), ['CancelledError']);
    requireEqual(await this.#store.find(manifest.digest), null, 'a cancelled segment');
  }

  async refusesAfterEnd(): Promise<void> {
    const parts = partsOf(10, null);
    const receiver = await this.#store.receive(this.#manifest(parts), signal);
    await receiver.write('model.onnx', patternBytes(10, 1));
    await receiver.finish();
    await requireRejection(receiver.finish(), ['ProtocolError']);
    await requireRejection(receiver.write('model.onnx', new Uint8Array(1)), ['ProtocolError']);
    await receiver.abandon();
    requireThat((await this.#store.find(this.#manifest(parts).digest)) !== null, 'abandoned after the end');
  }

  async #refuses(manifest: SegmentManifest, sent: Parts): Promise<void> {
    await requireRejection(this.#send(manifest, sent, 40), ['ProtocolError']);
    requireEqual(await this.#store.find(manifest.digest), null, 'a refused segment');
  }

  async #send(manifest: SegmentManifest, parts: Parts, chunkBytes: number): Promise<StoredSegment> {
    const receiver = await this.#store.receive(manifest, signal);
    for (const [name, part] of parts)
      for (let offset = 0; offset < part.length; offset += chunkBytes)
        await receiver.write(name, part.slice(offset, offset + chunkBytes));
    return receiver.finish();
  }

  #manifest(parts: Parts): SegmentManifest {
    const { createSha256 } = this.#setup;
    const manifests = [...parts].map(([name, part]) => ({
      name,
      sizeBytes: bytes(part.length),
      digest: digestBytes(part, createSha256),
    }));
    return manifestOf(manifests, createSha256);
  }

  async #requireParts(segment: StoredSegment, parts: Parts): Promise<void> {
    for (const name of ['model.onnx', 'weights.bin']) {
      const [got, expected] = [await this.#setup.read(segment, name), parts.get(name) ?? null];
      const same = got === null || expected === null ? got === expected : sameBytes(got, expected);
      requireThat(same, `${name} is not what was sent`);
    }
  }
}

function partsOf(modelBytes: number, weightsBytes: number | null): Parts {
  const parts = new Map([['model.onnx', patternBytes(modelBytes, 1)]]);
  if (weightsBytes !== null) parts.set('weights.bin', patternBytes(weightsBytes, 2));
  return parts;
}
