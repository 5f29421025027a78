import { beforeAll, describe, expect, test } from 'vitest';
import { contentCatalog } from '../../scripts/content/catalog.ts';
import { deployableQuery } from '../../scripts/content/deployable-query.ts';
import type { Content } from '../../scripts/content/model.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { translate } from '../../scripts/kql/translate.ts';

let content: Content;
beforeAll(async () => {
  ({ content } = await readContent('.'));
});

/** The stages of a statement with their numbers taken in the order in which they are named. */
function renumbered(sql: string): string {
  const names = new Map<string, string>();
  return sql.replace(/"[#$]\d+"/g, (name) => {
    const known = names.get(name) ?? `"${names.size}"`;
    names.set(name, known);
    return known;
  });
}

describe('a rule as it is deployed, with its functions inlined', () => {
  test('is the same statement as the one that calls them', () => {
    const catalog = contentCatalog(content);
    const differing = content.rules
      .filter(({ value }) => {
        const sql = (query: string): string => renumbered(translate(query, catalog).sql({ ingestedTo: true }));
        return sql(value.query) !== sql(deployableQuery(value.query, content));
      })
      .map(({ source }) => source.slug);
    expect(differing).toEqual([]);
  }, 60_000);
});
