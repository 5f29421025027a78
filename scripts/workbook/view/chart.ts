/** Line, area, bar, pie and scatter charts: rows and settings to an echarts option (plain data, no functions). */
import type { QueryResult } from '../../engines/query-engine.ts';
import { filledTextOf, flagOf, isRecord, type JsonRecord, listOf, numberOf, recordOf, textOf } from '../lenient.ts';
import { type ChartData, chartData, type Series } from './chart-data.ts';
import { formatNumber } from './number-format.ts';
import { namedColor, SERIES_COLORS } from './palette.ts';

export type ChartShape = 'line' | 'area' | 'bar' | 'horizontal-bar' | 'pie' | 'scatter';

export interface ChartView {
  kind: 'chart';
  shape: ChartShape;
  /** An echarts option without functions, colours of text and lines left to the theme. */
  option: JsonRecord;
  /** One sentence for a screen reader. */
  summary: string;
  /** Totals or last values below the chart. */
  metrics: { label: string; value: string }[];
  /** x is time, so that a range of it can be picked. */
  time: boolean;
  note?: string;
}

/** What a visualisation name draws; undefined where it is no chart. Names of `| render` and of the item alike. */
export function chartShape(name: string, byRender: boolean): ChartShape | undefined {
  switch (name.toLowerCase()) {
    case 'linechart':
    case 'timechart':
    case 'anomalychart':
      return 'line';
    case 'areachart':
    case 'stackedareachart':
      return 'area';
    case 'barchart':
      return byRender ? 'horizontal-bar' : 'bar';
    case 'columnchart':
    case 'categoricalbar':
    case 'unstackedbar':
    case 'stackedbar':
      return 'bar';
    case 'piechart':
    case 'donut':
    case 'donutchart':
      return 'pie';
    case 'scatterchart':
    case 'scatter':
      return 'scatter';
    default:
      return undefined;
  }
}

export interface ChartInput {
  name: string;
  shape: ChartShape;
  settings: JsonRecord;
  properties: Readonly<Record<string, string>>;
  brush: boolean;
}

export function chartView(result: QueryResult, input: ChartInput): ChartView {
  const { shape, settings } = input;
  const data = chartData(result, {
    wantsTime: shape !== 'pie' && !/^categorical/.test(input.name),
    settings: shape === 'pie' ? pieSettings(settings) : settings,
    properties: input.properties,
  });
  const labels = seriesLabels(settings);
  return shape === 'pie' ? pie(data, settings, labels) : axes(data, input, labels);
}

// A pie has one ring: its slices are the x values, or the groups where the settings name them.
function pieSettings(settings: JsonRecord): JsonRecord {
  const { group, createOtherGroup: _, ...rest } = settings;
  return filledTextOf(rest.xAxis) === undefined && filledTextOf(group) !== undefined ? { ...rest, xAxis: group } : rest;
}

interface SeriesLabel {
  label: string | undefined;
  color: string | undefined;
}

function seriesLabels(settings: JsonRecord): ReadonlyMap<string, SeriesLabel> {
  return new Map(
    listOf(settings.seriesLabelSettings)
      .filter(isRecord)
      .map((one) => [
        textOf(one.seriesName) ?? '',
        { label: filledTextOf(one.label), color: namedColor(textOf(one.color)) },
      ]),
  );
}

const DEFAULT_SLICES = 10;

function pie(data: ChartData, settings: JsonRecord, labels: ReadonlyMap<string, SeriesLabel>): ChartView {
  const totals = new Map<string, number>();
  for (const series of data.series) {
    for (const [x, y] of series.points) {
      const name = data.time ? new Date(x).toISOString() : (data.categories[x] ?? '');
      totals.set(name, (totals.get(name) ?? 0) + y);
    }
  }
  const ranked = [...totals].sort((a, b) => b[1] - a[1]);
  const keep = Math.max(1, numberOf(settings.createOtherGroup) ?? DEFAULT_SLICES);
  const slices = ranked.slice(0, keep);
  const rest = ranked.slice(keep).reduce((sum, [, value]) => sum + value, 0);
  if (rest > 0) slices.push(['Other', rest]);
  const total = slices.reduce((sum, [, value]) => sum + value, 0);
  const name = (key: string) => labels.get(key)?.label ?? key;
  const option: JsonRecord = {
    color: SERIES_COLORS,
    animation: false,
    tooltip: { trigger: 'item', renderMode: 'richText', formatter: '{b}: {c} ({d}%)' },
    legend: { type: 'scroll', orient: 'vertical', right: 8, top: 'middle', height: '80%', formatter: '{name}' },
    series: [
      {
        type: 'pie',
        radius: ['48%', '78%'],
        center: ['34%', '50%'],
        avoidLabelOverlap: true,
        label: { show: false },
        itemStyle: { borderWidth: 1 },
        data: slices.map(([key, value]) => {
          const color = labels.get(key)?.color;
          return { name: drawnName(name(key)), value, ...(color === undefined ? {} : { itemStyle: { color } }) };
        }),
      },
    ],
  };
  const format = recordOf(settings.ySettings).numberFormatSettings;
  const parts = slices.map(([key, value]) => ({ label: name(key), value: withUnit(value, format) }));
  return {
    kind: 'chart',
    shape: 'pie',
    option,
    time: false,
    summary: `Pie chart of ${slices.length} slices, total ${withUnit(total, format)}: ${sentence(parts)}`,
    metrics: flagOf(settings.showMetrics) === false ? [] : [{ label: 'Total', value: withUnit(total, format) }],
  };
}

/**
 * echarts keeps slices and series in plain objects by their name, where these names have a meaning: a log value that is
 * called so would take the chart with it. A zero-width space makes it a name like others.
 */
function drawnName(name: string): string {
  return name === '__proto__' || name === 'hasOwnProperty' ? `${name}\u200b` : name;
}

function withUnit(value: number, format: unknown): string {
  const formatted = formatNumber(value, format);
  return `${formatted.value}${formatted.unit}`;
}

function sentence(parts: readonly { label: string; value: string }[]): string {
  const shown = parts.slice(0, 8).map((part) => `${part.label} ${part.value}`);
  return `${shown.join(', ')}${parts.length > 8 ? `, and ${parts.length - 8} more` : ''}.`;
}

function axes(data: ChartData, input: ChartInput, labels: ReadonlyMap<string, SeriesLabel>): ChartView {
  const { shape, settings } = input;
  const ySettings = recordOf(settings.ySettings);
  const unit = axisUnit(data, ySettings);
  const categories = orderedCategories(data, settings);
  const position = new Map(categories.map((at, index) => [at, index]));
  const horizontal = shape === 'horizontal-bar';
  const stacked = isStacked(input);
  const type = shape === 'area' ? 'line' : horizontal ? 'bar' : shape;
  const series = data.series.map((one, at): JsonRecord => {
    const known = labels.get(one.name);
    const color = known?.color ?? SERIES_COLORS[at % SERIES_COLORS.length];
    const points = one.points.map(([x, y]): [number, number] => [
      data.time ? x : (position.get(x) ?? x),
      y / unit.divisor,
    ]);
    return {
      type,
      name: drawnName(known?.label ?? one.name),
      data: horizontal ? points.map(([x, y]) => [y, x]) : points,
      itemStyle: { color },
      ...(type === 'line' ? { lineStyle: { width: 2 }, showSymbol: points.length < 40, symbolSize: 5 } : {}),
      ...(type === 'bar' ? { barMaxWidth: 36, ...(data.time ? { barMinWidth: 2 } : {}) } : {}),
      ...(shape === 'area' ? { areaStyle: { opacity: 0.25 } } : {}),
      ...(stacked ? { stack: 'all' } : {}),
      ...(at === 0 ? thresholdLine(settings, unit.divisor) : {}),
    };
  });
  const names = categories.map((at) => data.categories[at] ?? '');
  const xAxis: JsonRecord = data.time
    ? { type: 'time' }
    : { type: 'category', data: names, axisLabel: { hideOverlap: true, width: 120, overflow: 'truncate' } };
  const yAxis: JsonRecord = {
    type: 'value',
    axisLabel: { formatter: `{value}${unit.suffix}` },
    splitNumber: 4,
    ...bound('min', ySettings.min),
    ...bound('max', ySettings.max),
  };
  const many = series.length > 1;
  const legendRight = flagOf(settings.showLegend) === true && many;
  const option: JsonRecord = {
    color: SERIES_COLORS,
    useUTC: true,
    animation: false,
    grid: {
      left: 8,
      right: legendRight ? 170 : numberOf(settings.customThresholdLine) === undefined ? 16 : 40,
      top: 16,
      bottom: many && !legendRight ? 36 : 8,
      containLabel: true,
    },
    tooltip: { trigger: shape === 'scatter' ? 'item' : 'axis', renderMode: 'richText', confine: true },
    ...(many
      ? {
          legend: legendRight
            ? { type: 'scroll', orient: 'vertical', right: 8, top: 16, width: 150 }
            : { type: 'scroll', bottom: 0 },
        }
      : {}),
    xAxis: horizontal ? yAxis : xAxis,
    yAxis: horizontal ? { ...xAxis, inverse: true } : yAxis,
    series,
    ...(input.brush && data.time
      ? {
          toolbox: { show: false },
          brush: {
            xAxisIndex: 0,
            brushType: 'lineX',
            brushMode: 'single',
            throttleType: 'debounce',
            throttleDelay: 300,
          },
        }
      : {}),
  };
  const metrics = data.series.map((one) => ({
    label: labels.get(one.name)?.label ?? one.name,
    value: withUnit(total(one), ySettings.numberFormatSettings ?? { unit: 17 }),
  }));
  const kind = { line: 'Line', area: 'Area', bar: 'Bar', 'horizontal-bar': 'Bar', scatter: 'Scatter', pie: 'Pie' }[
    shape
  ];
  return {
    kind: 'chart',
    shape,
    option,
    time: data.time,
    summary: `${kind} chart over ${data.x || 'all rows'}${data.time ? timeSpan(data.series) : ''}, ${data.series.length} series; totals: ${sentence(metrics)}`,
    metrics: flagOf(settings.showMetrics) === false ? [] : metrics.slice(0, 6),
    ...(data.cut ? { note: 'The chart shows the first 100 series and 10,000 points, as Azure does.' } : {}),
  };
}

function total(series: Series): number {
  return series.points.reduce((sum, point) => sum + point[1], 0);
}

function timeSpan(series: readonly Series[]): string {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of series) {
    for (const [x] of one.points) {
      from = Math.min(from, x);
      to = Math.max(to, x);
    }
  }
  if (from > to) return '';
  const text = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
  return ` from ${text(from)} to ${text(to)} UTC`;
}

function isStacked(input: ChartInput): boolean {
  const kind = input.properties.kind?.toLowerCase();
  if (kind === 'unstacked') return false;
  if (kind === 'stacked' || kind === 'stacked100') return true;
  if (input.name === 'unstackedbar' || input.name === 'categoricalbar') return false;
  return input.shape === 'area' || input.shape === 'bar' || input.shape === 'horizontal-bar';
}

// Axis labels cannot call code, so the values are divided by the step that fits the largest one.
function axisUnit(data: ChartData, ySettings: JsonRecord): { divisor: number; suffix: string } {
  const format = recordOf(ySettings.numberFormatSettings);
  const unit = numberOf(format.unit) ?? numberOf(ySettings.unit) ?? 0;
  if (unit === 1) return { divisor: 1, suffix: '%' };
  let largest = 0;
  for (const series of data.series) for (const [, y] of series.points) largest = Math.max(largest, Math.abs(y));
  if (unit === 0 || largest === 0) return { divisor: 1, suffix: '' };
  const probe = formatNumber(largest, { unit, options: { maximumFractionDigits: 12, useGrouping: false } });
  const shown = Number(probe.value);
  if (!(shown > 0)) return { divisor: 1, suffix: '' };
  return { divisor: largest / shown, suffix: probe.unit };
}

function orderedCategories(data: ChartData, settings: JsonRecord): number[] {
  const order = data.categories.map((_, at) => at);
  const sort = filledTextOf(settings.sort);
  if (sort === undefined || data.time) return order;
  const direction = flagOf(settings.sortDirection) === true ? -1 : 1;
  if (sort === data.x) return order.sort((a, b) => direction * (data.categories[a]! < data.categories[b]! ? -1 : 1));
  const totals = new Map<number, number>();
  for (const series of data.series) for (const [x, y] of series.points) totals.set(x, (totals.get(x) ?? 0) + y);
  return order.sort((a, b) => direction * ((totals.get(a) ?? 0) - (totals.get(b) ?? 0)));
}

function bound(name: 'min' | 'max', value: unknown): JsonRecord {
  const number = numberOf(value);
  return number === undefined ? {} : { [name]: number };
}

function thresholdLine(settings: JsonRecord, divisor: number): JsonRecord {
  const value = numberOf(settings.customThresholdLine);
  if (value === undefined) return {};
  const color =
    namedColor(['', 'green', 'yellow', 'red'][numberOf(settings.customThresholdLineStyle) ?? 3]) ?? namedColor('red');
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color, type: 'dashed' },
      label: { formatter: `${value}` },
      data: [{ yAxis: value / divisor }],
    },
  };
}
