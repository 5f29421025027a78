/** Points on Kusto's sphere of 6,371,010 m (the S2 library's radius) and geohashes. Angles in degrees, distances in metres. */
import type { Dynamic } from './dynamic.ts';

const RADIUS = 6_371_010;
const RADIANS = Math.PI / 180;

function isPoint(longitude: number, latitude: number): boolean {
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

/** Great-circle distance (haversine). */
export function distance(lon1: number, lat1: number, lon2: number, lat2: number): number | null {
  if (!isPoint(lon1, lat1) || !isPoint(lon2, lat2)) return null;
  const [a, b] = [Math.sin(((lat2 - lat1) * RADIANS) / 2), Math.sin(((lon2 - lon1) * RADIANS) / 2)];
  const h = a * a + Math.cos(lat1 * RADIANS) * Math.cos(lat2 * RADIANS) * b * b;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function inCircle(
  lon: number,
  lat: number,
  centerLon: number,
  centerLat: number,
  radius: number,
): boolean | null {
  const apart = distance(lon, lat, centerLon, centerLat);
  return apart === null || !(radius >= 0) ? null : apart <= radius;
}

/** Clockwise angle from north of the way from one point to another, in radians; null between equal points. */
export function azimuth(lon1: number, lat1: number, lon2: number, lat2: number): number | null {
  if (!isPoint(lon1, lat1) || !isPoint(lon2, lat2) || (lon1 === lon2 && lat1 === lat2)) return null;
  const [p1, p2, turn] = [lat1 * RADIANS, lat2 * RADIANS, (lon2 - lon1) * RADIANS];
  const y = Math.sin(turn) * Math.cos(p2);
  const x = Math.cos(p1) * Math.sin(p2) - Math.sin(p1) * Math.cos(p2) * Math.cos(turn);
  const angle = Math.atan2(y, x);
  return angle < 0 ? angle + 2 * Math.PI : angle;
}

/** Clockwise angle at the second point from the first to the third, in radians. */
export function angle(
  lon1: number,
  lat1: number,
  lon2: number,
  lat2: number,
  lon3: number,
  lat3: number,
): number | null {
  const [from, to] = [azimuth(lon2, lat2, lon1, lat1), azimuth(lon2, lat2, lon3, lat3)];
  if (from === null || to === null) return null;
  return to >= from ? to - from : to - from + 2 * Math.PI;
}

const BASE32 = '0123456789bcdefghjkmnpqrstuvwxyz';

export function toGeohash(longitude: number, latitude: number, accuracy = 5n): string | null {
  if (!isPoint(longitude, latitude) || accuracy < 1n || accuracy > 18n) return null;
  const ranges = [
    { low: -180, high: 180, value: longitude },
    { low: -90, high: 90, value: latitude },
  ];
  let hash = '';
  for (let bit = 0, code = 0; hash.length < Number(accuracy); bit++) {
    const range = ranges[bit % 2] as (typeof ranges)[number];
    const middle = (range.low + range.high) / 2;
    const upper = range.value >= middle;
    code = code * 2 + (upper ? 1 : 0);
    if (upper) range.low = middle;
    else range.high = middle;
    if (bit % 5 === 4) {
      hash += BASE32[code];
      code = 0;
    }
  }
  return hash;
}

interface Box {
  west: number;
  east: number;
  south: number;
  north: number;
}

function boxOf(geohash: string): Box | undefined {
  if (geohash === '' || geohash.length > 18) return undefined;
  const box = { west: -180, east: 180, south: -90, north: 90 };
  let bit = 0;
  for (const character of geohash) {
    const code = BASE32.indexOf(character);
    if (code < 0) return undefined;
    for (let i = 4; i >= 0; i--, bit++) {
      const upper = (code >> i) & 1;
      const [low, high] = bit % 2 === 0 ? (['west', 'east'] as const) : (['south', 'north'] as const);
      box[upper ? low : high] = (box[low] + box[high]) / 2;
    }
  }
  return box;
}

export function geohashCenter(geohash: string): Dynamic {
  const box = boxOf(geohash);
  if (!box) return null;
  return new Map<string, Dynamic>([
    ['type', 'Point'],
    ['coordinates', [(box.west + box.east) / 2, (box.south + box.north) / 2]],
  ]);
}

export function geohashPolygon(geohash: string): Dynamic {
  const box = boxOf(geohash);
  if (!box) return null;
  const { west, east, south, north } = box;
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return new Map<string, Dynamic>([
    ['type', 'Polygon'],
    ['coordinates', [ring]],
  ]);
}
