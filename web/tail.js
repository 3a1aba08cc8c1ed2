// SPDX-License-Identifier: Apache-2.0
//
// tail: archived lines as they come, filtered by the server; read only while it can be seen. A fixed
// number of rows is written over, so that nothing moves but text; while a row is open, the list is
// scrolled up or paused, lines wait.

import * as text from "./text.js";
import { byId, keepChildren, make, setText } from "./dom.js";
import { gradeOf, makeLineBody, makeRow, partsOf } from "./lines.js";
import { follow } from "./stream.js";

const LINES_MAX = 200;
const WAITING_MAX = 500;
const DRAW_MS = 250;
const TYPING_MS = 300;
const AT_END_PX = 8;

const LEVELS = [["", "all"], ["debug", "debug and worse"], ["info", "info and worse"],
  ["notice", "notice and worse"], ["warn", "warning and worse"], ["err", "error and worse"],
  ["crit", "critical and worse"]];
const RANKS = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "trace",
  "other"];
const RANK_OF_LEVEL = { crit: 2, err: 3, warn: 4, notice: 5, info: 6, debug: 7, "": RANKS.length };

export function makeTail() {
  const place = byId("tail-lines");
  const pause = byId("tail-pause");
  const level = byId("tail-level");
  const words = byId("tail-text");
  let lines = []; // shown
  let waiting = [];
  let passed = 0; // lines that waited in vain
  let last = null; // the latest `tail` event
  let trouble = "";
  let stream = null;
  let visible = false;
  let paused = false;
  let drawing = null;

  const matches = ({ severity, line }) =>
    RANKS.indexOf(severity) <= RANK_OF_LEVEL[level.value]
    && line.toLowerCase().includes(words.value.toLowerCase());

  function holdReason() {
    if (paused) {
      return "Paused";
    }
    if (place.querySelector("details[open]") !== null) {
      return "Held while a line is open";
    }
    const isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < AT_END_PX;
    return isAtEnd ? "" : "Held while scrolled up";
  }

  function note(hold) {
    if (trouble !== "") {
      return trouble;
    }
    if (last === null) {
      return stream === null ? "Not being read." : "Waiting for lines …";
    }
    const kept = passed > 0 ? ` and ${text.count(passed)} passed by` : "";
    const lines = text.plural(waiting.length, "line");
    const held = hold === "" ? "" : `${hold}: ${lines} waiting${kept}. `;
    const sampled = last.sampled
      ? `A sample: ${text.count(last.looked_at)} of ${text.count(last.per_s)} records/s are looked `
        + "at, errors first"
      : `Every line: ${text.plural(last.per_s, "record")}/s`;
    return `${held}${sampled}; ${text.count(last.sent)}/s match.`;
  }

  function fill(row, { at, severity, format, peer, line }) {
    const { service, message } = partsOf(line);
    row.fill([text.clock(at), severity, format, service, message, peer], gradeOf(severity),
      () => makeLineBody(line));
  }

  function drawLines() {
    keepChildren(place, lines.length, () =>
      makeRow(["when", "level", "format", "service", "text", "peer"]));
    lines.forEach((line, i) => fill(place.children[i], line));
    place.scrollTop = place.scrollHeight;
  }

  function draw() {
    drawing = null;
    const hold = holdReason();
    if (hold === "" && waiting.length > 0) {
      lines = [...lines, ...waiting].slice(-LINES_MAX);
      waiting = [];
      passed = 0;
      drawLines();
    }
    setText(byId("tail-note"), note(hold));
  }

  function drawSoon() {
    drawing ??= setTimeout(draw, DRAW_MS);
  }

  function onLine(line) {
    waiting.push(line);
    if (waiting.length > WAITING_MAX) {
      waiting.shift();
      passed++;
    }
    drawSoon();
  }

  function onTail(tail) {
    trouble = "";
    last = tail;
    drawSoon();
  }

  function url() {
    const query = new URLSearchParams({ level: level.value, text: words.value });
    return `tail?${query}`;
  }

  function start() {
    const wanted = visible && !document.hidden;
    if (wanted && stream === null) {
      stream = follow(url, { line: onLine, tail: onTail }, (why, ms) => {
        trouble = `${why}; trying again in ${text.duration(Math.ceil(ms / 1000))}`;
        drawSoon();
      });
    }
    if (!wanted && stream !== null) {
      stream.end();
      stream = null;
      last = null;
    }
    drawSoon();
  }

  function refilter() {
    lines = lines.filter(matches);
    waiting = waiting.filter(matches);
    last = null;
    drawLines();
    stream?.retry();
    drawSoon();
  }

  let typing = null;
  level.append(...LEVELS.map(([value, name]) => {
    const option = make("option", "", name);
    option.value = value;
    return option;
  }));
  level.addEventListener("change", refilter);
  words.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(refilter, TYPING_MS);
  });
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    setText(pause, paused ? "Resume" : "Pause");
    draw();
  });
  byId("tail-clear").addEventListener("click", () => {
    lines = [];
    waiting = [];
    drawLines();
    draw();
  });
  place.addEventListener("scroll", drawSoon);
  place.addEventListener("toggle", drawSoon, true);
  document.addEventListener("visibilitychange", start);
  new IntersectionObserver((entries) => {
    visible = entries.at(-1).isIntersecting;
    start();
  }, { rootMargin: "200px" }).observe(place);
}
