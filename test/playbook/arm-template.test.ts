import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../scripts/playbook/arm/template.ts';
import type { Value, ValueObject } from '../../scripts/playbook/value.ts';

const at = { subscriptionId: 's-1', tenantId: 't-1', resourceGroup: 'rg', location: 'westeurope' };

/** The value of one expression in a template with these parts. */
function evaluate(value: Value, parts: ValueObject = {}, parameters: ValueObject = {}) {
  const template = { ...parts, resources: [{ type: 'Contoso/things', name: 'x', value }] };
  const { resources, problems } = deployTemplate(template, { context: at, parameters });
  return { value: resources[0]?.resource.value, problems: problems.map(({ message }) => message) };
}

describe('template expressions', () => {
  const answers: [string, Value][] = [
    ['[[literal]', '[literal]'],
    ["[concat('a', 1, true)]", 'a1True'],
    ['plain [text]', 'plain [text]'],
    ["[concat('@{body(''x'')}', '!')]", "@{body('x')}!"],
    ['[subscription().subscriptionId]', 's-1'],
    ['[resourceGroup().location]', 'westeurope'],
    [
      "[resourceId('Microsoft.Web/connections', 'c')]",
      '/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Web/connections/c',
    ],
    [
      "[resourceId('other', 'Microsoft.Web/sites/functions', 'app', 'f')]",
      '/subscriptions/s-1/resourceGroups/other/providers/Microsoft.Web/sites/app/functions/f',
    ],
    ["[resourceId('s-2', 'other', 'A.B/c', 'd')]", '/subscriptions/s-2/resourceGroups/other/providers/A.B/c/d'],
    [
      "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')]",
      '/subscriptions/s-1/providers/Microsoft.Authorization/roleDefinitions/r',
    ],
    ["[extensionResourceId('/scope', 'A.B/c', 'd')]", '/scope/providers/A.B/c/d'],
    ["[toLower(if(equals(1, 2), fail(), 'YES'))]", 'yes'],
    ["[format('{0}-{1}{{}}', 'a', 2)]", 'a-2{}'],
    ["[split('a;b,c', createArray(';', ','))]", ['a', 'b', 'c']],
    ["[last(split('a/b', '/'))]", 'b'],
    ["[uri('https://contoso.example/a/', 'b.json')]", 'https://contoso.example/a/b.json'],
    ["[length(createObject('a', 1, 'b', 2))]", 2],
    ['[add(1, 2)]', 3],
    ['[json(\'{"a":[1]}\').a[0]]', 1],
    ["[base64ToString(base64('x'))]", 'x'],
    [
      "[reference(resourceId('A.B/c', 'd'), '2020-01-01', 'full').identity.principalId]",
      'reference(d).identity.principalId',
    ],
    [
      "[concat('key ', listKeys(resourceId('A.B/c', 'd'), '2020-01-01').keys[0].value)]",
      'key listkeys(d).keys.0.value',
    ],
    ["[dateTimeAdd('2026-01-01T00:00:00Z', '-P1D', 'yyyy-MM-dd')]", '2025-12-31'],
    ['[environment().suffixes.keyvaultDns]', '.vault.azure.net'],
  ];
  it.each(answers)('%s', (text, expected) => expect(evaluate(text)).toEqual({ value: expected, problems: [] }));

  it('reads parameters and variables in any case, each evaluated once', () => {
    const parts = {
      parameters: { Name: { type: 'String', defaultValue: "[concat('p-', resourceGroup().name)]" } },
      variables: { Long: "[concat(parameters('name'), '-v')]" },
    };
    expect(evaluate("[variables('long')]", parts).value).toBe('p-rg-v');
    expect(evaluate("[variables('LONG')]", parts, { Name: 'given' }).value).toBe('given-v');
  });

  it('makes the same unique names of the same arguments', () => {
    expect(evaluate("[uniqueString('a')]").value).toMatch(/^[a-z2-7]{13}$/);
    expect(evaluate("[guid('a', 'b')]").value).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    expect(evaluate("[guid('a')]").value).not.toBe(evaluate("[guid('b')]").value);
  });

  it('tells what cannot be evaluated, and keeps its text', () => {
    for (const [text, problem] of [
      ["[variables('none')]", /no variable 'none'/],
      ["[parameters('none')]", /no parameter 'none'/],
      ["[concat('a']", /',' or '\)' was expected/],
      ['[nonsense()]', /not a function of templates/],
      ["[resourceId('A.B/c/d', 'one')]", /needs 2 names/],
      ["[json('{')]", /JSON/],
    ] as const) {
      const { value, problems } = evaluate(text);
      expect(value).toBe(text);
      expect(problems).toEqual([expect.stringMatching(problem)]);
    }
  });

  it('tells variables and parameters that refer to themselves', () => {
    expect(
      evaluate("[variables('a')]", { variables: { a: "[variables('b')]", b: "[variables('a')]" } }).problems.join(),
    ).toMatch(/refers to itself/);
  });
});

describe('resources', () => {
  it('repeats copy loops of resources, properties and variables', () => {
    const { resources, problems } = deployTemplate({
      variables: { copy: [{ name: 'names', count: 2, input: "[concat('n', copyIndex('names', 1))]" }] },
      resources: [
        {
          type: 'A/b',
          name: "[concat('r', copyIndex())]",
          copy: { name: 'loop', count: 2 },
          properties: {
            names: "[variables('names')]",
            copy: [{ name: 'inner', count: 2, input: { of: "[copyIndex('loop')]", at: "[copyIndex('inner')]" } }],
          },
        },
      ],
    });
    expect(problems).toEqual([]);
    expect(resources.map(({ resource }) => resource.name)).toEqual(['r0', 'r1']);
    expect(resources[1]!.resource.properties).toEqual({
      names: ['n1', 'n2'],
      inner: [
        { of: 1, at: 0 },
        { of: 1, at: 1 },
      ],
    });
  });

  it('leaves out what its condition excludes, and reads nested templates in both scopes', () => {
    const nested = (scope: string) => ({
      type: 'Microsoft.Resources/deployments',
      name: 'n',
      properties: {
        expressionEvaluationOptions: { scope },
        parameters: { P: { value: "[parameters('P')]" } },
        template: { parameters: { P: { type: 'string' } }, resources: [{ type: 'A/b', name: "[parameters('P')]" }] },
      },
    });
    const { resources } = deployTemplate({
      parameters: { P: { type: 'string', defaultValue: 'outer' } },
      resources: [{ type: 'A/b', name: 'no', condition: '[equals(1, 2)]' }, nested('outer'), nested('inner')],
    });
    expect(resources.map(({ resource }) => resource.name)).toEqual(['outer', 'outer']);
  });

  it('takes children into account, with their whole type', () => {
    const { resources } = deployTemplate({
      resources: [{ type: 'A/b', name: 'x', resources: [{ type: 'c', name: 'x/y' }] }],
    });
    expect(resources.map(({ resource }) => resource.type)).toEqual(['A/b', 'A/b/c']);
  });
});
