/** The requirements that the package answers for, from schemas/requirements.yaml. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type Answerer = 'rule' | 'hunting' | 'workbook' | 'playbook' | 'tool' | 'documentation';

export interface Requirement {
  id: string;
  group: string;
  text: string;
  /** Which kinds of content have to answer for it. */
  answeredBy: readonly Answerer[];
}

let cache: readonly Requirement[] | undefined;

/** All requirements in the order of the file. */
export function requirements(): readonly Requirement[] {
  if (cache === undefined) {
    const text = readFileSync(new URL('../../schemas/requirements.yaml', import.meta.url), 'utf8');
    const groups = parse(text) as { group: string; requirements: Omit<Requirement, 'group'>[] }[];
    cache = groups.flatMap(({ group, requirements: list }) => list.map((item) => ({ ...item, group })));
  }
  return cache;
}

export function requirementIds(): string[] {
  return requirements().map((item) => item.id);
}

/** Requirement ids that tags name, as `Requirement:M1`, with the index of the tag. */
export function requirementTags(tags: readonly string[] = []): { id: string; index: number }[] {
  return tags.flatMap((tag, index) => {
    const id = /^Requirement:\s*(.+)$/i.exec(tag)?.[1];
    return id === undefined ? [] : [{ id, index }];
  });
}
