/** The column types of the tables that Log Analytics documents, from schemas/tables. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TableSchema } from '../kql/catalog.ts';

const folder = new URL('../../schemas/tables/', import.meta.url);
let cache: readonly TableSchema[] | undefined;

/** Every table of schemas/tables, standard columns included, sorted by name. Read once a process. */
export function tableSchemas(): readonly TableSchema[] {
  cache ??= readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as TableSchema);
  return cache;
}

/** One table's schema, by its exact name. */
export function tableSchema(name: string): TableSchema | undefined {
  return tableSchemas().find((table) => table.name === name);
}
