import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contentCatalog } from '../../scripts/content/catalog.ts';
import { deployableQuery } from '../../scripts/content/deployable-query.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { analyze } from '../../scripts/kql/language-service.ts';

const { content } = await readContent(fileURLToPath(new URL('../..', import.meta.url)));
const bare = { ...contentCatalog(content), functions: [] };

describe('as deployed, every query stands alone, in a workspace without the functions of the package', () => {
  test.each([...content.rules, ...content.huntingQueries].map((item) => [item.source.slug, item.value.query]))(
    '%s',
    (_, query) => {
      const errors = analyze(deployableQuery(query, content), bare).diagnostics.filter(
        (item) => item.severity === 'error',
      );
      expect(errors).toEqual([]);
    },
  );
});
