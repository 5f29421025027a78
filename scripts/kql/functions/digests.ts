/** Functions on the sketches that `hll()` and `tdigest()` make; both are exact here. */
import * as digests from '../runtime/digests.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, typescriptFunction } from './define.ts';
import type { ScalarLowering, SqlExpression } from './registry.ts';

const percentile = typescriptFunction('kql_percentile_tdigest', ['dynamic', 'real'], 'dynamic', digests.percentileOf);
const mergeHll = typescriptFunction('kql_hll_merge', [], 'dynamic', digests.mergeHll, {
  rest: 'dynamic',
  seesNull: true,
});
const mergeDigests = typescriptFunction('kql_tdigest_merge', [], 'dynamic', digests.mergeDigests, {
  rest: 'dynamic',
  seesNull: true,
});

const percentileTdigest: ScalarLowering = (args, context) => {
  const found = percentile(args.slice(0, 2), context);
  return args.length < 3
    ? found
    : convert({ sql: found, type: 'dynamic' } satisfies SqlExpression, context.resultType, context);
};

export const digestFunctions: FunctionTable = {
  dcount_hll: typescriptFunction('kql_dcount_hll', ['dynamic'], 'long', digests.countHll),
  hll_merge: mergeHll,
  hll_isvalid: typescriptFunction('kql_hll_isvalid', ['dynamic'], 'bool', digests.isHll),
  percentile_tdigest: percentileTdigest,
  percentiles_array_tdigest: typescriptFunction(
    'kql_percentiles_tdigest',
    ['dynamic'],
    'dynamic',
    digests.percentilesOf,
    {
      rest: 'dynamic',
    },
  ),
  merge_tdigest: mergeDigests,
  tdigest_merge: mergeDigests,
  tdigest_isvalid: typescriptFunction('kql_tdigest_isvalid', ['dynamic'], 'bool', digests.isDigest),
};

typescriptFunction('kql_make_hll', ['dynamic'], 'dynamic', digests.makeHll);
typescriptFunction('kql_make_tdigest', ['dynamic'], 'dynamic', digests.makeDigest);
