/** The graph: rows that are nodes, edges, or both (Documentation/Visualizations/Graph.md). */
import type { QueryResult } from '../../engines/query-engine.ts';
import { filledTextOf, type JsonRecord, numberOf, recordOf, textOf } from '../lenient.ts';
import { numberIn, valueText } from './number-format.ts';
import { namedColor, paletteColor, SERIES_COLORS } from './palette.ts';

export interface GraphView {
  kind: 'graph';
  option: JsonRecord;
  summary: string;
}

interface Node {
  label: string;
  size: number | undefined;
  group: string;
}

const MAX_NODES = 1000;

export function graphView(result: QueryResult, settings: JsonRecord): GraphView {
  const find = (name: unknown) => {
    const text = filledTextOf(name);
    return text === undefined ? -1 : result.columns.findIndex((column) => column.name === text);
  };
  const [id, source, target] = [find(settings.nodeIdField), find(settings.sourceIdField), find(settings.targetIdField)];
  const label = [
    find(recordOf(settings.topContent).columnMatch),
    find(recordOf(settings.centerContent).columnMatch),
    id,
  ].find((at) => at >= 0);
  const size = find(recordOf(settings.nodeSize).columnMatch ?? settings.nodeSize);
  const colors = recordOf(settings.colorSettings);
  const color = find(colors.nodeColorField);
  const nodes = new Map<string, Node>();
  const edges: { source: string; target: string }[] = [];
  const text = (row: QueryResult['rows'][number], at: number) => (at < 0 ? '' : valueText(row[at], result.columns[at]));
  for (const row of result.rows) {
    if (nodes.size >= MAX_NODES) break;
    const own = text(row, id);
    if (own !== '') {
      nodes.set(own, {
        label: text(row, label ?? -1) || own,
        size: size < 0 ? undefined : numberIn(row[size]),
        group: text(row, color),
      });
    }
    const [from, to] = [text(row, source), text(row, target)];
    if (from !== '' && to !== '') edges.push({ source: from, target: to });
  }
  for (const edge of edges) {
    for (const end of [edge.source, edge.target]) {
      if (!nodes.has(end) && nodes.size < MAX_NODES) nodes.set(end, { label: end, size: undefined, group: '' });
    }
  }
  const sizes = [...nodes.values()].flatMap((node) => node.size ?? []);
  const [min, max] = [
    sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    sizes.reduce((a, b) => Math.max(a, b), 0),
  ];
  const groups = [...new Set([...nodes.values()].map((node) => node.group))];
  const numeric = groups.every((group) => group !== '' && numberOf(group) !== undefined);
  const paint = (node: Node): string => {
    if (node.group === '') return SERIES_COLORS[0]!;
    if (numeric && textOf(colors.type) === 'heatmap') return paletteColor(textOf(colors.heatmapPalette), 0.5);
    return namedColor(node.group) ?? SERIES_COLORS[groups.indexOf(node.group) % SERIES_COLORS.length]!;
  };
  const shown = edges.filter((edge) => nodes.has(edge.source) && nodes.has(edge.target));
  return {
    kind: 'graph',
    summary: `Graph of ${nodes.size} nodes and ${shown.length} edges: ${[...nodes.values()]
      .slice(0, 8)
      .map((node) => node.label)
      .join(', ')}${nodes.size > 8 ? ', …' : ''}.`,
    option: {
      animation: false,
      tooltip: { renderMode: 'richText', formatter: '{b}' },
      series: [
        {
          type: 'graph',
          layout: 'force',
          roam: true,
          draggable: true,
          force: { repulsion: 160, edgeLength: 90, layoutAnimation: false },
          edgeSymbol: ['none', 'arrow'],
          edgeSymbolSize: 7,
          label: { show: true, position: 'bottom', overflow: 'truncate', width: 120 },
          data: [...nodes].map(([key, node]) => ({
            id: key,
            name: node.label,
            symbolSize: node.size === undefined || !(max > min) ? 26 : 16 + ((node.size - min) / (max - min)) * 34,
            itemStyle: { color: paint(node) },
          })),
          links: shown,
        },
      ],
    },
  };
}
