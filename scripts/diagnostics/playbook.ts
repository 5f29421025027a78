/** Findings in playbooks. */
import { defineDiagnostics } from './diagnostic.ts';

export const playbookDiagnostic = defineDiagnostics({
  'playbook-syntax': {
    severity: 'error',
    message: ({ detail }: { detail: string }) => `The template cannot be read: ${detail}`,
    remedy: 'Mend the JSON.',
  },
  'playbook-template-expression': {
    severity: 'error',
    message: ({ detail }: { detail: string }) => `The template expression cannot be evaluated: ${detail}`,
    remedy: 'Mend the expression between the square brackets; a text that begins with [ is written with [[.',
  },
  'playbook-definition': {
    severity: 'error',
    message: ({ fault }: { fault: string }) => `The workflow cannot be deployed: ${fault}`,
    remedy: "Name actions of the same scope in 'runAfter', without circles.",
  },
  'playbook-expression': {
    severity: 'error',
    message: ({ detail }: { detail: string }) => `The expression cannot be parsed: ${detail}`,
    remedy: 'Mend the expression; a literal @ at the beginning is written @@, a literal @{ is written @@{.',
  },
  'playbook-function-unknown': {
    severity: 'error',
    message: ({ name }: { name: string }) => `There is no function '${name}' in workflows.`,
    remedy: 'Use a function of the Workflow Definition Language.',
  },
  'playbook-function-arguments': {
    severity: 'error',
    message: ({ name, count }: { name: string; count: number }) => `'${name}' does not take ${count} arguments.`,
    remedy: 'Give it the arguments of its signature.',
  },
  'playbook-action-type-unknown': {
    severity: 'error',
    message: ({ type }: { type: string }) => `'${type}' is not a type of actions.`,
    remedy: 'Use a type of the Workflow Definition Language.',
  },
  'playbook-variable-undeclared': {
    severity: 'error',
    message: ({ name }: { name: string }) => `The variable '${name}' is not initialized.`,
    remedy: 'Add an InitializeVariable action for it at the top level.',
  },
  'playbook-parameter-undeclared': {
    severity: 'error',
    message: ({ name }: { name: string }) => `The definition has no parameter '${name}'.`,
    remedy: "Declare it in 'parameters' of the definition, or use a parameter that is declared.",
  },
  'playbook-action-unknown': {
    severity: 'error',
    message: ({ name }: { name: string }) => `There is no action '${name}'.`,
    remedy: 'Use the name of an action of this workflow, with underscores for blanks.',
  },
  'playbook-action-not-before': {
    severity: 'error',
    message: ({ name }: { name: string }) => `The action '${name}' does not always run before this one.`,
    remedy: "Add it, or an action that comes after it, to 'runAfter'.",
  },
  'playbook-unreachable': {
    severity: 'warning',
    message: ({ why }: { why: string }) => `This can never run: ${why}.`,
    remedy: 'Delete it, or mend the condition in front of it.',
  },
  'playbook-parallel-write': {
    severity: 'warning',
    message: ({ variable, loop }: { variable: string; loop: string }) =>
      `Iterations of '${loop}' run side by side and write the variable '${variable}': they overwrite each other.`,
    remedy:
      'Make the loop sequential ("operationOptions": "Sequential"), or use Select or Compose in place of the variable.',
  },
  'playbook-optional-field': {
    severity: 'warning',
    message: ({ expression }: { expression: string }) => `'${expression}' fails when the field is missing.`,
    remedy: "Write '?' in front of the field, and coalesce() where a value is needed.",
  },
  'playbook-secret-plain': {
    severity: 'error',
    message: ({ name }: { name: string }) => `The parameter '${name}' holds a secret and is not a secure one.`,
    remedy: 'Declare it as securestring without a default value, and as SecureString in the definition.',
  },
  'playbook-secret-shown': {
    severity: 'warning',
    message: ({ name }: { name: string }) => `The run history of this action shows the secret '${name}'.`,
    remedy:
      'Add "runtimeConfiguration": {"secureData": {"properties": ["inputs"]}}; for a secret that is read, "outputs" too.',
  },
  'playbook-connection-identity': {
    severity: 'warning',
    message: ({ connection }: { connection: string }) =>
      `The connection '${connection}' does not use the managed identity.`,
    remedy:
      'Add "connectionProperties": {"authentication": {"type": "ManagedServiceIdentity"}}, an identity of the workflow, and "parameterValueType": "Alternative" to the connection.',
  },
  'playbook-http-authentication': {
    severity: 'error',
    message: ({ host }: { host: string }) => `The call to ${host} carries no managed identity.`,
    remedy: 'Add "authentication": {"type": "ManagedServiceIdentity", "audience": "https://…"}.',
  },
  'playbook-markup': {
    severity: 'error',
    message: ({ expression, sink }: { expression: string; sink: string }) =>
      `'${expression}' goes into the HTML of ${sink} as it is: a name in a log could put markup there.`,
    remedy: "Encode it: replace(replace(replace(x, '&', '&amp;'), '<', '&lt;'), '>', '&gt;').",
  },
  'playbook-not-built': {
    severity: 'error',
    message: ({ slug }: { slug: string }) => `The template of ${slug} is not what its queries and guides make of it.`,
    remedy: 'Run `breakglass playbook build`.',
  },
});
