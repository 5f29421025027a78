/** The map: countries, points by latitude and longitude, Azure regions. */
import { createRequire } from 'node:module';
import countries from 'i18n-iso-countries/index.js';
import type { QueryResult } from '../../engines/query-engine.ts';
import { holds } from '../criteria.ts';
import { filledTextOf, isRecord, type JsonRecord, numberOf, recordOf, textOf } from '../lenient.ts';
import { numberIn, numberText, valueText } from './number-format.ts';
import { namedColor, paletteColor } from './palette.ts';
import { aggregate } from './tiles.ts';
import { countryCentre } from './world.ts';

export interface MapView {
  kind: 'map';
  option: JsonRecord;
  summary: string;
  metrics: { label: string; value: string }[];
  /** Places that the map cannot show, such as a name that is no country. */
  unplaced: string[];
}

/** The name under which the page and the report register the world's outlines; regions carry ISO numeric codes. */
export const WORLD_MAP = 'world';

// The package's own entry would load the names in every language.
countries.registerLocale(createRequire(import.meta.url)('i18n-iso-countries/langs/en.json'));

/** Azure draws at most a hundred places. */
const MAX_PLACES = 100;

/** Azure regions by short name, degrees. Source: learn.microsoft.com/azure/reliability/regions-list (city level). */
const AZURE_REGIONS: Readonly<Record<string, readonly [number, number]>> = {
  eastus: [37.4, -79.8],
  eastus2: [36.7, -78.4],
  westus: [37.8, -122.4],
  westus2: [47.2, -119.9],
  westus3: [33.4, -112.1],
  centralus: [41.6, -93.6],
  northcentralus: [41.9, -87.6],
  southcentralus: [29.4, -98.5],
  westcentralus: [40.9, -110.2],
  canadacentral: [43.7, -79.4],
  canadaeast: [46.8, -71.2],
  brazilsouth: [-23.5, -46.6],
  northeurope: [53.3, -6.3],
  westeurope: [52.4, 4.9],
  uksouth: [50.9, -0.8],
  ukwest: [53.4, -3.1],
  francecentral: [46.4, 2.4],
  germanywestcentral: [50.1, 8.7],
  switzerlandnorth: [47.5, 8.6],
  norwayeast: [59.9, 10.8],
  swedencentral: [60.7, 17.1],
  italynorth: [45.5, 9.2],
  polandcentral: [52.2, 21],
  spaincentral: [40.4, -3.4],
  uaenorth: [25.3, 55.3],
  qatarcentral: [25.6, 51.4],
  israelcentral: [31.3, 34.8],
  southafricanorth: [-25.7, 28.2],
  centralindia: [18.6, 73.9],
  southindia: [13, 80.2],
  westindia: [19.1, 72.9],
  eastasia: [22.3, 114.2],
  southeastasia: [1.3, 103.8],
  japaneast: [35.7, 139.8],
  japanwest: [34.7, 135.5],
  koreacentral: [37.6, 127],
  koreasouth: [35.2, 129],
  australiaeast: [-33.9, 151.2],
  australiasoutheast: [-37.8, 145],
  australiacentral: [-35.3, 149.1],
};

interface Place {
  label: string;
  /** ISO numeric code on the world map, or coordinates. */
  code?: string;
  at?: readonly [number, number];
  values: number[];
  rows: number;
}

export function mapView(result: QueryResult, settings: JsonRecord): MapView {
  const by = (textOf(settings.locInfo) ?? '').toLowerCase();
  const column = (name: unknown) => {
    const text = filledTextOf(name);
    return text === undefined ? -1 : result.columns.findIndex((one) => one.name === text);
  };
  const [latitude, longitude] = [column(settings.latitude), column(settings.longitude)];
  const location = firstOf([column(settings.locInfoColumn), guessLocation(result)]);
  const size = firstOf([
    column(settings.sizeSettings),
    column(settings.legendMetric),
    result.columns.findIndex((one) => ['int', 'long', 'real', 'decimal'].includes(one.type)),
  ]);
  const label = firstOf([column(settings.labelSettings), column(settings.nameField), location]);
  const useCoordinates = by === 'latlong' || (by === '' && latitude >= 0);
  const places = new Map<string, Place>();
  const unplaced = new Set<string>();
  for (const row of result.rows) {
    const name = label >= 0 ? valueText(row[label], result.columns[label]) : '';
    const text = location >= 0 ? valueText(row[location], result.columns[location]) : '';
    const spot = useCoordinates
      ? coordinates(numberIn(row[latitude]), numberIn(row[longitude]))
      : by === 'azureloc' || by === 'azureresource'
        ? azureRegion(text)
        : country(text);
    if (!spot) {
      if (text || name) unplaced.add(text || name);
      continue;
    }
    const key = spot.code ?? `${spot.at?.[0]},${spot.at?.[1]}`;
    const place = places.get(key) ?? { label: spot.label ?? (name || key), ...spot, values: [], rows: 0 };
    const value = size >= 0 ? numberIn(row[size]) : undefined;
    if (value !== undefined && Number.isFinite(value)) place.values.push(value);
    place.rows++;
    places.set(key, place);
  }
  const how =
    size >= 0 ? (filledTextOf(settings.sizeAggregation) ?? filledTextOf(settings.legendAggregation) ?? 'Sum') : 'Count';
  const measured = [...places.values()]
    .map((place) => ({ place, value: aggregate(place.values, how, place.rows) ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MAX_PLACES);
  const shown = Math.max(1, numberOf(settings.numberOfMetrics) ?? 8);
  const format = settings.numberFormatSettings ?? { unit: 17 };
  const metrics = measured
    .slice(0, shown)
    .map(({ place, value }) => ({ label: place.label, value: numberText(value, format) }));
  const rest = measured.slice(shown);
  if (rest.length > 0) {
    metrics.push({
      label: 'Other',
      value: numberText(
        rest.reduce((sum, one) => sum + one.value, 0),
        format,
      ),
    });
  }
  return {
    kind: 'map',
    option: option(measured, recordOf(settings.itemColorSettings), settings),
    summary: `Map of ${measured.length} places: ${metrics.map((one) => `${one.label} ${one.value}`).join(', ') || 'none'}.`,
    metrics,
    unplaced: [...unplaced].slice(0, 20),
  };
}

function firstOf(candidates: readonly number[]): number {
  return candidates.find((at) => at >= 0) ?? -1;
}

function guessLocation(result: QueryResult): number {
  const named = result.columns.findIndex(
    (column) => /country|location|region|geo/i.test(column.name) && column.type === 'string',
  );
  return named >= 0 ? named : result.columns.findIndex((column) => column.type === 'string');
}

interface Spot {
  code?: string;
  at?: readonly [number, number];
  label?: string;
}

function coordinates(latitude: number | undefined, longitude: number | undefined): Spot | undefined {
  if (latitude === undefined || longitude === undefined) return undefined;
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) return undefined;
  return { at: [latitude, longitude] };
}

function azureRegion(text: string): Spot | undefined {
  const key = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const at = Object.hasOwn(AZURE_REGIONS, key) ? AZURE_REGIONS[key] : undefined;
  return at ? { at, label: text } : undefined;
}

function country(text: string): Spot | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const alpha2 =
    trimmed.length === 2
      ? trimmed.toUpperCase()
      : trimmed.length === 3
        ? countries.alpha3ToAlpha2(trimmed.toUpperCase())
        : countries.getAlpha2Code(trimmed, 'en');
  const code = alpha2 === undefined ? undefined : countries.alpha2ToNumeric(alpha2);
  if (code === undefined || alpha2 === undefined) return undefined;
  const centre = countryCentre(code);
  return { code, label: countries.getName(alpha2, 'en') ?? trimmed, ...(centre ? { at: [centre[1], centre[0]] } : {}) };
}

function option(
  measured: readonly { place: Place; value: number }[],
  colors: JsonRecord,
  settings: JsonRecord,
): JsonRecord {
  const values = measured.map((one) => one.value);
  const [min, max] = [values.reduce((a, b) => Math.min(a, b), 0), values.reduce((a, b) => Math.max(a, b), 0)];
  const palette = filledTextOf(colors.heatmapPalette) ?? 'blue';
  const paint = (value: number, at: number) => {
    if (textOf(colors.type) === 'thresholds' && Array.isArray(colors.thresholdsGrid)) {
      const rows = colors.thresholdsGrid.filter(isRecord);
      const row =
        rows.find(
          (one) =>
            one.operator !== 'Default' &&
            holds(textOf(one.operator) ?? '', String(value), textOf(one.thresholdValue) ?? ''),
        ) ?? rows.find((one) => one.operator === 'Default');
      return namedColor(textOf(row?.representation)) ?? paletteColor('blue', at);
    }
    return paletteColor(palette, 0.25 + at * 0.75);
  };
  const fraction = (value: number) => (max > min ? (value - min) / (max - min) : 1);
  const [small, large] = [numberOf(settings.minSize) ?? 10, numberOf(settings.maxSize) ?? 40];
  return {
    animation: false,
    tooltip: { trigger: 'item', renderMode: 'richText', formatter: '{b}' },
    geo: {
      map: WORLD_MAP,
      roam: true,
      top: 4,
      bottom: 4,
      label: { show: false },
      emphasis: { label: { show: false } },
      tooltip: { show: false },
      silent: true,
      regions: measured
        .filter((one) => one.place.code !== undefined)
        .map((one) => ({ name: one.place.code, itemStyle: { areaColor: paint(one.value, fraction(one.value)) } })),
    },
    series: [
      {
        type: 'scatter',
        coordinateSystem: 'geo',
        data: measured.map((one) => ({
          name: `${one.place.label}: ${one.value}`,
          value: one.place.at ? [one.place.at[1], one.place.at[0], one.value] : null,
          symbolSize: Math.round(
            Math.min(60, Math.max(4, small / 2 + Math.sqrt(fraction(one.value)) * (large - small) * 0.6)),
          ),
          itemStyle: { color: paint(one.value, fraction(one.value)), opacity: numberOf(settings.opacity) ?? 0.8 },
        })),
      },
    ],
  };
}
