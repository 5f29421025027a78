/** Functions that take a text apart. */
import * as parts from '../runtime/texts-with-parts.ts';
import { parseXml } from '../runtime/xml.ts';
import { constantText, type FunctionTable, sqlFunction, typescriptFunction } from './define.ts';

const url = typescriptFunction('kql_parse_url', ['string'], 'dynamic', parts.parseUrl);
const urlQuery = typescriptFunction('kql_parse_urlquery', ['string'], 'dynamic', parts.parseUrlQuery);

/**
 * One to four numbers of up to eight digits, missing ones zero, as one number of 32 digits
 * (https://learn.microsoft.com/kusto/query/parse-version-function). It has more digits before its point than decimals
 * have here, and none behind it: it is a DECIMAL(38,0), and an operation that would lose digits is an error.
 */
const version = sqlFunction(
  ['string'],
  ([text]) => {
    const part = (n: number): string => `lpad(split_part(${text}, '.', ${n}), 8, '0')`;
    const digits = [1, 2, 3, 4].map(part).join(' || ');
    const valid = `regexp_full_match(${text}, '[0-9]{1,8}(\\.[0-9]{1,8}){0,3}')`;
    return `CASE WHEN ${valid} THEN CAST(${digits} AS DECIMAL(38,0)) END`;
  },
  { once: true },
);

export const parsingFunctions: FunctionTable = {
  parse_url: url,
  parseurl: url,
  parse_urlquery: urlQuery,
  parseurlquery: urlQuery,
  parse_path: typescriptFunction('kql_parse_path', ['string'], 'dynamic', parts.parsePath),
  parse_version: version,
  parse_csv: typescriptFunction('kql_parse_csv', ['string'], 'dynamic', parts.parseCsv),
  parse_xml: typescriptFunction('kql_parse_xml', ['string'], 'dynamic', parseXml),
  parse_command_line: typescriptFunction(
    'kql_parse_command_line',
    ['string', 'string'],
    'dynamic',
    (text) => parts.parseCommandLine(text),
    {
      check: ([, kind], context) => {
        if (constantText(kind, 'the parser', context).toLowerCase() !== 'windows') {
          context.refuse('only the "windows" parser is known');
        }
      },
    },
  ),
};
