/** Functions that take a text apart. */
import * as parts from '../runtime/texts-with-parts.ts';
import { parseXml } from '../runtime/xml.ts';
import { constantText, type FunctionTable, typescriptFunction } from './define.ts';

const url = typescriptFunction('kql_parse_url', ['string'], 'dynamic', parts.parseUrl);
const urlQuery = typescriptFunction('kql_parse_urlquery', ['string'], 'dynamic', parts.parseUrlQuery);

export const parsingFunctions: FunctionTable = {
  parse_url: url,
  parseurl: url,
  parse_urlquery: urlQuery,
  parseurlquery: urlQuery,
  parse_path: typescriptFunction('kql_parse_path', ['string'], 'dynamic', parts.parsePath),
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
