/** Outlines of the world's countries (world-atlas, Natural Earth) as GeoJSON; names are ISO numeric codes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';

type Position = [number, number];

export interface Outline {
  type: 'Feature';
  properties: { name: string; cp: Position };
  geometry: { type: string; coordinates: unknown };
}

export interface World {
  type: 'FeatureCollection';
  features: Outline[];
}

let world: World | undefined;
let centres: Map<string, Position> | undefined;

/** All outlines, read once a process. */
export function worldOutlines(): World {
  if (world) return world;
  const file = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json');
  const topology = JSON.parse(readFileSync(file, 'utf8'));
  const collection = feature(topology, topology.objects.countries) as unknown as {
    features: { id?: string; geometry: Outline['geometry'] }[];
  };
  world = {
    type: 'FeatureCollection',
    features: collection.features
      .filter((one) => one.id !== undefined && one.id !== ANTARCTICA && one.geometry !== null)
      .map((one) => {
        const geometry = unbroken(one.geometry);
        return { type: 'Feature', properties: { name: String(one.id), cp: centreOf(geometry) }, geometry };
      }),
  };
  return world;
}

/** Longitude and latitude near the middle of a country; undefined for those too small for the outlines. */
export function countryCentre(code: string): Position | undefined {
  centres ??= new Map([
    ...worldOutlines().features.map((one): [string, Position] => [one.properties.name, one.properties.cp]),
    ...SMALL,
  ]);
  return centres.get(code);
}

// Countries that sign-ins come from and that the outlines at this scale leave out.
const SMALL: readonly [string, Position][] = [
  ['702', [103.8, 1.35]],
  ['344', [114.2, 22.3]],
  ['446', [113.5, 22.2]],
  ['048', [50.6, 26.1]],
  ['470', [14.4, 35.9]],
  ['480', [57.6, -20.3]],
  ['438', [9.55, 47.15]],
  ['492', [7.42, 43.74]],
  ['020', [1.6, 42.5]],
  ['462', [73.5, 4.2]],
  ['690', [55.5, -4.7]],
  ['052', [-59.5, 13.2]],
];

const ANTARCTICA = '010';

// A ring that crosses the date line would be drawn as a band around the whole map: its western part moves east.
function unbroken(geometry: Outline['geometry']): Outline['geometry'] {
  const ring = (points: Position[]): Position[] => {
    const longitudes = points.map((point) => point[0]);
    const crosses = Math.max(...longitudes) - Math.min(...longitudes) > 300;
    return crosses ? points.map(([x, y]) => [x < 0 ? x + 360 : x, y]) : points;
  };
  const polygon = (rings: Position[][]) => rings.map(ring);
  const coordinates =
    geometry.type === 'Polygon'
      ? polygon(geometry.coordinates as Position[][])
      : (geometry.coordinates as Position[][][]).map(polygon);
  return { type: geometry.type, coordinates };
}

// The middle of the box around the largest ring: overseas parts must not pull the centre into the sea.
function centreOf(geometry: Outline['geometry']): Position {
  const polygons = (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) as Position[][][];
  let best: { area: number; centre: Position } = { area: -1, centre: [0, 0] };
  for (const polygon of polygons) {
    let [west, east, south, north] = [540, -180, 90, -90];
    for (const [longitude, latitude] of polygon[0] ?? []) {
      west = Math.min(west, longitude);
      east = Math.max(east, longitude);
      south = Math.min(south, latitude);
      north = Math.max(north, latitude);
    }
    const area = (east - west) * (north - south);
    if (area > best.area) best = { area, centre: [(west + east) / 2, (south + north) / 2] };
  }
  return best.centre;
}
