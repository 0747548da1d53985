/** An incremental SHA-256, passed in by the platform. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal; called once, last. */
  hexadecimal(): string;
}

export type CreateSha256 = () => Sha256;

/** The digest of `bytes` in one go. */
export function digestBytes(bytes: Uint8Array, createSha256: CreateSha256): string {
  const hash = createSha256();
  hash.update(bytes);
  return hash.hexadecimal();
}

/** The digest of a JSON-able value that does not depend on the order of its keys. */
export function digestJson(value: unknown, createSha256: CreateSha256): string {
  return digestBytes(new TextEncoder().encode(canonicalJson(value)), createSha256);
}

/** JSON with keys sorted and no spaces; fields that are undefined are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (field === null || typeof field !== 'object' || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
