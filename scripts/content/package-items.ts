/**
 * The function BreakGlassPackage tells the package's own rules, automation rules, playbooks and functions from everybody
 * else's, so that the alarm can watch itself. Its list is made from the content; `breakglass bump` keeps it up to date.
 */
import type { Content } from './model.ts';

/** One row of the list: what a resource id, a health record or an incident carries, and what people call it. */
export interface PackageItem {
  term: string;
  item: string;
}

/** Every item that somebody could change, disable or delete, in a stable order. Terms are in lower case. */
export function packageItems(content: Content): PackageItem[] {
  return [
    ...content.rules.map(({ source, value }) => ({ term: value.id.toLowerCase(), item: `rule ${source.slug}` })),
    ...content.automationRules.map(({ source, value }) => ({
      term: value.id.toLowerCase(),
      item: `automation rule ${source.slug}`,
    })),
    ...content.playbooks.map(({ source, value }) => ({
      term: playbookName(value.template) ?? source.slug,
      item: `playbook ${source.slug}`,
    })),
    ...content.functions.map(({ source, value }) => ({
      term: value.id.toLowerCase(),
      item: `function ${source.slug}`,
    })),
  ].sort((a, b) => a.item.localeCompare(b.item, 'en'));
}

/** The name that a playbook gets unless a target overrides it: the default of the parameter PlaybookName. */
function playbookName(template: unknown): string | undefined {
  const { parameters } = template as { parameters?: { PlaybookName?: { defaultValue?: unknown } } };
  const name = parameters?.PlaybookName?.defaultValue;
  return typeof name === 'string' ? name.toLowerCase() : undefined;
}

/** The body of the function BreakGlassPackage for this content. */
export function packageFunctionQuery(content: Content): string {
  const rows = packageItems(content).map(({ term, item }) => `    '${term}', '${item}'`);
  return `// One row an item: Term is what a resource id, a health record or an incident names it by.
datatable(Term:string, Item:string) [
${rows.join(',\n')}
]
`;
}
