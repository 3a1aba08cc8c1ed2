// SPDX-License-Identifier: Apache-2.0
//
// charts: what the store holds, drawn with uPlot (loaded before this, as `uPlot`). A time without
// numbers is a hatched gap. Series differ in colour and in dashes; colours come from style.css and
// follow light and dark. The pointer in one chart tells the same second in all of them; with the
// keyboard a chart is focused and the arrow keys go along it.

import { windowOf } from "./store.js";
import * as text from "./text.js";
import { byId, keepChildren, make, makeSwatch, setText } from "./dom.js";

const HEIGHT = 168;
const RANGES = [[60, "1 min"], [300, "5 min"], [900, "15 min"]];
const DEFAULT_RANGE_S = 900;
const SERIES_MAX = 8;
const SHARDS_SHOWN_MAX = 4;

const SOLID = [];
const LONG = [9, 4];
const SHORT = [4, 3];
const DOTS = [1.5, 3];
const MIXED = [9, 3, 2, 3];

const FORMATS = {
  json: ["blue", SOLID], proto: ["orange", LONG], avro: ["green", MIXED], raw: ["grey", SHORT],
  syslog: ["pink", SOLID], journald: ["sky", DOTS], unknown: ["red", SHORT],
};
const SEVERITIES = {
  emerg: ["red", DOTS], alert: ["red", SHORT], crit: ["red", MIXED], err: ["red", SOLID],
  warning: ["orange", LONG], notice: ["green", MIXED], info: ["blue", SOLID],
  debug: ["grey", SHORT], trace: ["grey", DOTS], other: ["sky", MIXED],
};
const ANY = [["blue", SOLID], ["orange", LONG], ["green", MIXED], ["pink", SHORT], ["sky", SOLID],
  ["red", LONG], ["yellow", MIXED], ["grey", DOTS]];

const share = (value) => `${Math.round(100 * value)}%`;

// What a chart shows: `series(points)` are its {name, ink, dash, of: numbers -> value or null}.
const CHARTS = [
  {
    id: "rate", title: "Records per second", unit: "by format", format: text.rate, top: 10,
    series: (points) => named(points, "records_per_s", FORMATS),
  },
  {
    id: "latency", title: "Latency", unit: "socket to compressor", format: text.micros, top: 50,
    peaks: true,
    series: () => [
      { name: "p50", ink: "blue", dash: SOLID, of: (n) => n.latency_p50_us },
      { name: "p99", ink: "orange", dash: LONG, of: (n) => n.latency_p99_us },
    ],
  },
  {
    id: "queue", title: "Queue and dropped", unit: "records", format: text.rate, top: 10,
    peaks: true,
    series: () => [
      { name: "queue", ink: "blue", dash: SOLID, of: (n) => n.queue },
      { name: "dropped/s", ink: "red", dash: SHORT, of: (n) => n.dropped_per_s, fill: true },
    ],
  },
  {
    id: "rejects", title: "Rejected per second", unit: "by reason", format: text.rate, top: 1,
    series: reasons,
  },
  {
    id: "severities", title: "Severities per second", unit: "archived, log scale",
    format: text.rate, top: 10, logarithmic: true,
    series: (points) => named(points, "severity_per_s", SEVERITIES),
  },
  {
    id: "shards", title: "Load of the shards", unit: "share of a core", format: share, top: 1,
    peaks: true, series: shards,
  },
];

function sumOf(points, group, name) {
  return points.reduce((sum, { numbers }) => sum + (numbers?.[group][name] ?? 0), 0);
}

// The names that occurred, in the order of `styles`.
function named(points, group, styles) {
  const seen = Object.entries(styles).filter(([name]) => sumOf(points, group, name) > 0);
  return seen.slice(0, SERIES_MAX).map(([name, [ink, dash]]) => (
    { name, ink, dash, of: (n) => n[group][name] ?? 0 }));
}

// The most frequent reasons, by name so that they do not change places, and the rest as one.
function reasons(points) {
  const namesOf = ({ numbers }) => Object.keys(numbers?.rejected_per_s ?? {});
  const names = new Set(points.flatMap(namesOf));
  const sums = [...names].map((name) => [name, sumOf(points, "rejected_per_s", name)])
    .filter(([, sum]) => sum > 0).sort((a, b) => b[1] - a[1]);
  const shown = sums.slice(0, SERIES_MAX - 1).map(([name]) => name).sort();
  const rest = sums.slice(SERIES_MAX - 1).map(([name]) => name);
  const all = shown.map((name, i) => (
    { name: text.label(name), ink: ANY[i][0], dash: ANY[i][1],
      of: (n) => n.rejected_per_s[name] ?? 0 }));
  if (rest.length > 0) {
    all.push({ name: "others", ink: "grey", dash: DOTS,
      of: (n) => rest.reduce((sum, name) => sum + (n.rejected_per_s[name] ?? 0), 0) });
  }
  return all;
}

function shards(points) {
  const count = points.at(-1)?.numbers?.shard_busy.length ?? 0;
  if (count <= SHARDS_SHOWN_MAX) {
    return Array.from({ length: count }, (_, i) => (
      { name: `shard ${i}`, ink: ANY[i][0], dash: ANY[i][1], of: (n) => n.shard_busy[i] ?? null }));
  }
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    { name: "busiest", ink: "red", dash: LONG, of: (n) => Math.max(...n.shard_busy) },
    { name: `mean of ${count}`, ink: "blue", dash: SOLID, of: (n) => mean(n.shard_busy) },
    { name: "idlest", ink: "grey", dash: SHORT, of: (n) => Math.min(...n.shard_busy) },
  ];
}

// ---- drawing ----

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// With seconds where there are less than a minute; none that would be cut at the right edge.
function timeLabels(u, times) {
  const length = times[1] - times[0] < 60 ? 8 : 5;
  const end = u.width - 60 - 3 * length;
  return times.map((time) => (u.valToPos(time, "x") > end ? null
    : text.clock(time * 1000).slice(0, length)));
}

// The next of 1, 2, 5, 10, 20 …: a scale that follows the values exactly would move all the time.
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].find((step) => step * power >= value) * power;
}

// A scale on which 1 and 10,000 can both be seen, and 0 too.
const toLog = (value) => Math.log10(1 + value);
const fromLog = (value) => 10 ** value - 1;
const LOG_SPLITS = [0, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].map(toLog);

function hatch(u, from, to) {
  const { ctx, bbox } = u;
  const left = Math.max(u.valToPos(from, "x", true), bbox.left);
  const right = Math.min(u.valToPos(to, "x", true), bbox.left + bbox.width);
  const step = 7 * devicePixelRatio;

  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, Math.max(right - left, 1), bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour("line");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

function markRestart(u, time) {
  const { ctx, bbox } = u;
  const x = u.valToPos(time, "x", true);
  if (x < bbox.left) {
    return;
  }
  ctx.save();
  ctx.strokeStyle = colour("faint");
  ctx.fillStyle = colour("faint");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = x > bbox.left + bbox.width / 2 ? "right" : "left";
  const away = (ctx.textAlign === "right" ? -4 : 4) * devicePixelRatio;
  ctx.fillText("restart", x + away, bbox.top + 11 * devicePixelRatio);
  ctx.restore();
}

function makeFrame(chart) {
  const figure = byId(`chart-${chart.id}`);
  const place = make("div", "plot");
  const when = make("span", "when", "");
  const legend = make("ul", "legend");

  place.tabIndex = 0;
  place.setAttribute("role", "img");
  figure.append(make("figcaption", "", make("h3", "", chart.title, " ",
    make("small", "", chart.unit)), when), place, legend);
  return { place, when, legend };
}

// Returns show(points, seconds).
function makeChart(chart) {
  const { place, when, legend } = makeFrame(chart);
  let series = [];
  let data = [[]];
  let gaps = [];
  let plot = null;

  function tell() {
    const at = plot?.cursor.idx ?? null;
    const index = at ?? data[0].length - 1;
    const words = series.map((one, i) => {
      const value = index < 0 ? null : data[i + 1][index];
      return [one.name, value === null || value === undefined ? text.NONE : chart.format(value)];
    });
    setText(when, at === null ? "now" : text.clock(data[0][at] * 1000));
    words.forEach(([, value], i) => setText(legend.children[i].lastElementChild, value));
    if (chart.peaks) {
      series.forEach((one, i) => setText(legend.children[series.length + i].lastElementChild,
        peakOf(data[i + 1])));
    }
    return words.map((pair) => pair.join(" ")).join(", ");
  }

  function peakOf(values) {
    const told = values.filter((value) => value !== null);
    return told.length === 0 ? text.NONE : chart.format(Math.max(...told));
  }

  const makeEntry = (name, ...swatch) => make("li", "", ...swatch, make("span", "name", name),
    make("span", "value", text.NONE));

  function drawLegend() {
    legend.replaceChildren(...series.map((one) => makeEntry(one.name, makeSwatch(one))));
    if (chart.peaks) {
      legend.append(...series.map((one) => makeEntry(`highest ${one.name}`)));
    }
    if (series.length === 0) {
      legend.append(make("li", "faint", "none in this time"));
    }
  }

  const yRange = (u, min, max) => {
    const highest = Math.max(chart.top, chart.logarithmic ? fromLog(max ?? 0) : max ?? 0);
    return [0, chart.logarithmic ? toLog(niceTop(highest)) : niceTop(highest)];
  };

  function options() {
    const axis = {
      stroke: colour("faint"), font: "11px system-ui, sans-serif", ticks: { show: false },
      grid: { stroke: colour("grid"), width: 1 },
    };
    const label = chart.format === text.rate ? text.tick : chart.format;
    const labels = (u, values) => values.map((value) =>
      label(chart.logarithmic ? Math.round(fromLog(value)) : value));
    const splits = chart.logarithmic
      ? { splits: (u) => LOG_SPLITS.filter((at) => at <= u.scales.y.max) } : {};
    return {
      width: Math.max(place.clientWidth, 1),
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 6, 0, 0],
      cursor: { drag: { setScale: false }, y: false, points: { size: 6 }, sync: { key: "time" } },
      scales: { x: {}, y: { range: yRange } },
      axes: [
        { ...axis, size: 24, space: 64, incrs: [10, 30, 60, 120, 300],
          values: timeLabels },
        { ...axis, size: 52, space: 34, values: labels, ...splits },
      ],
      series: [{}, ...series.map(({ ink, dash, fill }) => ({
        stroke: colour(ink), dash, width: 1.5, points: { show: false },
        ...(fill ? { fill: `${colour(ink)}33` } : {}),
      }))],
      hooks: {
        setCursor: [tell],
        drawClear: [(u) => gaps.forEach(({ from, to }) => hatch(u, from, to))],
        draw: [(u) => gaps.filter((gap) => gap.restarted).forEach(({ to }) => markRestart(u, to))],
      },
    };
  }

  function draw() {
    plot?.destroy();
    plot = new uPlot(options(), drawn(), place);
  }

  const drawn = () => (chart.logarithmic
    ? data.map((values, i) => (i === 0 ? values
      : values.map((value) => (value === null ? null : toLog(value)))))
    : data);

  function show(points, seconds) {
    const { shown, gaps: empty } = windowOf(points, seconds);
    const wanted = chart.series(shown);
    const key = (list) => list.map(({ name }) => name).join("\n");
    const changed = plot === null || key(wanted) !== key(series);
    const end = shown.at(-1)?.time ?? Date.now() / 1000;

    series = wanted;
    gaps = empty;
    data = [shown.map(({ time }) => time), ...series.map(({ of }) =>
      shown.map(({ numbers }) => (numbers === null ? null : of(numbers) ?? null)))];
    if (changed) {
      drawLegend();
      draw();
    }
    plot.batch(() => {
      plot.setData(drawn(), false);
      plot.setScale("x", { min: end - seconds, max: end });
    });
    tell();
  }

  function walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || data[0].length === 0) {
      return;
    }
    event.preventDefault();
    const last = data[0].length - 1;
    const to = Math.min(last, Math.max(0, (plot.cursor.idx ?? last) + step));
    plot.setCursor({ left: plot.valToPos(data[0][to], "x"), top: 1 });
    place.setAttribute("aria-label", `${chart.title}, ${when.textContent}: ${tell()}`);
  }

  place.addEventListener("keydown", walk);
  place.addEventListener("focus", () =>
    place.setAttribute("aria-label", `${chart.title}, now: ${tell()}; arrow keys go along`));
  place.addEventListener("blur", () => plot?.setCursor({ left: -10, top: -10 }));
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: HEIGHT }))
    .observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return show;
}

// Buttons that choose how much time is shown; returns the seconds now chosen.
function makeRange(changed) {
  let seconds = DEFAULT_RANGE_S;
  const place = byId("range");

  keepChildren(place, RANGES.length, (i) => {
    const [value, name] = RANGES[i];
    const button = make("button", "", name);
    button.type = "button";
    button.setAttribute("aria-pressed", String(value === seconds));
    button.addEventListener("click", () => {
      seconds = value;
      [...place.children].forEach((other) =>
        other.setAttribute("aria-pressed", String(other === button)));
      changed();
    });
    return button;
  });
  return () => seconds;
}

// Returns what draws the store's points.
export function makeCharts(store) {
  const shows = CHARTS.map(makeChart);
  const update = () => shows.forEach((show) => show(store.points(), seconds()));
  const seconds = makeRange(() => update());

  update();
  return update;
}
