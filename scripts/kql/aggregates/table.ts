/** Every aggregate that is answered, by its Kusto name in lower case. */
import type { AggregateLowering } from '../functions/registry.ts';
import { collectionAggregates } from './collections.ts';
import { numberAggregates, sketchAggregates } from './numbers.ts';
import { rowAggregates } from './rows.ts';

export const aggregates: ReadonlyMap<string, AggregateLowering> = new Map(
  Object.entries({ ...numberAggregates, ...sketchAggregates, ...collectionAggregates, ...rowAggregates }),
);
