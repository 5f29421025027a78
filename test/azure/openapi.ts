/** Requests against Microsoft's own descriptions of its APIs (azure-rest-api-specs), where these are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json, JsonObject } from '../../scripts/azure/json.ts';
import type { SeenRequest } from './fake-azure.ts';

/** Beside the project; without it the checks are skipped and say so. */
export const specifications = fileURLToPath(new URL('../../../shared/azure-specs', import.meta.url));
export const hasSpecifications = existsSync(path.join(specifications, 'specification'));

interface Validator {
  validateLiveRequest(request: object): Promise<{
    isSuccessful?: boolean;
    errors: { code: string; message: string; pathsInPayload?: string[] }[];
    runtimeException?: { code?: string; message: string };
  }>;
}

export async function makeValidator(): Promise<Validator> {
  const { LiveValidator } = await import('oav/dist/lib/liveValidation/liveValidator.js');
  const validator = new LiveValidator({
    directory: specifications,
    git: { shouldClone: false },
    swaggerPathsPattern: [
      'securityinsights/resource-manager/Microsoft.SecurityInsights/stable/2024-03-01/*.json',
      'securityinsights/resource-manager/Microsoft.SecurityInsights/preview/2022-09-01-preview/*.json',
      'operationalinsights/resource-manager/Microsoft.OperationalInsights/stable/*/*.json',
      'applicationinsights/resource-manager/Microsoft.Insights/stable/*/*.json',
      'logic/resource-manager/Microsoft.Logic/stable/2019-05-01/*.json',
      'resources/resource-manager/Microsoft.Resources/stable/2024-03-01/*.json',
    ].map((pattern) => `/specification/${pattern}`),
    excludedSwaggerPathsPattern: ['**/examples/**'],
    isPathCaseSensitive: false,
    loadValidatorInInitialize: true,
    useRelativeSourceLocationUrl: true,
    isArmCall: true,
  } as never);
  await validator.initialize();
  return validator as unknown as Validator;
}

/** Requests that these descriptions do not cover: authorization, connections, subscriptions, and the newest previews. */
export function isDescribed(request: SeenRequest): boolean {
  const version = request.url.searchParams.get('api-version');
  if (/microsoft\.authorization|microsoft\.web\/connections|operationstatuses/i.test(request.path)) return false;
  if (/^\/subscriptions\/[^/]+$/i.test(request.path)) return false;
  return version !== '2025-07-01-preview';
}

/** What is wrong with a request, in words; empty where nothing is. */
export async function violations(validator: Validator, request: SeenRequest): Promise<string[]> {
  const result = await validator.validateLiveRequest({
    url: `${request.path}${request.url.search}`,
    method: request.method,
    headers: { 'content-type': 'application/json' },
    query: Object.fromEntries(request.url.searchParams),
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const found = result.errors.map((error) => `${error.code} ${error.message} ${(error.pathsInPayload ?? []).join()}`);
  if (result.runtimeException) found.push(result.runtimeException.message);
  if (result.isSuccessful !== true && found.length === 0) found.push('not successful');
  return [...found.map((text) => `${request.method} ${request.path}: ${text}`), ...enumViolations(request)];
}

/**
 * Words that an `enum` of the descriptions does not list. The validator lets these pass, as new values may be added; a
 * value that the service does not know today is a mistake here.
 */
function enumViolations(request: SeenRequest): string[] {
  if (request.body === undefined) return [];
  const version = request.url.searchParams.get('api-version') ?? '';
  const definitions = definitionsFor(request.path, version);
  const found: string[] = [];
  const visit = (value: Json, schema: JsonObject | undefined, at: string, file: string): void => {
    if (schema === undefined) return;
    const { schema: real, file: where } = resolve(schema, file);
    if (Array.isArray(real.enum) && typeof value === 'string' && !real.enum.includes(value))
      found.push(`${request.path}: ${at} "${value}" is none of ${real.enum.join(', ')}`);
    if (Array.isArray(value))
      for (const [index, item] of value.entries())
        visit(item, real.items as JsonObject | undefined, `${at}[${index}]`, where);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value))
        visit(inner, propertyOf(real, name, value, where), `${at}.${name}`, where);
    }
  };
  if (definitions) visit(request.body, definitions.schema, 'body', definitions.file);
  return found;
}

const documents = new Map<string, JsonObject>();
function read(file: string): JsonObject {
  const known = documents.get(file);
  if (known) return known;
  const document = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as JsonObject;
  documents.set(file, document);
  return document;
}

function resolve(schema: JsonObject, file: string): { schema: JsonObject; file: string } {
  let [current, where] = [schema, file];
  while (typeof current.$ref === 'string') {
    const [target = '', pointer = ''] = current.$ref.split('#');
    if (target !== '') where = path.resolve(path.dirname(where), target);
    current = pointer
      .split('/')
      .slice(1)
      .reduce<Json>((value, step) => (value as JsonObject)[step]!, read(where)) as JsonObject;
  }
  return { schema: current, file: where };
}

/** A property of a schema, of what it extends, or of the subtype that the value's discriminator names. */
function propertyOf(schema: JsonObject, name: string, value: JsonObject, file: string): JsonObject | undefined {
  const own = (schema.properties as JsonObject | undefined)?.[name];
  if (own !== undefined)
    return {
      ...(own as JsonObject),
      ...(typeof (own as JsonObject).$ref === 'string'
        ? { $ref: absolute((own as JsonObject).$ref as string, file) }
        : {}),
    };
  for (const parent of (schema.allOf as JsonObject[] | undefined) ?? []) {
    const { schema: real, file: where } = resolve(parent, file);
    const inherited = propertyOf(real, name, {}, where);
    if (inherited) return inherited;
  }
  const discriminator = schema.discriminator as string | undefined;
  if (discriminator === undefined || typeof value[discriminator] !== 'string') return undefined;
  for (const candidate of Object.values((read(file).definitions ?? {}) as Record<string, JsonObject>)) {
    if (candidate['x-ms-discriminator-value'] === value[discriminator])
      return propertyOf({ ...candidate, allOf: [] }, name, {}, file);
  }
  return undefined;
}

function absolute(reference: string, file: string): string {
  return reference.startsWith('#')
    ? `${file}${reference}`
    : `${path.resolve(path.dirname(file), reference.split('#')[0]!)}#${reference.split('#')[1]}`;
}

/** The schema of the body of a PUT by the kind of thing in its path. */
function definitionsFor(requestPath: string, version: string): { schema: JsonObject; file: string } | undefined {
  const sentinel = (file: string): string =>
    path.join(
      specifications,
      'specification/securityinsights/resource-manager/Microsoft.SecurityInsights',
      version.includes('preview') ? `preview/${version}` : `stable/${version}`,
      file,
    );
  const table: [RegExp, string, string][] = [
    [/\/alertRules\//i, sentinel('AlertRules.json'), 'AlertRule'],
    [/\/automationRules\//i, sentinel('AutomationRules.json'), 'AutomationRule'],
    [/\/watchlists\/[^/]+$/i, sentinel('Watchlists.json'), 'Watchlist'],
    [/\/metadata\//i, sentinel('Metadata.json'), 'MetadataModel'],
    [
      /\/workbooks\//i,
      path.join(
        specifications,
        'specification/applicationinsights/resource-manager/Microsoft.Insights/stable/2023-06-01/workbooks_API.json',
      ),
      'Workbook',
    ],
  ];
  const found = table.find(([pattern, file]) => pattern.test(requestPath) && existsSync(file));
  if (!found) return undefined;
  const [, file, name] = found;
  return { schema: (read(file).definitions as Record<string, JsonObject>)[name]!, file };
}
