/** Secrets and identities. */
import type { ParsedText } from '../../content/source-map.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { playbookDiagnostic } from '../../diagnostics/playbook.ts';
import { walkExpression } from '../expression/parse.ts';
import type { PlaybookFile } from '../read-playbook.ts';
import { getOwn, isObject, type Value } from '../value.ts';
import { connectorOf } from '../workflow/actions/calls.ts';
import { secureSides } from '../workflow/definition.ts';
import type { LintedWorkflow } from './linted-workflow.ts';

const secretName =
  /(password|passwd|secret|api[-_ ]?key|apitoken|access[-_ ]?key|client[-_ ]?key|(auth|bearer|access)[-_ ]?token|webhook[-_ ]?ur[il]|connection[-_ ]?string)/i;
/** Names of where a secret is kept, which is none itself. */
const secretPlace = /(secret|key|vault|password)[-_ ]?(name|id|reference|path)$|keyvault/i;

/** Template parameters that hold secrets in the open. */
export function checkTemplateSecrets(file: PlaybookFile, parsed: ParsedText): Diagnostic[] {
  const found: Diagnostic[] = [];
  const parameters = isObject(file.template.parameters) ? file.template.parameters : {};
  for (const [name, declaration] of Object.entries(parameters)) {
    if (!isObject(declaration) || !secretName.test(name) || secretPlace.test(name)) continue;
    const secure = /^secure/i.test(String(declaration.type));
    const fallback = getOwn(declaration, 'defaultValue');
    if (!secure || (typeof fallback === 'string' && fallback !== '' && !fallback.startsWith('['))) {
      found.push(playbookDiagnostic('playbook-secret-plain', parsed.place(['parameters', name]), { name }));
    }
  }
  return found;
}

/** Connectors that take the managed identity. */
const withIdentity = new Set([
  'azuresentinel',
  'azuremonitorlogs',
  'keyvault',
  'azureautomation',
  'azuread',
  'azureblob',
  'azuretables',
]);

export function checkSecurity(linted: LintedWorkflow): void {
  const { workflow, definition } = linted;
  const declared = isObject(definition.parameters) ? definition.parameters : {};
  const secure = new Set(
    Object.entries(declared)
      .filter(([, item]) => isObject(item) && /^secure/i.test(String(item.type)))
      .map(([name]) => name.toLowerCase()),
  );
  for (const name of Object.keys(declared)) {
    if (!secure.has(name.toLowerCase()) && secretName.test(name) && !secretPlace.test(name)) {
      linted.diagnostics.push(
        playbookDiagnostic('playbook-secret-plain', linted.place(['parameters', name]), { name }),
      );
    }
  }
  checkShown(linted, secure);
  const connections = getOwn(workflow.parameters, '$connections');
  const value = isObject(connections) ? getOwn(connections, 'value') : undefined;
  for (const [name, connection] of Object.entries(isObject(value) ? value : {})) {
    if (!isObject(connection)) continue;
    const api =
      String(connection.id ?? '')
        .split('/')
        .at(-1)
        ?.toLowerCase() ?? '';
    const properties = getOwn(connection, 'connectionProperties');
    const authentication = isObject(properties) ? getOwn(properties, 'authentication') : undefined;
    const identity = isObject(authentication) && /^ManagedServiceIdentity$/i.test(String(authentication.type));
    if (withIdentity.has(api) && !identity) {
      linted.diagnostics.push(
        playbookDiagnostic('playbook-connection-identity', linted.place([]), { connection: name }),
      );
    }
  }
  checkHttp(linted);
}

function checkShown(linted: LintedWorkflow, secure: Set<string>): void {
  const shown = new Set<string>();
  for (const { action, expressions, path } of linted.strings) {
    if (
      action === undefined ||
      action.type === 'if' ||
      path[action.path.length] !== 'inputs' ||
      secureSides(action.definition).has('inputs')
    )
      continue;
    for (const expression of expressions) {
      walkExpression(expression, (node) => {
        if (node.kind !== 'call' || node.name.toLowerCase() !== 'parameters') return;
        const [first] = node.args;
        const name = first?.kind === 'literal' ? String(first.value) : '';
        if (!secure.has(name.toLowerCase()) || shown.has(`${action.name} ${name}`)) return;
        shown.add(`${action.name} ${name}`);
        linted.diagnostics.push(playbookDiagnostic('playbook-secret-shown', linted.place(path), { name }));
      });
    }
  }
  for (const action of linted.actions) {
    const inputs = isObject(action.definition.inputs) ? action.definition.inputs : {};
    const reads =
      connectorOf(inputs, linted.workflow.parameters) === 'keyvault' ||
      /\['keyvault'\]/i.test(JSON.stringify(getOwn(inputs, 'host') ?? ''));
    if (
      reads &&
      /\/secrets\/.*\/value/i.test(String(getOwn(inputs, 'path') ?? '')) &&
      !secureSides(action.definition).has('outputs')
    ) {
      linted.diagnostics.push(
        playbookDiagnostic('playbook-secret-shown', linted.place(action.path), { name: 'value' }),
      );
    }
  }
}

/** Microsoft's own APIs take a token; without authentication the call fails or somebody has put a token by hand. */
function checkHttp(linted: LintedWorkflow): void {
  for (const action of linted.actions) {
    if (action.type !== 'http' || !isObject(action.definition.inputs)) continue;
    const uri: Value = getOwn(action.definition.inputs, 'uri') ?? '';
    const host =
      /https:\/\/(graph\.microsoft\.com|management\.azure\.com|api\.securitycenter\.(microsoft\.com|windows\.com))/i.exec(
        String(uri),
      )?.[1];
    const headers = getOwn(action.definition.inputs, 'headers');
    const token = isObject(headers) && getOwn(headers, 'Authorization') !== undefined;
    if (host !== undefined && getOwn(action.definition.inputs, 'authentication') === undefined && !token) {
      linted.diagnostics.push(
        playbookDiagnostic('playbook-http-authentication', linted.place([...action.path, 'inputs']), { host }),
      );
    }
  }
}
