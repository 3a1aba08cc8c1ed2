// SPDX-License-Identifier: Apache-2.0
//
// charts: the last five minutes, drawn with uPlot. The history is this page's own; a gap in the
// stream is a gap in the lines. Colours come from style.css and follow light and dark.

import uPlot from "./uPlot.esm.js";
import * as text from "./text.js";
import { byId, keepChildren, make, setText } from "./dom.js";

const WINDOW_S = 300;
const HEIGHT = 220;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const minute = (time) => text.clock(time * 1000).slice(0, 5);

// One chart: `series` are {label, colour: the name of a variable in style.css}, `format` makes a
// value's text, `top` is the least height of the scale. add(time in s, values) draws; a value null
// is a gap.
export function makeChart({ place, readout, series, format, top }) {
  const data = [[], ...series.map(() => [])];
  let plot = null;

  keepChildren(readout, series.length + 1, (i) =>
    make("span", i === 0 ? "" : `swatch ${series[i - 1].colour}`));

  function tell(index) {
    const at = index ?? data[0].length - 1;
    setText(readout.children[0], at < 0 ? "" : text.clock(data[0][at] * 1000));
    series.forEach((one, i) => {
      const value = at < 0 ? null : data[i + 1][at];
      setText(readout.children[i + 1], `${one.label} ${value === null ? "–" : format(value)}`);
    });
  }

  function options() {
    const axis = {
      stroke: colour("faint"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { setScale: false }, y: false, points: { size: 6 } },
      scales: { x: {}, y: { range: (u, min, max) => [0, Math.max(top, (max ?? 0) * 1.1)] } },
      axes: [
        { ...axis, size: 32, incrs: [60, 120, 300], values: (u, times) => times.map(minute) },
        { ...axis, size: 64, values: (u, values) => values.map(format) },
      ],
      series: [
        {},
        ...series.map((one) => (
          { stroke: colour(one.colour), width: 1.6, points: { show: false } })),
      ],
      hooks: { setCursor: [(u) => tell(u.cursor.idx)] },
    };
  }

  function draw() {
    plot?.destroy();
    plot = new uPlot(options(), data, place);
    show();
  }

  function show() {
    const now = data[0].at(-1) ?? Date.now() / 1000;
    plot.batch(() => {
      plot.setData(data, false);
      plot.setScale("x", { min: now - WINDOW_S, max: now });
    });
    if (plot.cursor.idx === null || plot.cursor.idx === undefined) {
      tell(null);
    }
  }

  const resize = () => plot?.setSize({ width: place.clientWidth, height: HEIGHT });
  new ResizeObserver(resize).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();

  return function add(time, values) {
    const last = data[0].at(-1) ?? -Infinity;
    if (time <= last && time > last - 5) {
      return; // the same second told again
    }
    if (time <= last) {
      data.forEach((column) => column.splice(0)); // the ingestor's clock was set back
    }
    data[0].push(time);
    values.forEach((value, i) => data[i + 1].push(value));
    while (data[0].length > 0 && data[0][0] < time - WINDOW_S - 1) {
      data.forEach((column) => column.shift());
    }
    show();
  };
}

export function makeCharts(formats) {
  const addRate = makeChart({
    place: byId("chart-rate"),
    readout: byId("readout-rate"),
    series: formats.map((name) => ({ label: name, colour: name })),
    format: text.rate,
    top: 5,
  });
  const addLatency = makeChart({
    place: byId("chart-latency"),
    readout: byId("readout-latency"),
    series: [
      { label: "mean", colour: "series-a" },
      { label: "99% below", colour: "series-b" },
    ],
    format: text.micros,
    top: 50,
  });

  // `stats` null: a second without numbers.
  return function add(time, stats) {
    if (stats === null) {
      addRate(time, formats.map(() => null));
      addLatency(time, [null, null]);
      return;
    }
    const idle = stats.logs_per_sec === 0;
    addRate(time, formats.map((name) => stats.logs_per_sec_by_format[name]));
    addLatency(time, idle ? [null, null] : [stats.latency_us, stats.latency_p99_us]);
  };
}
