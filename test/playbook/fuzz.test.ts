/** Nothing that a file can hold crashes or hangs the runner. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../../scripts/playbook/check.ts';
import { ExpressionSyntaxError } from '../../scripts/playbook/expression/parse.ts';
import { parseTemplateString } from '../../scripts/playbook/expression/template-string.ts';
import { functionNames } from '../../scripts/playbook/functions/index.ts';
import { lintPlaybook } from '../../scripts/playbook/lint/index.ts';
import { readPlaybook } from '../../scripts/playbook/read-playbook.ts';
import type { Value, ValueObject } from '../../scripts/playbook/value.ts';
import { synthetic } from './synthetic-templates.ts';

const statuses = ['Succeeded', 'Failed', 'Skipped', 'TimedOut', 'Cancelled'];
const runs = { numRuns: 60, seed: 20261123 };

const literal = fc.oneof(
  fc.constantFrom(
    "''",
    "'a'",
    "'2026-01-01'",
    "'<a/>'",
    "'{}'",
    "'__proto__'",
    "'/subscriptions/x'",
    'null',
    'true',
    '0',
    '-1',
    '3.5',
    '9223372036854775807',
    '1000000',
  ),
  fc.string({ maxLength: 6 }).map((text) => `'${text.replaceAll("'", "''")}'`),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    fc.constantFrom(
      'triggerBody()',
      "body('A')",
      "outputs('A')",
      "variables('V')",
      "items('Each')",
      'item()',
      "parameters('P')",
      'utcNow()',
      'workflow()',
      "result('A')",
      "actions('A')",
    ),
    fc
      .tuple(fc.constantFrom(...functionNames()), fc.array(tie('expression'), { maxLength: 3 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), fc.boolean(), tie('expression'))
      .map(([target, safe, key]) => `${target}${safe ? '?' : ''}[${key}]`),
  ),
}));

const actionTypes = [
  'Compose',
  'Http',
  'ApiConnection',
  'ParseJson',
  'Select',
  'Query',
  'Join',
  'Table',
  'InitializeVariable',
  'SetVariable',
  'AppendToArrayVariable',
  'IncrementVariable',
  'Wait',
  'Terminate',
  'Response',
  'Expression',
  'Workflow',
  'Function',
  'Nonsense',
  '',
];
const value: fc.Arbitrary<Value> = fc.oneof(
  expression.map((text) => `@${text}`),
  expression.map((text) => `x@{${text}}y`),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Value>,
);
const inputs: fc.Arbitrary<Value> = fc.oneof(
  value,
  fc.dictionary(
    fc.constantFrom(
      'from',
      'where',
      'select',
      'name',
      'value',
      'content',
      'schema',
      'uri',
      'method',
      'path',
      'body',
      'variables',
      'interval',
      'joinWith',
      'format',
      'columns',
      'host',
      'runStatus',
      'statusCode',
      '__proto__',
    ),
    value,
    { maxKeys: 5 },
  ) as fc.Arbitrary<Value>,
);
const runAfter = fc.dictionary(
  fc.constantFrom('A', 'B', 'Each', 'If', 'C'),
  fc.array(fc.constantFrom(...statuses), { maxLength: 3 }),
  { maxKeys: 1 },
);
const simple = fc.record({ type: fc.constantFrom(...actionTypes), inputs, runAfter }) as fc.Arbitrary<ValueObject>;
const group = (inner: fc.Arbitrary<ValueObject>) =>
  fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D', '__proto__'), inner, { maxKeys: 3 }) as fc.Arbitrary<ValueObject>;
const compound = fc.record({
  type: fc.constantFrom('If', 'Foreach', 'Until', 'Scope', 'Switch'),
  expression: value,
  foreach: value,
  limit: fc.constant({ count: 3 }),
  actions: group(simple),
  else: fc.record({ actions: group(simple) }),
  cases: group(fc.record({ case: value, actions: group(simple) }) as fc.Arbitrary<ValueObject>),
  runAfter,
}) as fc.Arbitrary<ValueObject>;
const definition = fc.dictionary(fc.constantFrom('A', 'B', 'Each', 'If', 'C', 'V'), fc.oneof(simple, compound), {
  maxKeys: 6,
}) as fc.Arbitrary<ValueObject>;

describe('whatever a workflow holds', () => {
  it('strings parse or are refused at a place', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          expression.map((text) => `@${text}`),
          fc.string().map((text) => `@{${text}}`),
        ),
        (text) => {
          try {
            parseTemplateString(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionSyntaxError);
            expect((error as ExpressionSyntaxError).at).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { ...runs, numRuns: 2000 },
    );
  });

  it('definitions run to an end state, and are linted', async () => {
    await fc.assert(
      fc.asyncProperty(definition, async (actions) => {
        const workflow = {
          name: 'w',
          resourceId: '/w',
          definition: {
            triggers: { manual: { type: 'Request', inputs: {} } },
            parameters: { P: { type: 'String' } },
            actions,
          },
          parameters: {},
          path: [],
        };
        expect(statuses).toContain((await checkWorkflow(workflow)).status);
        lintPlaybook('x', JSON.stringify({ definition: workflow.definition }));
      }),
      runs,
    );
  });

  it('templates with parts replaced by anything still run to an end state', async () => {
    const texts = Object.values(synthetic).map(({ template }) => JSON.stringify(template));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), fc.nat(), value, async (text, at, replacement) => {
        let count = 0;
        const total = (text.match(/[:,[]/g) ?? []).length;
        const changed = JSON.parse(text, (_key, part: Value) => (count++ === at % total ? replacement : part)) as Value;
        if (typeof changed !== 'object' || changed === null || Array.isArray(changed)) return;
        for (const workflow of readPlaybook(JSON.stringify(changed)).workflows)
          expect(statuses).toContain((await checkWorkflow(workflow)).status);
      }),
      runs,
    );
  });

  it('deep structures are refused, not crashed on', async () => {
    const deepText = `@${'concat('.repeat(5000)}'a'${')'.repeat(5000)}`;
    expect(() => parseTemplateString(deepText)).toThrow(ExpressionSyntaxError);
    let nested: ValueObject = { type: 'Compose', inputs: 1 };
    for (let depth = 0; depth < 300; depth++) nested = { type: 'Scope', actions: { [`S${depth}`]: nested } };
    const workflow = { name: 'w', resourceId: '/w', definition: { actions: { A: nested } }, parameters: {}, path: [] };
    expect((await checkWorkflow(workflow)).status).toBe('Failed');
  });
});

it('a loop over its own items ends', async () => {
  const actions = {
    Each: {
      type: 'Foreach',
      foreach: "@items('Each')",
      actions: { A: { type: 'Compose', inputs: '@last(first(item()))' } },
    },
  };
  const workflow = { name: 'w', resourceId: '/w', definition: { triggers: {}, actions }, parameters: {}, path: [] };
  expect((await checkWorkflow(workflow)).status).toBe('Failed');
});
