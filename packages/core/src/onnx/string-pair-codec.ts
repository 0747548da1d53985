import type { StringPair } from './model.ts';
import { type Codec, messageCodec } from './schema.ts';
import { text } from './schema-fields.ts';

/** StringStringEntryProto. */
export const stringPairCodec: Codec<StringPair> = messageCodec<StringPair>(
  () => ({ key: '', value: '' }),
  [text(1, 'key'), text(2, 'value')],
);
