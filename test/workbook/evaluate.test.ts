import { describe, expect, it } from 'vitest';
import { dropDown, evaluate, NOW, parameters, query, resultOf, shownText, stubEnvironment, text } from './sample.ts';

const time = { name: 'T', type: 4, isRequired: true, value: { durationMs: 86_400_000 } };

/** The query that the engine was asked after substitution. */
async function asked(kql: string, ...list: Record<string, unknown>[]): Promise<string | undefined> {
  const environment = stubEnvironment();
  await evaluate([parameters(...list), query(kql)], {}, environment);
  return environment.asked.at(-1)?.query;
}

describe('substitution in queries', () => {
  it('writes a relative time range as a comparison with ago', async () => {
    expect(await asked('X | where TimeGenerated {T}', time)).toBe('X | where TimeGenerated  > ago(1d)');
    expect(await asked('X | where TimeGenerated {T:value}', time)).toBe('X | where TimeGenerated  > ago(1d)');
  });

  it('writes an absolute time range as between two literals', async () => {
    const absolute = { ...time, value: '2026-11-01T00:00:00Z/2026-11-02T00:00:00Z' };
    expect(await asked('X | where TimeGenerated {T}', absolute)).toBe(
      'X | where TimeGenerated  between (datetime(2026-11-01T00:00:00.000Z) .. datetime(2026-11-02T00:00:00.000Z))',
    );
  });

  it('puts bounds where a literal, a call or a quote stands', async () => {
    expect(await asked('print {T:start}', time)).toBe('print datetime(2026-11-22T12:00:00.000Z)');
    expect(await asked('print datetime({T:end})', time)).toBe('print datetime(2026-11-23T12:00:00.000Z)');
    expect(await asked('print "{T:end}"', time)).toBe('print "2026-11-23T12:00:00.000Z"');
  });

  it('gives grain, seconds and ISO forms', async () => {
    expect(await asked('{T:grain} {T:seconds} {T:durationISO} {T:startISO} {T:endDateISO}', time)).toBe(
      '30m 86400 PT24H 2026-11-22T12:00:00.000Z 2026-11-23',
    );
  });

  it('quotes and joins several values, "All" included', async () => {
    const many = dropDown('P', ['a', 'b', 'c'], { multiSelect: true, quote: "'", delimiter: ',' });
    expect(await asked('in ({P})', { ...many, value: ['a', 'c'] })).toBe("in ('a','c')");
    expect(await asked('in ({P})', { ...many, value: ['value::all'] })).toBe("in ('a','b','c')");
    const star = { ...many, value: ['value::all'], typeSettings: { selectAllValue: '*' } };
    expect(await asked('in ({P}) {P:label}', star)).toBe("in ('*') All");
  });

  it('leaves braces alone that are no parameter, and tokens of an unknown format', async () => {
    expect(await asked('x matches regex "a{2,3}" and y == dynamic({"a":1}) {T:lable}', time)).toBe(
      'x matches regex "a{2,3}" and y == dynamic({"a":1}) {T:lable}',
    );
  });

  it('reads a path of a JSON value', async () => {
    const json = { name: 'J', type: 1, value: '{"a":{"b":[1,"two"]}}' };
    expect(await asked('{J:$.a.b[1]}|{J:$.none}', json)).toBe('two|');
    expect(await asked('[{J:$.a}]', { ...json, value: 'no json' })).toBe('[]');
  });

  it('escapes for JSON and base64', async () => {
    const value = { name: 'J', type: 1, value: 'a"b' };
    expect(await asked('{J:escapejson} {J:base64}', value)).toBe('a\\"b YSJi');
  });

  it('never reads a value as a token', async () => {
    const a = { name: 'A', type: 1, value: '{B}' };
    expect(await asked('{A}', a, { name: 'B', type: 1, value: 'secret' })).toBe('{B}');
  });
});

describe('parameters', () => {
  it('takes the selected rows of a query, and columns by place where they have no names', async () => {
    const environment = stubEnvironment((kql) => ({
      status: 'rows',
      result: kql.startsWith('Apps')
        ? resultOf([
            { app: 'p', shown: 'Portal', on: 'false' },
            { app: 'q', shown: 'Query', on: 'true' },
          ])
        : { columns: [], rows: [] },
    }));
    const views = await evaluate(
      [parameters({ name: 'P', type: 2, query: 'Apps' }), text('{P} {P:label}')],
      { values: { P: ['q'] } },
      environment,
    );
    expect(shownText(views.get('1'))).toBe('q Query');
  });

  it('makes dependents wait for a required value', async () => {
    const environment = stubEnvironment();
    const views = await evaluate(
      [parameters(dropDown('P', ['a'], { isRequired: true })), query('X {P}')],
      {},
      environment,
    );
    expect(views.get('1')).toMatchObject({ status: 'waiting', why: 'Choose a value for P to see this.' });
    expect(environment.asked).toEqual([]);
  });

  it('puts nothing where an optional value is missing', async () => {
    expect(await asked('[{P}]', dropDown('P', ['a']))).toBe('[]');
  });

  it('clears a saved value that the data no longer has', async () => {
    expect(await asked('[{P}]', dropDown('P', ['a', 'b'], { value: 'gone' }))).toBe('[]');
    expect(await asked('[{P}]', dropDown('P', ['a', 'b'], { value: 'gone', defaultValue: 'value::1' }))).toBe('[a]');
  });

  it('uses the first criterion that holds, the default last', async () => {
    const text1 = (A: string) => ({ name: 'A', type: 1, value: A });
    const criteria = [
      { criteriaContext: { operator: 'Default', resultValType: 'static', resultVal: 'other' } },
      {
        criteriaContext: {
          leftOperand: 'A',
          operator: '>',
          rightValType: 'static',
          rightVal: '9',
          resultValType: 'expression',
          resultVal: '({A}+2)*3',
        },
      },
      {
        criteriaContext: {
          leftOperand: 'A',
          operator: 'startsWith',
          rightVal: 'x',
          resultValType: 'param',
          resultVal: 'A',
        },
      },
    ];
    const result = { name: 'R', type: 1, criteriaData: criteria };
    expect(await asked('{R}', text1('10'), result)).toBe('36');
    expect(await asked('{R}', text1('xyz'), result)).toBe('xyz');
    expect(await asked('{R}', text1('9'), result)).toBe('other');
  });

  it('offers the workspace of the preview, asked by Resource Graph or not', async () => {
    expect(await asked('{W:name} {W:resourcegroup} {W:resourcetype}', { name: 'W', type: 5 })).toBe(
      'contoso-sentinel rg-sentinel microsoft.operationalinsights/workspaces',
    );
    expect(await asked('{S:subscriptionId}', { name: 'S', type: 6, multiSelect: true, quote: "'" })).toBe(
      '00000000-0000-0000-0000-000000000001',
    );
  });

  it('lets a global parameter be used above the place where it stands', async () => {
    const views = await evaluate([text('{G}'), parameters({ name: 'G', type: 1, value: 'here', isGlobal: true })]);
    expect(shownText(views.get('0'))).toBe('here');
    const local = await evaluate([text('{G}'), parameters({ name: 'G', type: 1, value: 'here' })]);
    expect(shownText(local.get('0'))).toBe('<unset>');
  });

  it('gives a parameter hidden by a condition a value, unless a visible one has the name', async () => {
    const hidden = (value: string) => ({
      ...parameters({ name: 'P', type: 1, value }),
      conditionalVisibility: { parameterName: 'Debug', comparison: 'isEqualTo', value: 'true' },
    });
    expect(shownText((await evaluate([hidden('h'), text('{P}')])).get('1'))).toBe('h');
    const both = await evaluate([parameters({ name: 'P', type: 1, value: 'v' }), hidden('h'), text('{P}')]);
    expect(shownText(both.get('2'))).toBe('v');
  });

  it('re-runs only what a parameter changes', async () => {
    const items = [
      parameters({ name: 'A', type: 1, value: '1' }, { name: 'B', type: 1, value: '1' }),
      query('a {A}'),
      query('b {B}'),
    ];
    const { engineEnvironment } = await import('../../scripts/workbook/engine-environment.ts');
    const ran: string[] = [];
    const engine = {
      name: 'local' as const,
      prepare: () => Promise.reject(new Error('not used')),
      query: async (kql: string) => {
        ran.push(kql);
        return { columns: [], rows: [] };
      },
      close: async () => undefined,
    };
    const environment = engineEnvironment(engine, NOW);
    await evaluate(items, {}, environment);
    await evaluate(items, { values: { A: '2' } }, environment);
    expect(ran).toEqual(['a 1', 'b 1', 'a 2']);
  });
});

describe('time context', () => {
  it('restricts the rows to the parameter, else to the duration', async () => {
    const environment = stubEnvironment();
    await evaluate(
      [
        parameters(time),
        query('a', { timeContextFromParameter: 'T' }),
        query('b', { timeContext: { durationMs: 3_600_000 } }),
        query('c', { timeContext: { durationMs: 0 } }),
      ],
      {},
      environment,
    );
    const from = Object.fromEntries(environment.asked.map((one) => [one.query, one.window?.from.toISOString()]));
    expect(from).toEqual({ a: '2026-11-22T12:00:00.000Z', b: '2026-11-23T11:00:00.000Z', c: undefined });
  });
});

describe('visibility, tabs and groups', () => {
  const tabs = {
    type: 11,
    content: {
      style: 'tabs',
      links: ['one', 'two'].map((tab) => ({
        linkTarget: 'parameter',
        cellValue: 'Tab',
        subTarget: tab,
        linkLabel: tab,
      })),
    },
  };
  const when = (value: string) => ({ conditionalVisibility: { parameterName: 'Tab', comparison: 'isEqualTo', value } });

  it('opens the first tab, and the chosen one', async () => {
    const items = [tabs, text('1', when('one')), text('2', when('two'))];
    const first = await evaluate(items);
    expect([first.get('1')?.status, first.get('2')?.status]).toEqual(['rendered', 'hidden']);
    const second = await evaluate(items, { values: { Tab: 'two' } });
    expect([second.get('1')?.status, second.get('2')?.status]).toEqual(['hidden', 'rendered']);
  });

  it('needs all of several conditions', async () => {
    const both = {
      conditionalVisibilities: [
        { parameterName: 'Tab', comparison: 'isEqualTo', value: 'one' },
        { parameterName: 'X', comparison: 'isNotEqualTo', value: '' },
      ],
    };
    expect((await evaluate([tabs, text('a', both)])).get('1')?.status).toBe('hidden');
    expect(
      (await evaluate([tabs, parameters({ name: 'X', type: 1, value: 'y' }), text('a', both)])).get('2')?.status,
    ).toBe('rendered');
  });

  it('keeps the parameters of a group inside it, unless it exports them', async () => {
    const group = (exportParameters: boolean) => ({
      type: 12,
      content: {
        version: 'NotebookGroup/1.0',
        groupType: 'editable',
        exportParameters,
        items: [parameters({ name: 'P', type: 1, value: 'in' }), text('{P}')],
      },
    });
    const inside = await evaluate([group(false), text('{P}')]);
    expect([shownText(inside.get('0.1')), shownText(inside.get('1'))]).toEqual(['in', '<unset>']);
    expect(shownText((await evaluate([group(true), text('{P}')])).get('1'))).toBe('in');
  });

  it('runs nothing of a group that is hidden or not loaded yet', async () => {
    const environment = stubEnvironment();
    const group = (more: object, content: object = {}) => ({
      type: 12,
      content: { items: [query('inner')], ...content },
      ...more,
    });
    const items = [tabs, group(when('two')), group({}, { loadType: 'explicit', loadButtonText: 'More' })];
    const views = await evaluate(items, {}, environment);
    expect(environment.asked).toEqual([]);
    expect(views.get('2')?.body).toMatchObject({ kind: 'group', button: 'More' });
    await evaluate(items, { loaded: ['2'] }, environment);
    expect(environment.asked.map((one) => one.query)).toEqual(['inner']);
  });
});

describe('exports', () => {
  const grid = (content: object) => query('rows', { visualization: 'table', ...content });
  const environment = () => stubEnvironment(() => ({ status: 'rows', result: resultOf([{ a: 'x', b: 1 }]) }));

  it('exports a field, the whole row, or the default', async () => {
    const items = [
      grid({
        exportedParameters: [
          { fieldName: 'a', parameterName: 'A', parameterType: 1, defaultValue: 'none' },
          { fieldName: '', parameterName: 'Row' },
        ],
      }),
      text('{A} {Row:$.b}'),
    ];
    expect(shownText((await evaluate(items, {}, environment())).get('1'))).toBe('none <unset>');
    const chosen = await evaluate(items, { selections: { 0: [{ a: 'x', b: 1 }] } }, environment());
    expect(shownText(chosen.get('1'))).toBe('x 1');
  });

  it('takes a value given by name until something is selected', async () => {
    const items = [grid({ exportFieldName: 'a', exportParameterName: 'A' }), text('{A}')];
    const values = { A: 'given' };
    expect(shownText((await evaluate(items, { values }, environment())).get('1'))).toBe('given');
    const selections = { 0: [{ a: 'x' }] };
    expect(shownText((await evaluate(items, { values, selections }, environment())).get('1'))).toBe('x');
    const cleared = await evaluate(items, { values, selections: { 0: [] } }, environment());
    expect(shownText(cleared.get('1'))).toBe('<unset>');
  });

  it('exports unique values of several rows', async () => {
    const items = [
      grid({
        exportMultipleValues: true,
        exportedParameters: [{ fieldName: 'a', parameterName: 'A', quote: "'", delimiter: ',' }],
      }),
      query('in ({A})'),
    ];
    const asking = environment();
    await evaluate(items, { selections: { 0: [{ a: 'x' }, { a: 'y' }, { a: 'x' }] } }, asking);
    expect(asking.asked.at(-1)?.query).toBe("in ('x','y')");
  });

  it('waits for a selection that has no default', async () => {
    const views = await evaluate(
      [grid({ exportFieldName: 'a', exportParameterName: 'A' }), query('X {A}')],
      {},
      environment(),
    );
    expect(views.get('1')?.status).toBe('waiting');
  });

  it('exports a brushed range of time', async () => {
    const items = [grid({ visualization: 'timechart', timeBrushParameterName: 'B' }), query('X {B}')];
    const asking = environment();
    await evaluate(items, { brushes: { B: { start: '2026-11-01T00:00:00Z', end: '2026-11-02T00:00:00Z' } } }, asking);
    expect(asking.asked.at(-1)?.query).toContain('between (datetime(2026-11-01T00:00:00.000Z)');
  });
});

describe('what a query item shows', () => {
  it('says in words that there is nothing', async () => {
    const views = await evaluate([query('X', { noDataMessage: 'All quiet.', noDataMessageStyle: 3 })]);
    expect(views.get('0')).toMatchObject({ status: 'rendered', body: { tone: 'success', text: 'All quiet.' } });
  });

  it('tells errors that Azure shows, limits of ours, and data that is missing apart', async () => {
    const views = await evaluate(
      [query('error'), query('failed'), query('note')],
      {},
      stubEnvironment((kql) =>
        kql === 'error'
          ? { status: 'error', message: 'no' }
          : kql === 'failed'
            ? { status: 'failed', message: 'cannot' }
            : { status: 'rows', result: { columns: [], rows: [] }, note: 'Not in this data: X.' },
      ),
    );
    expect(['0', '1', '2'].map((id) => views.get(id)?.status)).toEqual(['error', 'failed', 'rendered']);
    // "No attack was found" would be untrue: nobody has looked.
    expect(views.get('2')?.body).toMatchObject({ kind: 'message', tone: 'unavailable' });
    expect(views.get('2')?.notes).toEqual(['Not in this data: X.']);
  });

  it('shows data that needs no engine, and names sources that are not offline', async () => {
    const views = await evaluate([
      query('{"version":"1.0.0","content":"[{\\"a\\":1}]"}', { queryType: 8 }),
      query('resources', { queryType: 1 }),
      { type: 10, content: {} },
      { type: 99 },
    ]);
    expect(['0', '1', '2', '3'].map((id) => views.get(id)?.status)).toEqual([
      'rendered',
      'unavailable',
      'unavailable',
      'unavailable',
    ]);
    expect(views.get('1')?.why).toBe('Azure Resource Graph is not available offline.');
  });

  it('merges the results of other items', async () => {
    const json = (rows: unknown[], name: string) =>
      query(JSON.stringify({ version: '1.0.0', content: JSON.stringify(rows) }), { queryType: 8 }, { name });
    const merge = (mergeType: string) =>
      query(
        JSON.stringify({
          version: 'Merge/1.0',
          merges: [{ id: 'm', mergeType, leftTable: 'l', rightTable: 'r', leftColumn: 'k', rightColumn: 'k' }],
          projectRename: [
            { originalName: '[l].k', mergedName: 'Key' },
            { originalName: '[r].v', mergedName: 'Value' },
            { originalName: '[r].k' },
          ],
        }),
        { queryType: 7 },
        { name: 'merged' },
      );
    const rows = async (mergeType: string) =>
      (
        await evaluate([
          json([{ k: 1 }, { k: 2 }], 'l'),
          json(
            [
              { k: 1, v: 'one' },
              { k: 3, v: 'three' },
            ],
            'r',
          ),
          merge(mergeType),
        ])
      ).get('2')?.result?.rows;
    expect(await rows('inner')).toEqual([[1, 'one']]);
    expect(await rows('leftouter')).toEqual([
      [1, 'one'],
      [2, null],
    ]);
    expect(await rows('fullouter')).toEqual([
      [1, 'one'],
      [2, null],
      [null, 'three'],
    ]);
    expect(await rows('leftanti')).toEqual([[2, null]]);
  });

  describe('a merge', () => {
    const source = (name: string, more: Record<string, unknown> = {}) =>
      query(JSON.stringify({ version: '1.0.0', content: '[{"k":1}]' }), { queryType: 8 }, { name, ...more });
    const merge = (name: string, leftTable: string, more: Record<string, unknown> = {}) =>
      query(
        JSON.stringify({ version: 'Merge/1.0', merges: [{ id: 'm', mergeType: 'table', leftTable, ...more }] }),
        { queryType: 7 },
        { name },
      );
    const never = { conditionalVisibility: { parameterName: 'never', comparison: 'isEqualTo', value: 'x' } };

    it('reads items that are hidden, in a hidden group, or come later', async () => {
      const views = await evaluate([
        source('hidden', never),
        { type: 12, content: { items: [source('inside')] }, ...never },
        merge('a', 'hidden'),
        merge('b', 'inside'),
        merge('c', 'later'),
        source('later'),
      ]);
      expect(views.get('0')?.status).toBe('hidden');
      for (const id of ['2', '3', '4']) expect(views.get(id)?.result?.rows, id).toEqual([[1]]);
    });

    it('waits for an item that waits', async () => {
      const views = await evaluate([
        parameters({ name: 'Who', type: 1, isRequired: true }),
        query('T | where x == "{Who}"', {}, { name: 'asked' }),
        merge('m', 'asked'),
      ]);
      expect(views.get('2')).toMatchObject({ status: 'waiting', why: expect.stringContaining('asked') });
    });

    it('of itself, directly or through another, ends', async () => {
      const views = await evaluate([merge('a', 'a'), merge('b', 'c'), merge('c', 'b'), merge('d', 'c')]);
      expect([...views.values()].map((view) => view.status)).toEqual(['error', 'error', 'error', 'unavailable']);
    });

    it('of an item that the workbook lacks is an error', async () => {
      expect((await evaluate([merge('a', 'nowhere')])).get('0')?.status).toBe('error');
    });
  });
});
