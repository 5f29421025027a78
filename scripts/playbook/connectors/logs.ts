/** The azuremonitorlogs connector: queries run on an engine over recorded rows, at the time of the call. */
import type { PreparedQuery, QueryEngine } from '../../engines/query-engine.ts';
import { isObject, setOwn, type Value, type ValueObject } from '../value.ts';
import type { Service } from '../workflow/model.ts';

/** A recorded row is not visible before it was ingested. */
export function logsService(engine: QueryEngine, beforeQuery: (at: number) => Promise<void> = async () => {}): Service {
  // The same query runs at each incident; it is bound once.
  const prepared = new Map<string, Promise<PreparedQuery>>();
  return async (call) => {
    if (call.connector !== 'azuremonitorlogs' && call.connector !== 'azureloganalytics') return undefined;
    const query =
      typeof call.body === 'string'
        ? call.body
        : isObject(call.body) && typeof call.body.query === 'string'
          ? call.body.query
          : '';
    const now = new Date(call.at);
    await beforeQuery(call.at);
    try {
      const ready = prepared.get(query) ?? engine.prepare(query);
      prepared.set(query, ready);
      const { columns, rows } = await (await ready).run({ now, visibility: { ingested: { to: now } } });
      const value = rows.map((row) => {
        const object: ValueObject = {};
        for (const [index, column] of columns.entries()) setOwn(object, column.name, (row[index] ?? null) as Value);
        return object;
      });
      return { status: 'Succeeded', outputs: { statusCode: 200, headers: {}, body: { value } } };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return {
        status: 'Failed',
        error: { code: 'BadRequest', message },
        outputs: { statusCode: 400, headers: {}, body: { error: { code: 'BadRequest', message } } },
      };
    }
  };
}
