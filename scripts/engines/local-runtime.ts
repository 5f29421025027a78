/** Registers TypeScript functions in DuckDB. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  UUID,
  VARCHAR,
} from '@duckdb/node-api';
import type { RuntimeType, RuntimeValue } from '../kql/functions/registry.ts';
import { runtimeFunction } from '../kql/lowering/runtime.ts';

const types: Readonly<Record<RuntimeType, DuckDBType>> = { BOOLEAN, INTEGER, BIGINT, DOUBLE, VARCHAR, UUID };

/** Makes the function of this SQL name callable on the connection. */
export function registerRuntime(connection: DuckDBConnection, name: string): void {
  const f = runtimeFunction(name);
  if (!f) throw new Error(`no TypeScript function is registered as ${name}`);
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: f.parameters.map((type) => types[type]),
      ...(f.varArgs && { varArgsType: types[f.varArgs] }),
      returnType: types[f.returns],
      specialHandling: f.seesNull ?? false,
      mainFunction: (_info, input, output) => {
        const columns: DuckDBValue[][] = [];
        for (let i = 0; i < input.columnCount; i++) columns.push(input.getColumnValues(i));
        for (let row = 0; row < input.rowCount; row++) {
          const args = columns.map((column) => runtimeValue(column[row]));
          const skip = !f.seesNull && args.includes(null);
          output.setItem(row, skip ? null : f.evaluate(...args));
        }
        output.flush();
      },
    }),
  );
}

function runtimeValue(value: DuckDBValue | undefined): RuntimeValue {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? value.toString() : value;
}
