import { type CreateSha256, digestJson } from '../digest.ts';
import type { Policies } from './policies.ts';

/** SHA-256 of the policies' JSON with sorted keys: two plans that decide alike have the same, wherever their stages run. */
export function policiesDigest(policies: Policies, createSha256: CreateSha256): string {
  return digestJson(policies, createSha256);
}
