// Lines over time, drawn by uPlot in the page's colours.
import uPlot from './uplot/uPlot.esm.js';

const charts = new Set();
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const clock = seconds => new Date(seconds * 1000).toLocaleTimeString([], {hour12: false});

/** Where an instance could not use the store, the ground is tinted. */
const downTint = chart => ({
  hooks: {
    drawClear: plot => {
      const {ctx, bbox} = plot;
      ctx.save();
      ctx.fillStyle = colour('--down');
      for (const [from, to] of chart.downs) {
        const left = Math.max(plot.valToPos(from, 'x', true), bbox.left);
        const right = Math.min(plot.valToPos(to, 'x', true), bbox.left + bbox.width);
        if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
      }
      ctx.restore();
    },
  },
});

const dashes = line => line.dashed ? 1 : line.dotted ? 2 : 0;

function options(chart) {
  const axis = {stroke: colour('--muted'), grid: {stroke: colour('--line'), width: 1}, ticks: {show: false}, font: '12px system-ui, sans-serif'};
  return {
    width: chart.element.clientWidth,
    height: chart.element.classList.contains('tall') ? 300 : 180,
    cursor: {y: false, points: {size: 7}},
    legend: {live: true, markers: {width: 2, dash: (plot, at) => ['solid', 'dashed', 'dotted'][at === 0 ? 0 : dashes(chart.series[at - 1])]}},
    plugins: [downTint(chart)],
    scales: {
      x: {time: true, range: (plot, min, max) => [Math.min(min, max - 60), max]},
      y: chart.log ? {distr: 3, log: 10} : {range: (plot, min, max) => [0, Math.max(max * 1.1, chart.least)]},
    },
    axes: [
      {...axis, values: (plot, splits) => splits.map(clock), space: 90, size: 28},
      {...axis, size: 58, values: (plot, splits) => splits.map(value => value == null ? '' : chart.axis(value))},
    ],
    series: [
      {label: 'Time', value: (plot, value) => value == null ? '–' : clock(value)},
      ...chart.series.map(line => ({
        label: line.label,
        stroke: colour(line.colour),
        width: line.dashed ? 1.6 : 2.2,
        dash: [undefined, [7, 5], [2, 3]][dashes(line)],
        class: line.unnamed ? 'unnamed' : undefined,
        fill: line.filled ? colour(line.colour) + '22' : undefined,
        points: {show: false},
        spanGaps: false,
        value: (plot, value) => value == null ? '–' : chart.format(value),
      })),
    ],
  };
}

/** Without a pointer over the chart, its legend has the latest values. */
function showLatest(chart) {
  if (chart.plot && chart.plot.cursor.idx == null) chart.plot.setLegend({idx: chart.data[0].length - 1});
}

function draw(chart) {
  chart.plot?.destroy();
  chart.plot = null;
  if (!chart.data || !chart.element.clientWidth) return;
  chart.element.replaceChildren();
  chart.plot = new uPlot(options(chart), chart.data, chart.element);
}

/**
 * A chart in an element. `series` are {label, colour, dashed, dotted, filled, unnamed}, the last for a line that the
 * legend leaves out; `show` takes the times, an array of values for
 * each series, the times [from, to] of the store being away, and what a screen reader says of it.
 */
export function lines(element, series, {format = String, axis = value => String(+value.toFixed(2)), least = 1, log = false} = {}) {
  const chart = {element, series, format, axis, least, log, data: null, downs: [], plot: null};
  element.replaceChildren(Object.assign(document.createElement('em'), {className: 'wait', textContent: 'Waiting for the first seconds'}));
  charts.add(chart);
  new ResizeObserver(() => {
    if (!chart.plot) draw(chart);
    else if (chart.plot.width !== element.clientWidth) chart.plot.setSize({width: element.clientWidth, height: chart.plot.height});
  }).observe(element);
  return {
    series(next) {
      if (JSON.stringify(next) === JSON.stringify(chart.series)) return;
      chart.series = next;
      chart.plot?.destroy();
      chart.plot = null;
    },
    show(times, values, downs, words) {
      element.setAttribute('aria-label', words);
      chart.downs = downs;
      chart.data = [times, ...values];
      if (times.length < 2) return;
      if (chart.plot) chart.plot.setData(chart.data);
      else draw(chart);
      showLatest(chart);
    },
  };
}

/** After a change between light and dark. */
export const redraw = () => charts.forEach(draw);
