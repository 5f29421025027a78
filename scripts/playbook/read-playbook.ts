/** Reads the workflows of a playbook file: an ARM template with any number of them, or a bare workflow definition. */
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { type ArmOptions, type ArmProblem, type DeployedResource, deployTemplate } from './arm/template.ts';
import { sampleText } from './stubs/shape.ts';
import { getOwn, isObject, setOwn, type Value, type ValueObject } from './value.ts';
import type { Workflow } from './workflow/model.ts';

export interface PlaybookFile {
  workflows: PlaybookWorkflow[];
  resources: DeployedResource[];
  problems: ArmProblem[];
  /** The template as it is written. */
  template: ValueObject;
}

export interface PlaybookWorkflow extends Workflow {
  /** JSON path of the definition in the file. */
  path: (string | number)[];
}

/** The file is not a JSON object; `line` and `column` count from 1. */
export class PlaybookSyntaxError extends Error {
  readonly line: number;
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super(message);
    this.name = 'PlaybookSyntaxError';
    this.line = line;
    this.column = column;
  }
}

/** Text of a file in UTF-8 or UTF-16, with or without a byte order mark. */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** Parses JSON with comments and trailing commas, as Azure accepts templates. @throws PlaybookSyntaxError */
export function parseTemplate(text: string): ValueObject {
  const options = { allowTrailingComma: true, disallowComments: false };
  const errors: ParseError[] = [];
  let value = parse(text, errors, options) as Value | undefined;
  if (errors.length > 0) {
    // Azure takes line breaks and tabs inside strings, which JSON does not.
    const again: ParseError[] = [];
    const lenient = parse(escapeBreaksInStrings(text), again, options) as Value | undefined;
    if (again.length === 0) {
      errors.length = 0;
      value = lenient;
    }
  }
  const [error] = errors;
  if (error !== undefined) {
    const before = text.slice(0, error.offset).split('\n');
    throw new PlaybookSyntaxError(
      `the file is not JSON: ${printParseErrorCode(error.error)}`,
      before.length,
      before.at(-1)!.length + 1,
    );
  }
  if (!isObject(value)) throw new PlaybookSyntaxError('the file does not hold a JSON object', 1, 1);
  return value;
}

function escapeBreaksInStrings(text: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (string) =>
    string.replace(/[\n\r\t]/g, (character) => escapes[character]!),
  );
}

/** A plausible value of a template parameter that has none: an allowed one, or one that fits its type and name. */
export function guessParameter(name: string, declaration: ValueObject): Value {
  const allowed = getOwn(declaration, 'allowedValues');
  if (Array.isArray(allowed) && allowed.length > 0) return allowed[0] ?? null;
  switch (String(getOwn(declaration, 'type') ?? 'string').toLowerCase()) {
    case 'int':
      return Number(getOwn(declaration, 'minValue') ?? 1);
    case 'bool':
      return true;
    case 'array':
      return [];
    case 'object':
    case 'secureobject':
      return {};
    default:
      return /playbook.?name|logic.?app.?name|workflow.?name/i.test(name)
        ? 'playbook'
        : sampleText(name).replace(/^sample of /, 'sample-');
  }
}

/** Reads a template and its workflows. @throws PlaybookSyntaxError */
export function readPlaybook(text: string, options: ArmOptions = {}): PlaybookFile {
  const template = parseTemplate(text);
  const bare = bareWorkflow(template);
  if (bare) return { workflows: [bare], resources: [], problems: [], template };
  const deployment = deployTemplate(template, { guessParameter, ...options });
  const workflows: PlaybookWorkflow[] = [];
  for (const { resource, path } of deployment.resources) {
    if (!/^microsoft\.logic\/workflows$/i.test(String(resource.type))) continue;
    const properties = isObject(resource.properties) ? resource.properties : {};
    const definition = getOwn(properties, 'definition');
    if (!isObject(definition)) continue;
    const parameters = getOwn(properties, 'parameters');
    const name = String(resource.name ?? 'playbook');
    workflows.push({
      name,
      resourceId: `/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/contoso-security/providers/Microsoft.Logic/workflows/${name}`,
      definition,
      parameters: isObject(parameters) ? parameters : {},
      location: String(resource.location ?? 'westeurope'),
      ...(isObject(resource.tags) ? { tags: resource.tags } : {}),
      path: [...path, 'properties', 'definition'],
    });
  }
  return { workflows, resources: deployment.resources, problems: deployment.problems, template };
}

/** A file that holds `{ definition, parameters }` or a definition alone, as the portal's code view shows it. */
function bareWorkflow(file: ValueObject): PlaybookWorkflow | undefined {
  if (getOwn(file, 'resources') !== undefined) return undefined;
  const inner = getOwn(file, 'definition');
  const definition = isObject(inner) ? inner : isObject(file.actions) && isObject(file.triggers) ? file : undefined;
  if (definition === undefined) return undefined;
  const parameters = definition === file ? {} : getOwn(file, 'parameters');
  return {
    name: 'workflow',
    resourceId:
      '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/contoso-security/providers/Microsoft.Logic/workflows/workflow',
    definition,
    parameters: isObject(parameters) ? parameters : {},
    path: definition === file ? [] : ['definition'],
  };
}

const connectionUse = /parameters\(\s*'\$connections'\s*\)\s*\??\[\s*'([^']+)'\s*\]/gi;

/**
 * The workflow with a connection for each that its expressions name, and a value for each parameter of the definition
 * that has none: what a dry run needs where the template leaves it to the deployment.
 */
export function completeParameters(workflow: Workflow): Workflow {
  const parameters: ValueObject = { ...workflow.parameters };
  const declared = getOwn(parameters, '$connections');
  const value = isObject(declared) ? getOwn(declared, 'value') : undefined;
  const connections: ValueObject = isObject(value) ? { ...value } : {};
  for (const [, name = ''] of JSON.stringify(workflow.definition).matchAll(connectionUse)) {
    const known = getOwn(connections, name);
    const sample = {
      connectionId: `/connections/${name}`,
      connectionName: name,
      id: `/managedApis/${name.toLowerCase()}`,
    };
    setOwn(connections, name, { ...sample, ...(isObject(known) ? known : {}) });
  }
  parameters.$connections = { value: connections };
  const declarations = isObject(workflow.definition.parameters) ? workflow.definition.parameters : {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const given = getOwn(parameters, name);
    const has = isObject(given) && ('value' in given || 'reference' in given);
    if (!has && isObject(declaration) && !('defaultValue' in declaration))
      setOwn(parameters, name, { value: guessParameter(name, declaration) });
  }
  return { ...workflow, parameters };
}
