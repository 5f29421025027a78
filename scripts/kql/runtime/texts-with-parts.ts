/** Texts that have parts: URLs, paths, CSV records, command lines. */
import type { Bag, Dynamic } from './dynamic.ts';

const URL_PARTS =
  /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/;

function bagOf(pairs: readonly (readonly [string, Dynamic])[]): Bag {
  return new Map(pairs);
}

function queryParameters(query: string): Bag {
  const bag: Bag = new Map();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    bag.set(at < 0 ? pair : pair.slice(0, at), at < 0 ? '' : pair.slice(at + 1));
  }
  return bag;
}

/** `parse_url()`: absent parts are ''; the values of the query are not decoded. */
export function parseUrl(url: string): Dynamic {
  const [, scheme = '', user = '', password = '', host = '', port = '', path = '', query = '', fragment = ''] =
    URL_PARTS.exec(url) ?? [];
  return bagOf([
    ['Scheme', scheme],
    ['Host', host],
    ['Port', port],
    ['Path', path],
    ['Username', user],
    ['Password', password],
    ['Query Parameters', queryParameters(query)],
    ['Fragment', fragment],
  ]);
}

export function parseUrlQuery(query: string): Dynamic {
  return bagOf([['Query Parameters', queryParameters(query.startsWith('?') ? query.slice(1) : query)]]);
}

/** `parse_path()` of a Windows, UNC, POSIX or `file:` path. */
export function parsePath(path: string): Dynamic {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//.exec(path);
  const rest = path.slice(scheme?.[0].length ?? 0);
  const root = /^[A-Za-z]:[\\/]/.exec(rest)?.[0] ?? '';
  const slash = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\'));
  const directory = slash < 0 ? '' : rest.slice(0, slash);
  const last = rest.slice(slash + 1);
  const colon = last.indexOf(':');
  const filename = colon < 0 ? last : last.slice(0, colon);
  const point = filename.lastIndexOf('.');
  return bagOf([
    ['Scheme', scheme?.[1] ?? ''],
    ['RootPath', root],
    ['DirectoryPath', directory],
    ['DirectoryName', directory.split(/[\\/]/).at(-1) ?? ''],
    ['Filename', filename],
    ['Extension', point < 0 ? '' : filename.slice(point + 1)],
    ['AlternateDataStreamName', colon < 0 ? '' : last.slice(colon + 1)],
  ]);
}

/** `parse_csv()`: the fields of the first record. */
export function parseCsv(text: string): Dynamic {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      for (at++; at < text.length; at++) {
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') {
          field += '"';
          at++;
        } else break;
      }
      at++;
    }
    while (at < text.length && !',\r\n'.includes(text[at] as string)) field += text[at++];
    fields.push(field);
    if (text[at] !== ',') return fields;
    at++;
  }
}

/** `parse_command_line(text, "windows")`: the arguments as CommandLineToArgvW splits them. */
export function parseCommandLine(text: string): Dynamic {
  const args: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const slashes = /^\\*/.exec(text.slice(at))?.[0].length ?? 0;
    if (slashes > 0 && text[at + slashes] === '"') {
      current = (current ?? '') + '\\'.repeat(slashes >> 1);
      at += slashes;
      if (slashes % 2 === 1) current += '"';
      else quoted = !quoted;
    } else if (text[at] === '"') {
      current ??= '';
      if (quoted && text[at + 1] === '"') {
        current += '"';
        at++;
      } else quoted = !quoted;
    } else if (!quoted && /[ \t\n]/.test(text[at] as string)) {
      if (current !== undefined) args.push(current);
      current = undefined;
    } else current = (current ?? '') + text[at];
  }
  if (current !== undefined) args.push(current);
  return args.length === 0 ? null : args;
}
