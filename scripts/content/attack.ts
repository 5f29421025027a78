/** The part of MITRE ATT&CK that the package speaks of, from schemas/attack.json. */
import { readFileSync } from 'node:fs';

export interface Technique {
  name: string;
  /** As Sentinel spells them: without spaces. */
  tactics: readonly string[];
}

let cache: Readonly<Record<string, Technique>> | undefined;

/** Techniques and sub-techniques by id, such as `T1078.004`. */
export function techniques(): Readonly<Record<string, Technique>> {
  if (cache === undefined) {
    const text = readFileSync(new URL('../../schemas/attack.json', import.meta.url), 'utf8');
    cache = (JSON.parse(text) as { techniques: Record<string, Technique> }).techniques;
  }
  return cache;
}
