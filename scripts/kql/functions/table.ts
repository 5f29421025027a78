/** All scalar functions in one place: what is answered, what is refused and why. */
import { collectionFunctions, collectionTuples } from './collections.ts';
import { conditionalFunctions } from './conditional.ts';
import { conversionFunctions } from './conversion.ts';
import { type FunctionTable, typescriptFunctions } from './define.ts';
import { digestFunctions } from './digests.ts';
import { encodingFunctions } from './encoding.ts';
import { geoFunctions } from './geo.ts';
import { mathFunctions } from './math.ts';
import { networkFunctions } from './network.ts';
import { parsingFunctions } from './parsing.ts';
import { regexFunctions } from './regex.ts';
import type { RuntimeFunction, ScalarLowering, TupleLowering } from './registry.ts';
import { seriesFunctions, seriesTuples } from './series.ts';
import { stringFunctions } from './strings.ts';
import { timeFunctions } from './time.ts';
import { unitFunctions } from './units.ts';

const families: readonly FunctionTable[] = [
  collectionFunctions,
  conditionalFunctions,
  stringFunctions,
  regexFunctions,
  parsingFunctions,
  mathFunctions,
  timeFunctions,
  encodingFunctions,
  networkFunctions,
  seriesFunctions,
  digestFunctions,
  geoFunctions,
  unitFunctions,
];

/** Every scalar function that is answered, by its Kusto name in lower case. */
export const scalarFunctions: ReadonlyMap<string, ScalarLowering> = new Map(
  families.flatMap((table) => Object.entries(table)),
);

/** Functions with several results, where the binder says that the call is a tuple. */
export const tupleFunctions: ReadonlyMap<string, TupleLowering> = new Map(
  Object.entries({ ...collectionTuples, ...seriesTuples }),
);

/** TypeScript functions by SQL name. */
export const runtimeFunctions: ReadonlyMap<string, RuntimeFunction> = new Map([
  ...typescriptFunctions,
  ...conversionFunctions.map((runtime) => [runtime.name, runtime] as const),
]);

const SERVICE = 'it asks the service where the query runs';
const UNKNOWN = 'its exact answer is not documented';

/** What is refused, and why; `breakglass kql support` prints it. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bin_auto: 'it needs the request property query_bin_auto_size',
    cluster: SERVICE,
    current_cluster_endpoint: SERVICE,
    current_database: SERVICE,
    current_principal: SERVICE,
    current_principal_details: SERVICE,
    current_principal_is_member_of: SERVICE,
    cursor_after: SERVICE,
    cursor_before_or_at: SERVICE,
    cursor_current: SERVICE,
    datetime_list_timezones: SERVICE,
    estimate_data_size: SERVICE,
    extent_id: SERVICE,
    extent_tags: SERVICE,
    geo_info_from_ip_address: SERVICE,
    gzip_compress_to_base64_string: 'the bytes depend on the compressor',
    hash_combine: UNKNOWN,
    hash_many: UNKNOWN,
    parse_user_agent: "it depends on the service's own list of browsers",
    parse_version: 'its decimal has more digits than the local engine keeps',
    zlib_compress_to_base64_string: 'the bytes depend on the compressor',
  }),
);
