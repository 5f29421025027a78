/** The order of actions, statuses, loops, retries and time-outs. */
import { describe, expect, it } from 'vitest';
import type { Value, ValueObject } from '../../scripts/playbook/value.ts';
import type { Service, ServiceAnswer, WorkflowRun } from '../../scripts/playbook/workflow/model.ts';
import { runWorkflow } from '../../scripts/playbook/workflow/run.ts';

const start = new Date('2026-11-23T08:00:00Z');
const follows = (names: string[], statuses = ['Succeeded']): ValueObject =>
  Object.fromEntries(names.map((name) => [name, statuses]));
const compose = (inputs: Value, runAfter: ValueObject = {}): ValueObject => ({ type: 'Compose', inputs, runAfter });
const call = (runAfter: ValueObject = {}, more: ValueObject = {}): ValueObject => ({
  type: 'Http',
  inputs: { method: 'GET', uri: 'https://api.contoso.example/x' },
  runAfter,
  ...more,
});
const failing = "@int('x')";

function run(actions: ValueObject, services: Service[] = [], more: ValueObject = {}): Promise<WorkflowRun> {
  return runWorkflow(
    { name: 'w', resourceId: '/w', definition: { triggers: {}, actions, ...more }, parameters: {} },
    { services, now: start, trigger: { name: 'manual', outputs: { headers: {}, body: { list: [1, 2, 3] } } } },
  );
}
const statuses = (result: WorkflowRun): Record<string, string> =>
  Object.fromEntries(result.actions.map(({ name, status }) => [name, status]));
const outputs = (result: WorkflowRun, name: string): Value | undefined =>
  result.actions.findLast((action) => action.name === name)?.outputs;
const seconds = (result: WorkflowRun): number => (result.endTime - result.startTime) / 1000;

describe('runAfter and the status of branches', () => {
  it('runs after failures that are handled, and the run succeeds', async () => {
    const result = await run({ a: compose(failing), b: compose('handled', follows(['a'], ['Failed'])) });
    expect([result.status, statuses(result)]).toEqual(['Succeeded', { a: 'Failed', b: 'Succeeded' }]);
  });

  it('fails when one branch leaves a failure', async () => {
    const result = await run({
      a: compose(failing),
      b: compose('handled', follows(['a'], ['Failed'])),
      c: compose('next', follows(['a'])),
    });
    expect(result.status).toBe('Failed');
    expect(statuses(result).c).toBe('Skipped');
    expect(result.error?.message).toMatch(/'a' failed: int\(\)/);
  });

  it('looks through skipped ends', async () => {
    expect((await run({ a: compose(1), b: compose(2, follows(['a'], ['Failed'])) })).status).toBe('Succeeded');
  });

  it('waits for every predecessor, each with its own statuses', async () => {
    const result = await run({
      a: compose(1),
      b: compose(failing),
      both: compose('x', { ...follows(['a']), ...follows(['b'], ['Failed']) }),
      never: compose('x', { ...follows(['a'], ['Failed']), ...follows(['b'], ['Failed']) }),
    });
    expect(statuses(result)).toMatchObject({ both: 'Succeeded', never: 'Skipped' });
  });

  it('refuses unknown and circular predecessors', async () => {
    expect((await run({ a: compose(1, follows(['none'])) })).error).toMatchObject({ code: 'InvalidTemplate' });
    expect((await run({ a: compose(1, follows(['b'])), b: compose(1, follows(['a'])) })).error?.message).toMatch(
      /waits for itself/,
    );
  });

  it('gives the results of a scope at its first level', async () => {
    const result = await run({
      Try: {
        type: 'Scope',
        actions: {
          a: compose(failing),
          If: { type: 'If', expression: '@equals(1, 1)', actions: { deep: compose(1) }, runAfter: {} },
        },
        runAfter: {},
      },
      Catch: {
        type: 'Query',
        inputs: { from: "@result('Try')", where: "@equals(item()['status'], 'Failed')" },
        runAfter: follows(['Try'], ['Failed']),
      },
      All: compose("@length(result('Try'))", follows(['Catch'])),
    });
    expect((outputs(result, 'Catch') as { body: { name: string }[] }).body.map(({ name }) => name)).toEqual(['a']);
    expect(outputs(result, 'All')).toBe(2);
    expect(result.status).toBe('Succeeded');
  });

  it('skips the actions of the other branch, whose body is then null', async () => {
    const result = await run({
      If: {
        type: 'If',
        expression: { or: [{ equals: [1, 2] }, { not: { contains: ['abc', 'x'] } }] },
        actions: { yes: compose('yes') },
        else: { actions: { no: call() } },
        runAfter: {},
      },
      read: compose("@coalesce(body('no')?['x'], outputs('yes'))", follows(['If'])),
    });
    expect(statuses(result)).toMatchObject({ yes: 'Succeeded', no: 'Skipped' });
    expect(outputs(result, 'read')).toBe('yes');
  });

  it('chooses a case by kind and value', async () => {
    const cases = {
      one: { case: 1, actions: { a: compose('number') } },
      text: { case: '1', actions: { b: compose('text') } },
    };
    const result = await run({
      Switch: {
        type: 'Switch',
        expression: '@string(1)',
        cases,
        default: { actions: { c: compose('default') } },
        runAfter: {},
      },
    });
    expect(statuses(result)).toMatchObject({ a: 'Skipped', b: 'Succeeded', c: 'Skipped' });
  });

  it('ends at once with Terminate, whatever else runs', async () => {
    const result = await run({
      slow: { type: 'Wait', inputs: { interval: { count: 1, unit: 'Hour' } }, runAfter: {} },
      stop: {
        type: 'Terminate',
        inputs: { runStatus: 'Cancelled', runError: { code: 'C', message: '@{utcNow()}' } },
        runAfter: {},
      },
    });
    expect(result).toMatchObject({
      status: 'Cancelled',
      error: { code: 'C', message: '2026-11-23T08:00:00.0000000Z' },
    });
    expect(seconds(result)).toBe(0);
  });
});

describe('loops', () => {
  const wait = (count: number) => ({ type: 'Wait', inputs: { interval: { count, unit: 'Second' } }, runAfter: {} });
  it.each([
    [{}, 10],
    [{ operationOptions: 'Sequential' }, 30],
    [{ runtimeConfiguration: { concurrency: { repetitions: 2 } } }, 20],
  ] as [ValueObject, number][])('%o takes %d seconds', async (more, expected) => {
    expect(
      seconds(
        await run({
          Each: {
            type: 'Foreach',
            foreach: "@triggerBody()['list']",
            actions: { Wait: wait(10) },
            runAfter: {},
            ...more,
          },
        }),
      ),
    ).toBe(expected);
  });

  it('has its own results and item in each iteration', async () => {
    const result = await run({
      Init: { type: 'InitializeVariable', inputs: { variables: [{ name: 'All', type: 'array' }] }, runAfter: {} },
      Each: {
        type: 'Foreach',
        foreach: "@triggerBody()['list']",
        operationOptions: 'Sequential',
        runAfter: follows(['Init']),
        actions: {
          Twice: compose('@mul(item(), 2)'),
          Inner: {
            type: 'Foreach',
            foreach: '@createArray(1)',
            runAfter: follows(['Twice']),
            actions: {
              Add: {
                type: 'AppendToArrayVariable',
                inputs: { name: 'all', value: "@add(outputs('Twice'), items('Each'))" },
                runAfter: {},
              },
            },
          },
        },
      },
    });
    expect(result.variables.All).toEqual([3, 6, 9]);
  });

  it('fails when one iteration fails, after all have run', async () => {
    const result = await run({
      Each: {
        type: 'Foreach',
        foreach: "@triggerBody()['list']",
        actions: { Div: compose('@div(6, sub(item(), 2))') },
        runAfter: {},
      },
    });
    expect(result.status).toBe('Failed');
    expect(result.actions.filter(({ name }) => name === 'Div').map(({ status }) => status)).toEqual([
      'Succeeded',
      'Failed',
      'Succeeded',
    ]);
  });

  it('goes over arrays only', async () => {
    expect(
      (await run({ Each: { type: 'Foreach', foreach: '@triggerBody()', actions: { A: compose(1) }, runAfter: {} } }))
        .error?.message,
    ).toMatch(/goes over an array, not Object/);
  });

  it('repeats until the condition holds, its count or its time is reached', async () => {
    const until = (limit: ValueObject, more: ValueObject = {}) =>
      run({
        Init: {
          type: 'InitializeVariable',
          inputs: { variables: [{ name: 'n', type: 'integer', value: 0 }] },
          runAfter: {},
        },
        Until: {
          type: 'Until',
          expression: "@equals(variables('n'), 3)",
          limit,
          runAfter: follows(['Init']),
          actions: {
            Wait: wait(60),
            Count: { type: 'IncrementVariable', inputs: { name: 'n', value: 1 }, runAfter: follows(['Wait']) },
          },
          ...more,
        },
      });
    expect(await until({ count: 10 })).toMatchObject({ status: 'Succeeded', variables: { n: 3 } });
    expect(await until({ count: 2 })).toMatchObject({ status: 'Succeeded', variables: { n: 2 } });
    expect(await until({ count: 9, timeout: 'PT1M' })).toMatchObject({ status: 'Succeeded', variables: { n: 1 } });
    expect(await until({ count: 2 }, { operationOptions: 'FailWhenLimitsReached' })).toMatchObject({
      status: 'Failed',
    });
  });
});

describe('calls', () => {
  const answering =
    (answers: ServiceAnswer[]): Service =>
    () =>
      answers.length > 1 ? answers.shift() : answers[0];
  const code = (statusCode: number, headers: ValueObject = {}): ServiceAnswer => ({
    outputs: { statusCode, headers, body: null },
  });

  it('tries transient failures again on the clock of the run', async () => {
    const recovered = await run({ a: call() }, [answering([code(503), code(429, { 'Retry-After': '60' }), code(200)])]);
    expect([recovered.status, seconds(recovered), recovered.calls.length]).toEqual(['Succeeded', 67.5, 3]);
    const given = await run({ a: call() }, [answering([code(500)])]);
    expect([given.status, seconds(given), given.calls.length]).toEqual(['Failed', 7.5 + 15 + 30 + 45, 5]);
  });

  it('follows the retry policy', async () => {
    const policy = (retryPolicy: ValueObject) =>
      run(
        {
          a: { type: 'Http', inputs: { method: 'GET', uri: 'https://api.contoso.example', retryPolicy }, runAfter: {} },
        },
        [answering([code(500)])],
      );
    expect((await policy({ type: 'none' })).calls.length).toBe(1);
    const fixed = await policy({ type: 'fixed', interval: 'PT10S', count: 2 });
    expect([seconds(fixed), fixed.calls.length]).toEqual([20, 3]);
    const exponential = await policy({ type: 'exponential', interval: 'PT10S', count: 3, maximumInterval: 'PT25S' });
    expect(seconds(exponential)).toBe(10 + 20 + 25);
  });

  it('does not try again what will not change', async () => {
    for (const status of [400, 401, 403, 404, 409])
      expect((await run({ a: call() }, [answering([code(status)])])).calls.length).toBe(1);
  });

  it('times out, and the time-out can be handled', async () => {
    const slow: ServiceAnswer = { delay: 'PT10M', outputs: { statusCode: 200, body: 'late' } };
    const result = await run(
      {
        a: { type: 'ApiConnectionWebhook', inputs: { path: '/x', host: {} }, limit: { timeout: 'PT5M' }, runAfter: {} },
        b: compose('nobody answered', follows(['a'], ['TimedOut'])),
      },
      [answering([slow])],
    );
    expect([result.status, statuses(result), seconds(result)]).toEqual([
      'Succeeded',
      { a: 'TimedOut', b: 'Succeeded' },
      300,
    ]);
  });

  it('keeps the outputs of a failed call', async () => {
    const result = await run(
      {
        a: call(),
        b: compose("@outputs('a')['statusCode']", follows(['a'], ['Failed'])),
        c: compose("@actions('a')['error']['code']", follows(['b'])),
      },
      [answering([code(404)])],
    );
    expect([outputs(result, 'b'), outputs(result, 'c')]).toEqual([404, 'NotFound']);
  });

  it("takes the definition's own static results", async () => {
    const staticResults = { fixed: { status: 'Succeeded', outputs: { statusCode: 'OK', body: { x: 1 } } } };
    const result = await run(
      {
        a: call({}, { runtimeConfiguration: { staticResult: { name: 'fixed', staticResultOptions: 'Enabled' } } }),
        b: compose("@body('a')['x']", follows(['a'])),
      },
      [],
      { staticResults },
    );
    expect(outputs(result, 'b')).toBe(1);
  });

  it('says how to stub a call that nothing answers', async () => {
    const result = await run({ a: call() });
    expect(result.error?.message).toMatch(/add a stub file 'a\.json'/);
  });
});

describe('data operations', () => {
  it('selects, filters, joins, tabulates and parses', async () => {
    const rows = [
      { n: 1, t: '<b>' },
      { n: 2, t: 'x,"y"' },
    ];
    const result = await run({
      Select: { type: 'Select', inputs: { from: rows, select: { '@{item().t}': "@item()['n']" } }, runAfter: {} },
      Query: { type: 'Query', inputs: { from: rows, where: { greater: ["@item()['n']", 1] } }, runAfter: {} },
      Join: { type: 'Join', inputs: { from: ['a', 1, null], joinWith: '-' }, runAfter: {} },
      Html: { type: 'Table', inputs: { from: rows, format: 'HTML' }, runAfter: {} },
      Csv: {
        type: 'Table',
        inputs: { from: rows, format: 'CSV', columns: [{ header: 'T', value: "@item()['t']" }] },
        runAfter: {},
      },
      Good: {
        type: 'ParseJson',
        inputs: { content: '{"a":1}', schema: { type: 'object', properties: { a: { type: 'integer' } } } },
        runAfter: {},
      },
      Bad: {
        type: 'ParseJson',
        inputs: { content: { a: 'x' }, schema: { type: 'object', properties: { a: { type: 'integer' } } } },
        runAfter: {},
      },
      Odd: { type: 'ParseJson', inputs: { content: { a: 'x' }, schema: { type: 'nonsense' } }, runAfter: {} },
    });
    const body = (name: string) => (outputs(result, name) as { body: Value }).body;
    expect(body('Select')).toEqual([{ '<b>': 1 }, { 'x,"y"': 2 }]);
    expect(body('Query')).toEqual([rows[1]]);
    expect(body('Join')).toBe('a-1-');
    expect(body('Html')).toBe(
      '<table><thead><tr><th>n</th><th>t</th></tr></thead><tbody><tr><td>1</td><td>&lt;b&gt;</td></tr><tr><td>2</td><td>x,&quot;y&quot;</td></tr></tbody></table>',
    );
    expect(body('Csv')).toBe('T\r\n<b>\r\n"x,""y"""\r\n');
    expect(statuses(result)).toMatchObject({ Good: 'Succeeded', Bad: 'Failed', Odd: 'Succeeded' });
  });

  it('keeps the type of a variable', async () => {
    const declare = (type: string, value?: Value) =>
      run({
        V: {
          type: 'InitializeVariable',
          inputs: { variables: [{ name: 'v', type, ...(value === undefined ? {} : { value }) }] },
          runAfter: {},
        },
      });
    expect((await declare('Integer')).variables.v).toBe(0);
    expect((await declare('boolean', '@{true}')).variables.v).toBe(true);
    expect((await declare('integer', 'x')).error?.message).toMatch(/of the type integer/);
  });
});
