/** What Kusto's tabular operators mean, one fact a test. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalEngine } from '../../scripts/engines/local-engine.ts';
import { asker, openEngine } from './engine.ts';

let engine: LocalEngine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
const { rows, names } = asker(() => engine);

const numbers = 'datatable(k:string, v:long)["a",1, "a",2, "b",3, "c",long(null)]';

describe('null and empty', () => {
  it('a string is never null: a missing value is empty', async () => {
    expect(await rows('AuditLogs | count')).toEqual([[0]]);
    expect(await rows('SigninLogs | where isempty(UserId) | count')).toEqual([[0]]);
  });
  it('a null differs from every value and equals none', async () => {
    expect(await rows('SigninLogs | where IsRisky != true | count')).toEqual([[2]]);
    expect(await rows('SigninLogs | where IsRisky == true | count')).toEqual([[1]]);
    expect(await rows('SigninLogs | where not(IsRisky == true) | count')).toEqual([[2]]);
  });
  it('a null has no order', async () => {
    expect(await rows('SigninLogs | where DurationMs < 20 or DurationMs >= 20 | count')).toEqual([[2]]);
  });
  it('!in keeps a null', async () => {
    expect(await rows(`${numbers} | where v !in (1, 2) | project k`)).toEqual([['b'], ['c']]);
  });
  it('sorts nulls last when descending, first when ascending', async () => {
    expect(await rows(`${numbers} | sort by v | project k`)).toEqual([['b'], ['a'], ['a'], ['c']]);
    expect(await rows(`${numbers} | sort by v asc | take 1 | project k`)).toEqual([['c']]);
    expect(await rows(`${numbers} | top 1 by v nulls first | project k`)).toEqual([['c']]);
  });
});

describe('summarize', () => {
  it('answers one row for no rows, and none with keys', async () => {
    expect(await rows('AuditLogs | summarize n = count(), m = max(TimeGenerated)')).toEqual([[0, null]]);
    expect(await rows('AuditLogs | summarize count() by OperationName')).toEqual([]);
  });
  it('names columns as Kusto does', async () => {
    const query =
      'SigninLogs | summarize count(), make_set(UserId), arg_max(TimeGenerated, ResultType), percentile(DurationMs, 95) by bin(TimeGenerated, 1h), IsRisky';
    expect(await names(query)).toEqual([
      'TimeGenerated',
      'IsRisky',
      'count_',
      'set_UserId',
      'TimeGenerated1',
      'ResultType',
      'percentile_DurationMs_95',
    ]);
  });
  it('computes expressions over aggregates', async () => {
    expect(await rows(`${numbers} | summarize share = 100 * countif(v > 1) / count()`)).toEqual([[50]]);
  });
  it('takes the whole row of the latest time', async () => {
    expect(
      await rows(
        'SigninLogs | summarize arg_max(TimeGenerated, *) by tolower(UserId) | project Column1, ResultType | sort by Column1 asc',
      ),
    ).toEqual([
      ['adele', '50126'],
      ['bo', '50126'],
    ]);
  });
  it('keeps the order of sorted rows in make_list', async () => {
    expect(await rows(`${numbers} | sort by v desc | summarize make_list(v)`)).toEqual([[[3, 2, 1]]]);
  });
});

describe('join', () => {
  const right = 'datatable(k:string, w:long)["a",10, "a",20, "d",40]';
  const join = (kind: string) =>
    rows(`${numbers} | join kind=${kind} (${right}) on k | sort by v asc, w asc | project k, v, k1, w`);
  it('without a kind takes the first row of each key of the left side', async () => {
    expect(await rows(`${numbers} | join (${right}) on k | project v, w | sort by w asc`)).toEqual([
      [1, 10],
      [1, 20],
    ]);
  });
  it('inner pairs all rows', async () => {
    expect(await join('inner')).toHaveLength(4);
  });
  it('leaves the strings of a missing side empty and the rest null', async () => {
    expect(await join('rightouter')).toContainEqual(['', null, 'd', 40]);
    expect(await join('leftouter')).toContainEqual(['b', 3, '', null]);
    expect(await join('fullouter')).toHaveLength(7);
  });
  it('matches null keys with null keys', async () => {
    const side = 'datatable(k:long)[1, long(null)]';
    expect(await rows(`${side} | join kind=inner (${side}) on k | count`)).toEqual([[2]]);
  });
  it('anti and semi answer one side only', async () => {
    expect(await rows(`${numbers} | join kind=leftanti (${right}) on k | project k`)).toEqual([['b'], ['c']]);
    expect(await rows(`${numbers} | join kind=rightanti (${right}) on k`)).toEqual([['d', 40]]);
    expect(await rows(`${numbers} | join kind=leftsemi (${right}) on k | count`)).toEqual([[2]]);
  });
  it('names both sides of a key', async () => {
    expect(await rows(`${numbers} | join kind=inner (datatable(q:string)["b"]) on $left.k == $right.q`)).toEqual([
      ['b', 3, 'b'],
    ]);
  });
  it('lookup keeps one copy of the key', async () => {
    expect(await names(`${numbers} | lookup (${right}) on k`)).toEqual(['k', 'v', 'w']);
  });
});

describe('union', () => {
  it('splits a column of several types', async () => {
    expect(await names('union (print x = 1), (print x = "a")')).toEqual(['x_long', 'x_string']);
  });
  it('says where rows come from', async () => {
    expect(await rows('union withsource=Table SigninLogs, AuditLogs | distinct Table')).toEqual([['SigninLogs']]);
  });
  it('leaves a missing table out when it is fuzzy', async () => {
    expect(await rows('union isfuzzy=true SigninLogs, NotThere_CL | count')).toEqual([[3]]);
    await expect(rows('union SigninLogs, NotThere_CL | count')).rejects.toThrow('NotThere_CL');
  });
  it('kind=inner keeps the columns that all tables have', async () => {
    expect(await names('union kind=inner SigninLogs, AuditLogs')).toEqual(['TimeGenerated']);
  });
  it('takes names with a wildcard', async () => {
    expect(await rows('union Signin* | count')).toEqual([[3]]);
  });
});

describe('mv-expand and mv-apply', () => {
  const arrays = 'datatable(i:long, d:dynamic)[1,dynamic([5,6]), 2,dynamic([]), 3,dynamic(null), 4,dynamic({"x":7})]';
  it('an expression fills the column that it is made of, and else one of its own', async () => {
    const table = 'datatable(s:string, n:long)["[1,2]", 7]';
    expect(await rows(`${table} | mv-expand todynamic(s)`)).toEqual([
      [1, 7],
      [2, 7],
    ]);
    expect(await rows(`${table} | mv-apply parse_json(s) on (summarize total = sum(tolong(s)))`)).toEqual([
      ['[1,2]', 7, 3],
    ]);
    const bag = 'datatable(d:dynamic)[dynamic({"x":[1]})]';
    expect(await names(`${bag} | mv-expand d.x`)).toEqual(['d', 'd_x']);
    expect(await names(`${bag} | mv-expand d["x"]`)).toEqual(['d', 'd_x']);
    expect(await names(`${bag} | mv-expand bag_keys(d)`)).toEqual(['d', 'Column1']);
    await expect(rows(`${bag} | mv-expand bag_keys(d), range(1, 2)`)).rejects.toThrow('several unnamed');
    await expect(rows(`${bag} | mv-expand d.x, todynamic(d.x)`)).rejects.toThrow('one column');
  });
  it('an empty array has no row, a null has one, a bag one for each property', async () => {
    expect(await rows(`${arrays} | mv-expand d`)).toEqual([
      [1, 5],
      [1, 6],
      [3, null],
      [4, { x: 7 }],
    ]);
  });
  it('goes on with nulls where one of several arrays is shorter', async () => {
    expect(
      await rows(
        'print a = dynamic([1,2]), b = dynamic(["x"]) | mv-expand with_itemindex=i a to typeof(long), b to typeof(string)',
      ),
    ).toEqual([
      [1, 'x', 0],
      [2, '', 1],
    ]);
  });
  it('mv-apply summarizes each row by itself, an empty one too', async () => {
    expect(
      await rows(`${arrays} | where i < 3 | mv-apply e = d to typeof(long) on (summarize s = sum(e)) | project i, s`),
    ).toEqual([
      [1, 11],
      [2, 0],
    ]);
  });
  it('mv-apply takes the top of each row', async () => {
    expect(
      await rows(
        'datatable(i:long, d:dynamic)[1,dynamic([3,9]), 2,dynamic([8])] | mv-apply e = d to typeof(long) on (top 1 by e) | project i, e',
      ),
    ).toEqual([
      [1, 9],
      [2, 8],
    ]);
  });
});

describe('parse', () => {
  it('takes columns out of text, all or none', async () => {
    const lines = 'datatable(s:string)["user=bo count=3 end", "user=al count=x end", "nothing"]';
    expect(await rows(`${lines} | parse s with "user=" user " count=" n:int " " rest | project user, n, rest`)).toEqual(
      [
        ['bo', 3, 'end'],
        ['', null, ''],
        ['', null, ''],
      ],
    );
    expect(await rows(`${lines} | parse-where s with "user=" user " count=" n:int " " * | project user`)).toEqual([
      ['bo'],
    ]);
  });
  it('relaxed keeps what fits', async () => {
    expect(
      await rows(
        'print s = "user=al count=x" | parse kind=relaxed s with "user=" user " count=" n:int | project user, n',
      ),
    ).toEqual([['al', null]]);
  });
  it('regex mode is greedy unless U is given', async () => {
    const parse = (flags: string) =>
      rows(`print s = "a=1,b=2,c" | parse kind=regex ${flags} s with "a=" x "," * | project x`);
    expect(await parse('')).toEqual([['1,b=2']]);
    expect(await parse('flags=U')).toEqual([['1']]);
  });
});

describe('order', () => {
  it('window functions need sorted or serialized rows', async () => {
    await expect(rows(`${numbers} | extend n = row_number()`)).rejects.toThrow('sort or serialize');
    expect(await rows(`${numbers} | serialize n = row_number(), p = prev(k, 1, "-") | project n, p`)).toEqual([
      [1, '-'],
      [2, 'a'],
      [3, 'a'],
      [4, 'b'],
    ]);
  });
  it('cumulative sums start again where they are told to', async () => {
    expect(
      await rows(
        `${numbers} | where isnotnull(v) | sort by k asc, v asc | extend c = row_cumsum(v, k != prev(k)) | project c`,
      ),
    ).toEqual([[1], [3], [3]]);
  });
  it('sessions end with a gap', async () => {
    const times =
      'datatable(t:datetime)[datetime(2026-01-01 10:00), datetime(2026-01-01 10:04), datetime(2026-01-01 10:30)]';
    expect(
      await rows(`${times} | sort by t asc | extend s = row_window_session(t, 1h, 5m) | summarize dcount(s)`),
    ).toEqual([[2]]);
  });
});

describe('series, nests and search', () => {
  it('make-series fills empty bins', async () => {
    expect(
      await rows(
        'SigninLogs | make-series n = count() default = 0 on TimeGenerated from datetime(2026-11-23T07:00) to datetime(2026-11-23T11:00) step 1h | project n',
      ),
    ).toEqual([[[0, 1, 1, 1]]]);
  });
  it('scan walks the parts apart', async () => {
    const query = `${numbers} | sort by v asc | where isnotnull(v) | scan partition by k declare (n:long = 0) with (step s: true => n = s.n + 1;)`;
    expect(await rows(`${query} | project k, n`)).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ]);
  });
  it('scan has no column for its matches unless one is asked for, and operators follow it', async () => {
    const scan = (option: string) =>
      `SigninLogs | sort by TimeGenerated asc | scan ${option} declare (n: long = 0) with (step s: true => n = s.n + 1;)`;
    expect(await rows(`${scan('')} | extend twice = n * 2 | summarize sum(twice)`)).toEqual([[12]]);
    expect(await names(`${scan('')} | project-keep UserId, n | extend x = 1`)).toEqual(['UserId', 'n', 'x']);
    expect(await rows(`${scan('with_match_id=m')} | where m == 0 | count`)).toEqual([[3]]);
  });
  it('a union leaves a table the name that a split column would take', async () => {
    const legs = ['(print x = 1)', '(print x = toint(2))', '(print x_long = 3)'];
    const query = `union ${legs.join(', ')}`;
    expect(await names(query)).toEqual(['x_long1', 'x_int', 'x_long']);
    expect(await rows(query)).toEqual([
      [1, null, null],
      [null, 2, null],
      [null, null, 3],
    ]);
    expect(await names(`union ${[...legs].reverse().join(', ')}`)).toEqual(['x_long', 'x_int', 'x_long1']);
    await expect(rows(`${query} | where x_long == 3`)).rejects.toThrow('comes from two places');
  });
  it('narrow keeps its order where its columns go', async () => {
    const query = 'print a = 1, b = "x" | evaluate narrow() | extend Row = 5 | project Column, Value';
    expect(await rows(query)).toEqual([
      ['a', '1'],
      ['b', 'x'],
    ]);
  });
  it('scan carries state from row to row', async () => {
    expect(
      await rows(
        `${numbers} | where isnotnull(v) | sort by v asc | scan declare (sum:long = 0) with (step s: true => sum = v + s.sum;) | project sum`,
      ),
    ).toEqual([[1], [3], [6]]);
  });
  it('join and lookup stay in the sub-tables of mv-apply and partition', async () => {
    const right = 'let X = datatable(k:string, w:long)["a",1, "b",2, "b",3];';
    const lists = `${right} datatable(u:string, l:dynamic)['q',dynamic(["a","b","c","b"]), 'r',dynamic(["c"]), 's',dynamic(["b"])] | mv-apply k = l to typeof(string)`;
    expect(await rows(`${lists} on (lookup X on k | summarize s = sum(w), n = count()) | project u, s, n`)).toEqual([
      ['q', 11, 6],
      ['r', 0, 1],
      ['s', 5, 2],
    ]);
    expect(await rows(`${lists} on (join kind=leftanti X on k) | project u, k`)).toEqual([
      ['q', 'c'],
      ['r', 'c'],
    ]);
    // A kind that takes equal keys once takes them once a sub-table.
    expect(await rows(`${lists} on (join X on k | summarize n = count()) | project u, n`)).toEqual([
      ['q', 3],
      ['r', 0],
      ['s', 2],
    ]);
    const parts = `${right} datatable(u:string, k:string)['q','a', 'r','b', 'q','c', 'q','a'] | partition by u`;
    expect(await rows(`${parts} (join kind=leftouter X on k | summarize s = sum(w) by u) | sort by u asc`)).toEqual([
      ['q', 2],
      ['r', 5],
    ]);
    await expect(rows(`${parts} (join kind=fullouter X on k)`)).rejects.toThrow('join kind=fullouter inside');
  });
  it('partition runs a query for every value', async () => {
    expect(await rows(`${numbers} | partition by k (top 1 by v) | project k, v | sort by k asc`)).toEqual([
      ['a', 2],
      ['b', 3],
      ['c', null],
    ]);
  });
  it('make-series takes computed bounds', async () => {
    const series = 'make-series n = count() on TimeGenerated from startofday(ago(12h)) to endofday(ago(0h)) step 12h';
    expect(await rows(`SigninLogs | ${series} | project n`)).toEqual([[[3, 0]]]);
  });
  it('activity plugins take computed times', async () => {
    const call = 'activity_counts_metrics(UserId, TimeGenerated, startofday(ago(1d)), endofday(now()), 1d)';
    expect(await rows(`SigninLogs | evaluate ${call} | project-away TimeGenerated`)).toEqual([[3, 3, 3, 3]]);
  });
  it('an order outlives the column that it comes from', async () => {
    expect(await rows('SigninLogs | top-hitters 2 of ResultType | project-away approximate_count_ResultType')).toEqual([
      ['0'],
      ['50126'],
    ]);
    expect(
      await rows('SigninLogs | sort by DurationMs asc | project-away DurationMs | take 1 | project UserId'),
    ).toEqual([['adele']]);
  });
  it('table() reads the table of a name, also of one that a function is given', async () => {
    expect(await rows('table("SigninLogs") | count')).toEqual([[3]]);
    const named = 'let read = (name: string) { table(name) | extend Type = name };';
    const query = `${named} let a = read("SigninLogs"); let b = read("AuditLogs"); union isfuzzy=true a, b | summarize count() by Type, UserId == "bo"`;
    expect(await rows(`${query} | order by count_ asc`)).toEqual([
      ['SigninLogs', true, 1],
      ['SigninLogs', false, 2],
    ]);
    await expect(rows(`${named} read("Nothing") | count`)).rejects.toThrow('the table Nothing does not exist');
  });
  it('a * in where stands for any column', async () => {
    expect(await rows('SigninLogs | where * has "oslo" | project UserId')).toEqual([['ADELE']]);
    expect(await rows('SigninLogs | where * == "bo" and DurationMs == 30 | count')).toEqual([[1]]);
    expect(await rows('SigninLogs | where * contains "erge" or UserId == "bo" | count')).toEqual([[2]]);
    expect(await rows('SigninLogs | where * has "osl" | count')).toEqual([[0]]);
  });
  it('search and find without names look through every table', async () => {
    const found = 'project $table, UserId, OperationName';
    expect(await rows(`search "oslo" | ${found}`)).toEqual([['SigninLogs', 'ADELE', '']]);
    expect(await rows('search "50126" and UserId == "bo" | project $table, DurationMs')).toEqual([['SigninLogs', 30]]);
    expect(await rows('search * | summarize count() by $table')).toEqual([['SigninLogs', 3]]);
    expect(await rows('find where UserId == "bo" project UserId, OperationName')).toEqual([['SigninLogs', 'bo', '']]);
    await expect(rows('find where UserId != "bo" project TimeGenerated')).rejects.toThrow('which some tables lack');
  });
  it('find refuses a column that has another type in another table', async () => {
    const query =
      'let A = view () { print x = 1 }; let B = view () { print x = "1" }; find in (A, B) where x == 1 project x';
    await expect(rows(query)).rejects.toThrow();
  });
  it('search looks for terms in every column', async () => {
    expect(await rows('search in (SigninLogs) "oslo" | project $table, UserId')).toEqual([['SigninLogs', 'ADELE']]);
    expect(await rows('search in (SigninLogs) "osl" | count')).toEqual([[0]]);
    // two columns are two places, even where a term would end at their border
    expect(await rows('datatable(a: string, b: string)["x", "y"] | search "x y"')).toEqual([]);
  });
  it('bag_unpack and pivot make columns of what the rows hold', async () => {
    expect(await names('SigninLogs | project LocationDetails | evaluate bag_unpack(LocationDetails)')).toEqual([
      'city',
    ]);
    expect(
      await rows(
        'SigninLogs | project ResultType, UserId = tolower(UserId) | evaluate pivot(ResultType) | sort by UserId asc',
      ),
    ).toEqual([
      ['adele', 1, 1],
      ['bo', 0, 1],
    ]);
  });
});

describe('statements', () => {
  it('functions take scalars, tables and defaults', async () => {
    expect(
      await rows(
        'let f = (T:(v:long), least:long = 2) { T | where v >= least }; f(datatable(v:long)[1, 2, 3]) | count',
      ),
    ).toEqual([[2]]);
    expect(await rows('let f = (x:long) { x * 2 }; print f(f(3))')).toEqual([[12]]);
    expect(await rows('FailedSince(ago(3h)) | count')).toEqual([[2]]);
    expect(await rows('FailedSince(code="0", start=ago(1d)) | count')).toEqual([[1]]);
  });
  it('toscalar takes the first cell', async () => {
    expect(await rows('let longest = toscalar(SigninLogs | summarize max(DurationMs)); print longest + 1')).toEqual([
      [31],
    ]);
  });
  it('invoke hands the rows to a function', async () => {
    expect(
      await rows('let newest = (T:(v:long)) { T | top 1 by v }; range v from 1 to 3 step 1 | invoke newest()'),
    ).toEqual([[3]]);
  });
  it('in compares with the first column of a table', async () => {
    expect(await rows("SigninLogs | where UserId in~ (_GetWatchlist('Accounts')) | count")).toEqual([[2]]);
    expect(await rows("SigninLogs | where UserId in (_GetWatchlist('Accounts')) | count")).toEqual([[1]]);
  });
  it('column_ifexists falls back', async () => {
    expect(
      await rows('SigninLogs | take 1 | project column_ifexists("UserId", ""), column_ifexists("Nope", "x")'),
    ).toEqual([['ADELE', 'x']]);
  });
});

describe('refusal', () => {
  it('carries the code and the place of the binder', async () => {
    await expect(rows('SigninLogs\n| where Nope == 1')).rejects.toMatchObject({
      code: 'KS142',
      diagnostics: [{ line: 2, column: 9, length: 4 }],
    });
  });
  it.each([
    'SigninLogs | reduce by UserId',
    'SigninLogs | fork (take 1)',
    'SigninLogs | evaluate autocluster()',
    'externaldata(a:string)["https://contoso.example/x.csv"]',
  ])('names what is not answered: %s', async (query) => {
    await expect(rows(query)).rejects.toMatchObject({ code: 'KQL_UNSUPPORTED' });
  });
  it('refuses a broken query with a leg that does not exist', async () => {
    await expect(rows('union isfuzzy=true SigninLogs, (Nope_CL | count')).rejects.toMatchObject({ code: 'KS005' });
  });
  it('refuses a summarize of nothing', async () => {
    await expect(rows('SigninLogs | summarize')).rejects.toThrow('needs an aggregate');
  });
  it('keeps render as metadata', async () => {
    const { visualization } = await engine.query(
      'SigninLogs | summarize count() by ResultType | render piechart with (title="Results")',
    );
    expect(visualization).toEqual({ kind: 'piechart', properties: { title: 'Results' } });
  });
});

describe('rolling_percentile', () => {
  const hours =
    'range i from 0 to 239 step 1 | project t = datetime(2018-01-01) + 1h * i, v = i + 1, k = iff(i % 2 == 1, "even", "odd")';
  it('is that of the values of a bin and of the bins before it', async () => {
    const query = `${hours} | evaluate rolling_percentile(v, 50, t, 1d, 3)`;
    expect(await names(query)).toEqual(['t', 'rolling_3_percentile_v_50']);
    const answer = await rows(`${query} | sort by t asc`);
    expect(answer.map(([, value]) => value)).toEqual([12, 24, 36, 60, 84, 108, 132, 156, 180, 204]);
    expect(answer[9]?.[0]).toBe('2018-01-10T00:00:00.0000000Z');
  });
  it('keeps dimensions apart', async () => {
    const query = `${hours} | evaluate rolling_percentile(v, 50, t, 1d, 3, k) | where t < datetime(2018-01-03) | sort by t asc, k asc | project k, rolling_3_percentile_v_50`;
    expect(await rows(query)).toEqual([
      ['even', 12],
      ['odd', 11],
      ['even', 24],
      ['odd', 23],
    ]);
  });
  it('is refused over rows that leave a bin out, or in which the dimensions do not cover the same time', async () => {
    const refused = /a bin without rows/;
    const plugin = 'evaluate rolling_percentile(v, 50, t, 1d, 2';
    await expect(rows(`${hours} | where dayofmonth(t) != 4 | ${plugin})`)).rejects.toThrow(refused);
    await expect(rows(`${hours} | where k == "odd" or dayofmonth(t) > 1 | ${plugin}, k)`)).rejects.toThrow(refused);
  });
});

describe('set', () => {
  it('gives bin_auto() its size and the start of its bins', async () => {
    const times =
      'range t from datetime(2017-01-01 00:05) to datetime(2017-01-01 02:00) step 1m | summarize n = count()';
    const size = 'set query_bin_auto_size=1h;';
    expect(await rows(`${size} set query_bin_auto_at=datetime(2017-01-01 00:05); ${times} by bin_auto(t)`)).toEqual([
      ['2017-01-01T00:05:00.0000000Z', 60],
      ['2017-01-01T01:05:00.0000000Z', 56],
    ]);
    expect(await rows(`${size} ${times} by bin_auto(t) | project n`)).toEqual([[55], [60], [1]]);
    await expect(rows(`${times} by bin_auto(t)`)).rejects.toThrow('without the option query_bin_auto_size');
    await expect(rows(`set query_bin_auto_size=2; ${times} by bin_auto(t)`)).rejects.toThrow('with these options');
  });
  it('is refused where it would change the answer in a way that the engine does not know', async () => {
    expect(await rows('set notruncation; print 1')).toEqual([[1]]);
    await expect(rows('set query_now=datetime(2020-01-01); print now()')).rejects.toThrow('set query_now');
    await expect(rows('set query_take_max_records=1; range i from 1 to 3 step 1')).rejects.toThrow('set query_take');
  });
});
