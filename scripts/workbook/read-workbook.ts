/** Reading a workbook from a file: a gallery template, a `.workbook` file, or an ARM template that holds one. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { parse as parseYaml } from 'yaml';
import { UserError } from '../diagnostics/errors.ts';
import { isRecord, listOf, recordOf, textOf } from './lenient.ts';

/** Larger files are no workbooks: Azure refuses content above 1 MB. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface WorkbookFile {
  file: string;
  text: string;
  /** The workbook itself, also where the file is an ARM template around it. */
  json: Record<string, unknown>;
  /** Of the ARM template, or of the workbook.yaml beside it. */
  displayName?: string;
  version?: string;
}

/**
 * @throws UserError where the file cannot be read, is no JSON, or holds no workbook
 */
export async function readWorkbook(file: string): Promise<WorkbookFile> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes`);
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UserError('WORKBOOK_UNREADABLE', {
      what: `the workbook cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      place: file,
      remedy: 'name a workbook.json, a .workbook file or an ARM template with a workbook in it',
    });
  }
  return { file, text, ...parseWorkbookText(text, file), ...(await description(file)) };
}

/** What the portal shows about a workbook of this package: workbook.yaml beside workbook.json. */
async function description(file: string): Promise<{ displayName?: string; version?: string }> {
  let fields: Record<string, unknown>;
  try {
    fields = recordOf(parseYaml(await readFile(join(dirname(file), 'workbook.yaml'), 'utf8')));
  } catch {
    return {};
  }
  const [displayName, version] = [textOf(fields.displayName), textOf(fields.version)];
  return { ...(displayName ? { displayName } : {}), ...(version ? { version } : {}) };
}

/** The workbook in a text. @throws UserError as `readWorkbook` */
export function parseWorkbookText(text: string, file: string): { json: Record<string, unknown>; displayName?: string } {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first && !isRecord(value)) {
    const before = text.slice(0, first.offset);
    const line = before.split('\n').length;
    throw new UserError('WORKBOOK_JSON', {
      what: `the file is no JSON: ${printParseErrorCode(first.error)}`,
      place: `${file}:${line}:${first.offset - before.lastIndexOf('\n')}`,
      remedy: 'mend the JSON at the place named',
    });
  }
  if (isRecord(value) && Array.isArray(value.items)) return { json: value };
  const inTemplate = workbookInTemplate(value);
  if (inTemplate) return inTemplate;
  throw new UserError('WORKBOOK_NONE', {
    what: 'the file holds no workbook: it has no "items"',
    place: file,
    remedy: 'name a workbook in gallery format ("version": "Notebook/1.0", "items": [...])',
  });
}

// `Microsoft.Insights/workbooks` carries the workbook as text in `serializedData`; exports put it into a parameter or
// variable of the template.
function workbookInTemplate(value: unknown): { json: Record<string, unknown>; displayName?: string } | undefined {
  const root = recordOf(value);
  const candidates: unknown[] = [];
  let displayName: string | undefined;
  for (const resource of listOf(root.resources).filter(isRecord)) {
    if (!/\/workbooks(templates)?$/i.test(textOf(resource.type) ?? '')) continue;
    const properties = recordOf(resource.properties);
    candidates.push(properties.serializedData, properties.templateData);
    displayName = textOf(properties.displayName);
  }
  for (const one of Object.values(recordOf(root.variables))) candidates.push(one);
  for (const one of Object.values(recordOf(root.parameters))) candidates.push(recordOf(one).defaultValue);
  for (const candidate of candidates) {
    const json = typeof candidate === 'string' && candidate.includes('"items"') ? tryParse(candidate) : candidate;
    if (isRecord(json) && Array.isArray(json.items)) {
      return { json, ...(displayName === undefined || displayName.startsWith('[') ? {} : { displayName }) };
    }
  }
  return undefined;
}

function tryParse(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}
