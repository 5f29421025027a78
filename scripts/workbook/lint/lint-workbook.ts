/** `workbook lint`: what is wrong with a workbook before anyone deploys it. */
import { contentCatalog } from '../../content/catalog.ts';
import type { Content } from '../../content/model.ts';
import { type ParsedText, parseJson } from '../../content/source-map.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { workbookDiagnostic } from '../../diagnostics/workbook.ts';
import { isRecord, textOf } from '../lenient.ts';
import { type Item, parseWorkbook, type WorkbookModel, walkItems } from '../model.ts';
import { lintGallery, lintNames } from './gallery.ts';
import { lintQueries } from './queries.ts';
import { lintReferences } from './references.ts';
import { lintSchema } from './schema.ts';

/** What each check works on. */
export interface LintSubject {
  model: WorkbookModel;
  json: unknown;
  parsed: ParsedText;
  /** The path of an item in the JSON. */
  path(item: Item): (string | number)[];
}

/** @returns findings in no promised order; `content` supplies the functions and watchlists that queries may use */
export function lintWorkbook(
  file: string,
  text: string,
  content: Pick<Content, 'functions' | 'watchlists'>,
): Diagnostic[] {
  const parsed = parseJson(file, text);
  const json = parsed.value;
  if (!isRecord(json) || !Array.isArray(json.items)) {
    const reason = parsed.diagnostics[0]?.message.replace(/\.$/, '') ?? 'it has no "items"';
    return [workbookDiagnostic('workbook-json', parsed.diagnostics[0]?.place ?? { file }, { reason })];
  }
  const subject: LintSubject = { model: parseWorkbook(json), json, parsed, path: itemPath };
  return [
    ...parsed.diagnostics,
    ...lintSchema(subject),
    ...lintGallery(subject, text),
    ...lintNames(subject),
    ...lintReferences(subject),
    ...lintQueries(subject, contentCatalog(content)),
    ...unknownItems(subject),
  ];
}

/** Item `3.0` stands at items[3].content.items[0]. */
function itemPath(item: Item): (string | number)[] {
  return item.id.split('.').flatMap((index, depth) => [...(depth === 0 ? [] : ['content']), 'items', Number(index)]);
}

function unknownItems(subject: LintSubject): Diagnostic[] {
  return [...walkItems(subject.model.items)].flatMap((item) =>
    item.kind === 'unknown'
      ? [
          workbookDiagnostic('workbook-item-type', subject.parsed.place([...itemPath(item), 'type']), {
            type: item.type,
          }),
        ]
      : [],
  );
}

/** How an item is called in findings. */
export function itemLabel(item: Item): string {
  return item.name || ('title' in item ? (textOf(item.title) ?? '') : '') || item.id;
}
