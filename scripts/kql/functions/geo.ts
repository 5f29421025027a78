/** The geospatial functions that need no library of shapes. https://learn.microsoft.com/kusto/query/geospatial-functions */
import * as geo from '../runtime/geo.ts';
import { type FunctionTable, typescriptFunction } from './define.ts';
import type { ScalarLowering } from './registry.ts';

const point = ['real', 'real'] as const;
const sphere = typescriptFunction('kql_geo_distance', [...point, ...point], 'real', geo.distance);

const distance: ScalarLowering = (args, context) => {
  const spheroid = args[4];
  if (spheroid && spheroid.constant !== false && spheroid.constant !== 0n) {
    return context.refuse('distances on the spheroid are not known exactly');
  }
  return sphere(args.slice(0, 4), context);
};

const toGeohash = typescriptFunction('kql_geohash', [...point, 'long'], 'string', geo.toGeohash);

export const geoFunctions: FunctionTable = {
  geo_distance_2points: distance,
  geo_point_in_circle: typescriptFunction('kql_geo_in_circle', [...point, ...point, 'real'], 'bool', geo.inCircle),
  geo_azimuth: typescriptFunction('kql_geo_azimuth', [...point, ...point], 'real', geo.azimuth),
  geo_angle: typescriptFunction('kql_geo_angle', [...point, ...point, ...point], 'real', geo.angle),
  geo_point_to_geohash: (args, context) =>
    toGeohash(args.length < 3 ? [...args, { sql: '5::BIGINT', type: 'long', constant: 5n }] : args, context),
  geo_geohash_to_central_point: typescriptFunction('kql_geohash_center', ['string'], 'dynamic', geo.geohashCenter),
  geo_geohash_to_polygon: typescriptFunction('kql_geohash_polygon', ['string'], 'dynamic', geo.geohashPolygon),
};
