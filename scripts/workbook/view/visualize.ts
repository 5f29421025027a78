/** From a query's result to the view that its item asks for. */
import type { QueryResult } from '../../engines/query-engine.ts';
import { recordOf } from '../lenient.ts';
import type { QueryItem } from '../model.ts';
import { type ChartView, chartShape, chartView } from './chart.ts';
import { type GraphView, graphView } from './graph.ts';
import { type GridView, gridView } from './grid.ts';
import { type MapView, mapView } from './map.ts';
import { type CardView, cardView, type StatView, statView, type TilesView, tilesView } from './tiles.ts';

export type VisualizationView = GridView | TilesView | CardView | StatView | ChartView | MapView | GraphView;

/**
 * The view of a result with at least one row. Only the settings block of the visualisation in force is read: items
 * carry blocks that the editor left behind.
 */
export function visualize(item: QueryItem, result: QueryResult, expand: (text: string) => string): VisualizationView {
  const { content } = item;
  const byRender = item.visualization === '' || item.visualization === 'default';
  const name = byRender ? (result.visualization?.kind ?? 'table') : item.visualization;
  const shape = chartShape(name, byRender);
  if (shape) {
    return chartView(result, {
      name: name.toLowerCase(),
      shape,
      settings: recordOf(content.chartSettings),
      properties: byRender ? (result.visualization?.properties ?? {}) : {},
      brush: item.timeBrushParameterName !== undefined,
    });
  }
  switch (name.toLowerCase()) {
    case 'tiles':
      return tilesView(result, recordOf(content.tileSettings), expand);
    case 'card':
      return cardView(result, byRender ? { style: 'bignumber' } : recordOf(content.textSettings));
    case 'text':
      return cardView(result, recordOf(content.textSettings));
    case 'stat':
      return statView(result, recordOf(content.statSettings), expand);
    case 'map':
      return mapView(result, recordOf(content.mapSettings));
    case 'graph':
      return graphView(result, recordOf(content.graphSettings));
    default:
      return gridView(result, recordOf(content.gridSettings), expand);
  }
}
