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
const COMPRESSOR = 'the bytes depend on the compressor';
const GEOMETRY = 'it needs a library of shapes on the sphere';
const PERIODS = 'how it finds periods is not documented';

/** Reason, then the functions that are refused for it. */
const refused: readonly (readonly [reason: string, names: string])[] = [
  [
    SERVICE,
    `cluster current_cluster_endpoint current_cursor current_database current_node_id current_principal
    current_principal_details current_principal_is_member_of cursor_after cursor_before_or_at cursor_current
    datetime_list_timezones estimate_data_size extent_id extent_tags extentid external_table geo_info_from_ip_address
    materialized_view row_id rowstore_ordinal_range stored_query_result`,
  ],
  [
    UNKNOWN,
    `hash_combine hash_many percentrank_tdigest rank_tdigest series_fit_2lines series_fit_2lines_dynamic series_fit_poly
    series_outliers`,
  ],
  [
    PERIODS,
    `series_decompose series_decompose_anomalies series_decompose_forecast series_periods_detect series_periods_validate
    series_seasonal`,
  ],
  [COMPRESSOR, 'gzip_compress_to_base64_string zlib_compress_to_base64_string'],
  ['it needs the request property query_bin_auto_size', 'bin_auto'],
  ["it depends on the service's own list of browsers", 'parse_user_agent'],
  [
    GEOMETRY,
    `geo_closest_point_on_line geo_closest_point_on_polygon geo_distance_point_to_line geo_distance_point_to_polygon
    geo_from_wkt geo_geohash_neighbors geo_h3cell_children geo_h3cell_level geo_h3cell_neighbors geo_h3cell_parent
    geo_h3cell_rings geo_h3cell_to_central_point geo_h3cell_to_polygon geo_intersection_2lines geo_intersection_2polygons
    geo_intersection_line_with_polygon geo_intersects_2lines geo_intersects_2polygons geo_intersects_line_with_polygon
    geo_line_buffer geo_line_centroid geo_line_densify geo_line_interpolate_point geo_line_length geo_line_locate_point
    geo_line_simplify geo_line_to_s2cells geo_point_buffer geo_point_in_polygon geo_point_to_h3cell geo_point_to_s2cell
    geo_polygon_area geo_polygon_buffer geo_polygon_centroid geo_polygon_densify geo_polygon_perimeter
    geo_polygon_simplify geo_polygon_to_h3cells geo_polygon_to_s2cells geo_s2cell_neighbors geo_s2cell_to_central_point
    geo_s2cell_to_polygon geo_simplify_polygons_array geo_union_lines_array geo_union_polygons_array`,
  ],
];

/** What is refused, and why; `breakglass kql support` prints it. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map(
  refused.flatMap(([reason, names]) => names.split(/\s+/).map((name) => [name, reason] as const)),
);
