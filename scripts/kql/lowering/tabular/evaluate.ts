/** evaluate: plugins, https://learn.microsoft.com/kusto/query/evaluate-operator. */
import type { SyntaxNode } from '../../syntax.ts';
import { functionName } from '../calls.ts';
import type { Relation } from '../relation.ts';
import type { Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { activeUsersCount, activityCountsMetrics, slidingWindowCounts } from './plugins-activity.ts';
import { bagUnpack, pivot } from './plugins-open-schema.ts';
import { rollingPercentile } from './plugins-rolling.ts';
import { dcountIntersect, ipLookup, narrow, rowsNear } from './plugins-rows.ts';

/** A plugin: `call` is the call with its arguments, `node` the whole operator with the binder's result. */
export type Plugin = (call: SyntaxNode, node: SyntaxNode, input: Relation, scope: Scope, t: Translation) => Relation;

/** The plugins that are answered, by name. */
export const plugins: ReadonlyMap<string, Plugin> = new Map<string, Plugin>([
  ['active_users_count', activeUsersCount],
  ['activity_counts_metrics', activityCountsMetrics],
  ['bag_unpack', bagUnpack],
  ['dcount_intersect', dcountIntersect],
  ['ipv4_lookup', ipLookup('ipv4_is_match')],
  ['ipv6_lookup', ipLookup('ipv6_is_match')],
  ['narrow', narrow],
  ['pivot', pivot],
  ['rolling_percentile', rollingPercentile],
  ['rows_near', rowsNear],
  ['sliding_window_counts', slidingWindowCounts],
]);

export function evaluate(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const call = node.field('FunctionCall') as SyntaxNode;
  const name = functionName(call).toLowerCase();
  const plugin = plugins.get(name);
  if (!plugin) return t.unsupported(`evaluate ${name}()`, call);
  if (input.partition) return t.unsupported('evaluate inside mv-apply or partition', node);
  return plugin(call, node, input, scope, t);
}
