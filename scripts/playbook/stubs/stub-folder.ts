/**
 * Stubs in files, in the platform's own `staticResults` shape (`status`, `outputs` with `statusCode`, `headers`, `body`,
 * `error`, `code`), and `delay`, an ISO 8601 duration until the answer. Chosen by action (`<Action_name>.json`) or by
 * connector, method and path (`match` in the file). A list of answers is for one call after the other; the last repeats.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../diagnostics/errors.ts';
import { PlaybookSyntaxError, parseTemplate } from '../read-playbook.ts';
import { isObject, type Value, type ValueObject } from '../value.ts';
import { parseDuration } from '../workflow/duration.ts';
import type { Service, ServiceAnswer, ServiceCall } from '../workflow/model.ts';

interface Stub {
  file: string;
  matches: (call: ServiceCall) => boolean;
  answers: ServiceAnswer[];
  used: number;
}

/** Reads the stubs of a folder. @throws UserError for an unreadable folder or a file that is not a stub */
export async function stubFolder(folder: string): Promise<Service> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new UserError('STUBS_MISSING', {
      what: 'the folder of stubs cannot be read',
      place: folder,
      remedy: 'Name a folder with one JSON file for each stub.',
      cause,
    });
  });
  const stubs: Stub[] = [];
  for (const name of names.filter((item) => item.endsWith('.json')).sort()) {
    const file = join(folder, name);
    stubs.push(readStub(file, await readFile(file, 'utf8')));
  }
  return (call) => {
    const stub = stubs.find(({ matches }) => matches(call));
    if (stub === undefined) return undefined;
    const answer = stub.answers[Math.min(stub.used, stub.answers.length - 1)];
    stub.used++;
    return answer;
  };
}

function readStub(file: string, text: string): Stub {
  const fail = (what: string, place = file): never => {
    throw new UserError('STUB_INVALID', {
      what,
      place,
      remedy:
        'Write {"status": "Succeeded", "outputs": {"statusCode": 200, "body": {}}}, or {"match": {"connector": "teams", "method": "POST", "path": "/v1.0/*"}, "results": [ … ]}.',
    });
  };
  let content: ReturnType<typeof parseTemplate>;
  try {
    content = parseTemplate(text);
  } catch (error) {
    if (error instanceof PlaybookSyntaxError) return fail(error.message, `${file}:${error.line}:${error.column}`);
    throw error;
  }
  const results = Array.isArray(content.results) ? content.results : [content];
  for (const result of results) checkAnswer(result, fail);
  const answers = results as unknown as ServiceAnswer[];
  if (answers.length === 0) fail('the stub has no results');
  const action = basename(file, '.json').toLowerCase();
  const match = content.match;
  if (!isObject(match)) return { file, answers, used: 0, matches: (call) => call.action.toLowerCase() === action };
  const patterns = Object.entries(match).map(([key, pattern]) => {
    if (!['action', 'connector', 'method', 'path', 'uri'].includes(key) || typeof pattern !== 'string')
      fail(`'match' takes texts for action, connector, method, path and uri, not '${key}'`);
    return { key: key as 'action' | 'connector' | 'method' | 'path' | 'uri', pattern: wildcard(String(pattern)) };
  });
  return {
    file,
    answers,
    used: 0,
    matches: (call) => patterns.every(({ key, pattern }) => pattern.test(call[key] ?? '')),
  };
}

function checkAnswer(result: Value, fail: (what: string) => never): void {
  const { status, outputs, delay }: ValueObject = isObject(result) ? result : fail('a result must be an object');
  if (status !== undefined && !['Succeeded', 'Failed', 'TimedOut', 'Skipped'].includes(String(status)))
    fail(`'${String(status)}' is not a status of a static result`);
  if (outputs !== undefined && !isObject(outputs)) fail("'outputs' must be an object");
  if (status === undefined && outputs === undefined && delay === undefined)
    fail("a result needs 'status' or 'outputs'");
  if (delay !== undefined && parseDuration(delay) === undefined)
    fail("'delay' must be an ISO 8601 duration such as PT5M");
}

/** `*` stands for any text; case does not count. */
function wildcard(pattern: string): RegExp {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('[\\s\\S]*')}$`, 'i');
}
