/** Rules of the gallery and of tidy workbooks: template id, resource ids, names, left-over settings. */
import { positionAt } from '../../content/source-map.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { workbookDiagnostic } from '../../diagnostics/workbook.ts';
import { recordOf } from '../lenient.ts';
import { type QueryItem, walkItems } from '../model.ts';
import { chartShape } from '../view/chart.ts';
import { itemLabel, type LintSubject } from './lint-workbook.ts';

/**
 * Azure-Sentinel refuses `sentinel-UserWorkbook` and resource ids (its workbookTemplateCheckers, fromTemplateIdChecker.ts
 * and containResourceInfoChecker.ts).
 */
export function lintGallery(subject: LintSubject, text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const id = subject.model.fromTemplateId ?? '';
  if (id === '' || /^sentinel-UserWorkbook$/i.test(id)) {
    found.push(workbookDiagnostic('workbook-template-id', subject.parsed.place(['fromTemplateId'], 'key'), { id }));
  }
  for (const match of text.matchAll(/subscriptions\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[^"\\\s]*/gi)) {
    const start = positionAt(text, match.index);
    const place = { file: subject.parsed.place([]).file, start };
    found.push(workbookDiagnostic('workbook-resource-id', place, { id: match[0].slice(0, 120) }));
  }
  for (const item of walkItems(subject.model.items)) {
    if (item.kind === 'query') found.push(...deadSettings(subject, item));
  }
  return found;
}

const BLOCKS = [
  'chartSettings',
  'gridSettings',
  'tileSettings',
  'mapSettings',
  'graphSettings',
  'textSettings',
  'statSettings',
];

function deadSettings(subject: LintSubject, item: QueryItem): Diagnostic[] {
  // Without a visualisation the query's render decides, and the reader can switch.
  if (item.visualization === '') return [];
  const used = chartShape(item.visualization, false)
    ? 'chartSettings'
    : (
        {
          tiles: 'tileSettings',
          map: 'mapSettings',
          graph: 'graphSettings',
          card: 'textSettings',
          text: 'textSettings',
          stat: 'statSettings',
          table: 'gridSettings',
        } as Record<string, string>
      )[item.visualization];
  if (used === undefined) return [];
  return BLOCKS.filter((block) => block !== used && Object.keys(recordOf(item.content[block])).length > 0).map(
    (block) =>
      workbookDiagnostic(
        'workbook-settings-dead',
        subject.parsed.place([...subject.path(item), 'content', block], 'key'),
        {
          item: itemLabel(item),
          block,
          visualization: item.visualization,
        },
      ),
  );
}

export function lintNames(subject: LintSubject): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const item of walkItems(subject.model.items)) {
    const path = subject.path(item);
    if (item.name === '') {
      found.push(workbookDiagnostic('workbook-name-missing', subject.parsed.place(path), { type: item.kind }));
    } else if (seen.has(item.name)) {
      found.push(
        workbookDiagnostic('workbook-name-duplicate', subject.parsed.place([...path, 'name']), { name: item.name }),
      );
    }
    seen.add(item.name);
  }
  return found;
}
