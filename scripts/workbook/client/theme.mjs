/** Colours of charts, taken from the page's style so that both themes fit. */

const root = document.documentElement;

function themed() {
  const css = getComputedStyle(root);
  const color = (name) => css.getPropertyValue(name).trim();
  const axis = {
    axisLine: { lineStyle: { color: color('--line-strong') } },
    axisLabel: { color: color('--muted') },
    splitLine: { lineStyle: { color: color('--line') } },
  };
  return {
    backgroundColor: 'transparent',
    textStyle: { color: color('--text'), fontFamily: css.fontFamily },
    axis,
    tooltip: {
      backgroundColor: color('--surface'),
      borderColor: color('--line-strong'),
      textStyle: { color: color('--text'), fontSize: 12 },
    },
    legend: {
      textStyle: { color: color('--text') },
      pageTextStyle: { color: color('--muted') },
      pageIconColor: color('--text'),
      pageIconInactiveColor: color('--line-strong'),
    },
    geo: {
      itemStyle: { areaColor: color('--land'), borderColor: color('--surface') },
      emphasis: { itemStyle: { areaColor: color('--land') } },
    },
    surface: color('--surface'),
    text: color('--text'),
  };
}

/** An option with the colours of the theme in force. */
export function withTheme(option) {
  const theme = themed();
  const result = { ...option, backgroundColor: theme.backgroundColor, textStyle: theme.textStyle };
  for (const name of ['xAxis', 'yAxis']) {
    if (option[name]) {
      const own = option[name];
      result[name] = { ...theme.axis, ...own, axisLabel: { ...theme.axis.axisLabel, ...own.axisLabel } };
      if (own.type !== 'value') result[name].splitLine = { show: false };
    }
  }
  if (option.tooltip) result.tooltip = { ...theme.tooltip, ...option.tooltip };
  if (option.legend) result.legend = { ...theme.legend, ...option.legend };
  if (option.geo)
    result.geo = {
      ...option.geo,
      itemStyle: theme.geo.itemStyle,
      emphasis: { ...option.geo.emphasis, ...theme.geo.emphasis },
    };
  result.series = (option.series ?? []).map((series) =>
    series.type === 'pie'
      ? { ...series, itemStyle: { ...series.itemStyle, borderColor: theme.surface } }
      : series.type === 'graph'
        ? { ...series, label: { ...series.label, color: theme.text } }
        : series,
  );
  return result;
}
