import { describe, expect, it } from 'vitest';
import { lintPlaybook } from '../../scripts/playbook/lint/index.ts';
import type { ValueObject } from '../../scripts/playbook/value.ts';
import { action, api, template, trigger, workflow } from './synthetic-templates.ts';

/** `code line` of each finding in a workflow of these actions; identity findings only where they are asked for. */
function lint(actions: ValueObject, more: ValueObject = {}, identity = false): string[] {
  const text = JSON.stringify(template([workflow(trigger.incident, actions, more)]), null, 2);
  return lintPlaybook('x.json', text)
    .filter(({ code }) => identity || code !== 'playbook-connection-identity')
    .map(({ code, place }) => {
      const line = text.split('\n')[(place.start?.line ?? 1) - 1]!.trim();
      return `${code}: ${line}`;
    });
}
const title = "triggerBody()?['object']?['properties']?['title']";
const encoded = (expression: string) =>
  `replace(replace(replace(${expression}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')`;
const comment = (message: string) =>
  api('azuresentinel', 'post', '/Incidents/Comment', { incidentArmId: "@triggerBody()?['object']?['id']", message });

describe('names', () => {
  it('finds what is not there, at its place', () => {
    expect(
      lint({
        A: action('Compose', "@variables('Nope')"),
        B: action('SetVariable', { name: 'Nope', value: 1 }),
        C: action('Compose', "@parameters('Nope')"),
        D: action('Compose', "@body('Nope')"),
        E: action('Compose', '@nope()'),
        F: action('Compose', "@concat('a'"),
        G: action('Compose', '@length()'),
        H: action('Teleport', {}),
        I: action('Compose', 1, ['Nope']),
      }),
    ).toEqual([
      'playbook-definition: "actions": {',
      `playbook-variable-undeclared: "inputs": "@variables('Nope')",`,
      'playbook-variable-undeclared: "name": "Nope",',
      `playbook-parameter-undeclared: "inputs": "@parameters('Nope')",`,
      `playbook-action-unknown: "inputs": "@body('Nope')",`,
      'playbook-function-unknown: "inputs": "@nope()",',
      `playbook-expression: "inputs": "@concat('a'",`,
      'playbook-function-arguments: "inputs": "@length()",',
      'playbook-action-type-unknown: "type": "Teleport",',
    ]);
  });

  it('accepts any case, and names declared anywhere', () => {
    expect(
      lint({
        Init: action('InitializeVariable', { variables: [{ name: 'V', type: 'String' }] }),
        A: action('Compose', "@toupper(Variables('v'))", ['Init']),
      }),
    ).toEqual([]);
  });

  it('finds an action that does not run before', () => {
    const order = (runAfter: string[]) =>
      lint({
        A: action('Compose', 1),
        B: action('Compose', "@outputs('A')", runAfter),
        S: { type: 'Scope', actions: { In: action('Compose', "@outputs('B')") }, runAfter: { B: ['Succeeded'] } },
        C: action('Compose', "@outputs('In')", ['S']),
      });
    expect(order(['A'])).toEqual([]);
    expect(order([])).toEqual([`playbook-action-not-before: "inputs": "@outputs('A')",`]);
  });

  it('allows the condition of an Until to read its actions', () => {
    expect(
      lint({
        U: {
          type: 'Until',
          expression: "@equals(outputs('A'), 1)",
          limit: { count: 1 },
          actions: { A: action('Compose', 1) },
          runAfter: {},
        },
      }),
    ).toEqual([]);
  });

  it('finds fields without ?', () => {
    expect(lint({ A: action('Compose', "@triggerBody()?['object']['properties']") })).toEqual([
      `playbook-optional-field: "inputs": "@triggerBody()?['object']['properties']",`,
    ]);
  });
});

describe('order', () => {
  it('finds what can never run', () => {
    expect(
      lint({
        Stop: action('Terminate', { runStatus: 'Succeeded' }),
        After: action('Compose', 1, ['Stop']),
        One: action('Compose', 1),
        Late: action('Compose', 1, [], { runAfter: { One: ['TimedOut'] } }),
        If: {
          type: 'If',
          expression: { equals: ['a', 'a'] },
          actions: {},
          else: { actions: { X: action('Compose', 1) } },
          runAfter: {},
        },
        Switch: {
          type: 'Switch',
          expression: '@utcNow()',
          cases: { a: { case: 1, actions: {} }, b: { case: 1, actions: {} } },
          runAfter: {},
        },
      }).map((finding) => finding.split(':')[0]),
    ).toEqual(['playbook-unreachable', 'playbook-unreachable', 'playbook-unreachable', 'playbook-unreachable']);
  });

  it('finds variables that iterations overwrite', () => {
    const loop = (more: ValueObject) =>
      lint({
        Init: action('InitializeVariable', { variables: [{ name: 'V', type: 'String' }] }),
        Each: {
          type: 'Foreach',
          foreach: '@createArray(1)',
          actions: { S: action('SetVariable', { name: 'V', value: '@{item()}' }) },
          runAfter: { Init: ['Succeeded'] },
          ...more,
        },
      });
    expect(loop({})).toEqual(['playbook-parallel-write: "inputs": {']);
    expect(loop({ operationOptions: 'Sequential' })).toEqual([]);
    expect(loop({ runtimeConfiguration: { concurrency: { repetitions: 1 } } })).toEqual([]);
  });
});

describe('secrets and identities', () => {
  it('finds secrets in the open', () => {
    const text = JSON.stringify({
      ...template([]),
      parameters: {
        ApiKey: { type: 'string' },
        ClientSecret: { type: 'securestring', defaultValue: 'hunter2' },
        KeyVaultName: { type: 'string' },
        SecretName: { type: 'string' },
        Password: { type: 'securestring' },
      },
    });
    expect(lintPlaybook('x', text).map(({ code, message }) => `${code} ${/'(.*?)'/.exec(message)?.[1]}`)).toEqual([
      'playbook-secret-plain ApiKey',
      'playbook-secret-plain ClientSecret',
    ]);
  });

  it('finds secrets in the run history', () => {
    const secure = { runtimeConfiguration: { secureData: { properties: ['inputs', 'outputs'] } } };
    const read = api('keyvault', 'get', "/secrets/@{encodeURIComponent('x')}/value");
    expect(lint({ A: read, B: { ...read, ...secure } })).toEqual(['playbook-secret-shown: "A": {']);
  });

  it('finds connections without the identity, and calls of Microsoft without a token', () => {
    expect(lint({}, {}, true)).toEqual(['playbook-connection-identity: "definition": {']);
    expect(lint({ A: action('Http', { method: 'GET', uri: 'https://graph.microsoft.com/v1.0/users' }) })).toEqual([
      'playbook-http-authentication: "inputs": {',
    ]);
  });
});

describe('markup', () => {
  const safe: Record<string, ValueObject> = {
    'an encoded value': { C: comment(`<p>@{${encoded(title)}}</p>`) },
    'an encoded value through Compose': {
      F: action('Compose', { t: `@{${encoded(title)}}` }),
      C: { ...comment("<p>@{outputs('F')?['t']}</p>"), runAfter: { F: ['Succeeded'] } },
    },
    'an encoded list': {
      S: action('Select', { from: '@createArray(1)', select: `<li>@{${encoded('item()')}}</li>` }),
      C: { ...comment("@{join(body('S'), '')}"), runAfter: { S: ['Succeeded'] } },
    },
    'a table, which is encoded': {
      T: action('Table', { from: '@createArray(1)', format: 'HTML' }),
      C: { ...comment("@{body('T')}"), runAfter: { T: ['Succeeded'] } },
    },
    'numbers, times and fields of Sentinel': {
      C: comment(
        "@{length(string(triggerBody()))} @{utcNow()} @{triggerBody()?['object']?['properties']?['incidentNumber']}",
      ),
    },
    'a variable that only takes encoded values': {
      I: action('InitializeVariable', { variables: [{ name: 'V', type: 'String', value: `@{${encoded(title)}}` }] }),
      C: { ...comment("@{variables('V')}"), runAfter: { I: ['Succeeded'] } },
    },
  };
  for (const [name, actions] of Object.entries(safe)) it(`accepts ${name}`, () => expect(lint(actions)).toEqual([]));

  const hostile: Record<string, ValueObject> = {
    'a title': { C: comment(`<p>@{${title}}</p>`) },
    'a title half encoded': { C: comment(`<p>@{replace(${title}, '&', '&amp;')}</p>`) },
    'a title through Compose': {
      F: action('Compose', { t: `@{${title}}`, u: 1 }),
      C: { ...comment("<p>@{outputs('F')?['t']}</p>"), runAfter: { F: ['Succeeded'] } },
    },
    'a choice of which one is not encoded': { C: comment(`@{if(true, 'x', ${title})}`) },
    'a list': {
      S: action('Select', { from: "@triggerBody()?['list']", select: '@{item()}' }),
      C: { ...comment("@{join(body('S'), '')}"), runAfter: { S: ['Succeeded'] } },
    },
    'an answer': {
      H: action('Http', { method: 'GET', uri: 'https://x.contoso.example' }),
      C: { ...comment("@{body('H')?['name']}"), runAfter: { H: ['Succeeded'] } },
    },
    'a variable that takes one that is not encoded': {
      I: action('InitializeVariable', { variables: [{ name: 'V', type: 'String', value: 'x' }] }),
      A: action('AppendToStringVariable', { name: 'v', value: `@{${title}}` }, ['I']),
      C: { ...comment("@{variables('V')}"), runAfter: { A: ['Succeeded'] } },
    },
    'a mail': { M: api('office365', 'post', '/v2/Mail', { To: 'a@contoso.example', Body: `<p>@{${title}}</p>` }) },
    'a Teams message': {
      T: api('teams', 'post', '/v1.0/teams/conversation/message/poster/Flow bot/location/Channel', {
        messageBody: `@{${title}}`,
      }),
    },
    'a task': {
      T: api('azuresentinel', 'post', '/Incidents/CreateTask', { taskTitle: 'x', taskDescription: `@{${title}}` }),
    },
  };
  for (const [name, actions] of Object.entries(hostile))
    it(`finds ${name}`, () =>
      expect(lint(actions).map((finding) => finding.split(':')[0])).toEqual(['playbook-markup']));
});

it('tells where a file is not JSON', () => {
  expect(lintPlaybook('x.json', '{\n"a": }')[0]).toMatchObject({
    code: 'playbook-syntax',
    place: { file: 'x.json', start: { line: 2 } },
  });
});
