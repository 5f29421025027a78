/** One item in another form. Pure. */
import { stringify } from 'yaml';
import { deployableQuery } from '../content/deployable-query.ts';
import type { Content } from '../content/model.ts';
import { UserError } from '../diagnostics/errors.ts';
import { resourceOf, standInItems } from './arm-export.ts';
import { bicepOf } from './bicep.ts';

/** @throws UserError where there is no such item, or it has no such form. */
export function exportItem(content: Content, key: string, form: 'yaml' | 'bicep'): string {
  return form === 'yaml' ? yamlOf(content, key) : bicepText(content, key);
}

function bicepText(content: Content, key: string): string {
  const items = standInItems(content).filter((item) => item.kind !== 'playbook');
  const item = items.find((candidate) => candidate.key === key);
  if (item === undefined)
    throw unknown(
      key,
      items.map((candidate) => candidate.key),
    );
  return bicepOf(item, resourceOf(item, []));
}

function yamlOf(content: Content, key: string): string {
  const values = new Map<string, unknown>([
    ...content.rules.map(({ source, value }): [string, unknown] => [
      `rule/${source.slug}`,
      { ...value, query: `${deployableQuery(value.query, content)}\n` },
    ]),
    ...content.huntingQueries.map(({ source, value }): [string, unknown] => [
      `huntingQuery/${source.slug}`,
      { ...value, query: `${deployableQuery(value.query, content)}\n` },
    ]),
    ...content.functions.map(({ source, value }): [string, unknown] => [`function/${source.slug}`, value]),
  ]);
  if (!values.has(key)) throw unknown(key, [...values.keys()]);
  return stringify(values.get(key), { lineWidth: 0, blockQuote: 'literal' });
}

function unknown(key: string, known: readonly string[]): UserError {
  return new UserError('item-unknown', {
    what: `there is no ${key} that has this form`,
    remedy: `one of: ${known.join(', ')}`,
  });
}
