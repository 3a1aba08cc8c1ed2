// SPDX-License-Identifier: Apache-2.0
//
// app: joins the stream of numbers with the parts of the page, and tells how the ingestor is.

import { makeCharts } from "./charts.js";
import { byId, setText } from "./dom.js";
import { makeAttention, makeLaw, makeTiles, showHealth, WORDS } from "./now.js";
import { makeRejects, makeSamples } from "./records.js";
import { makeConnections, makeForeign, makePeers, makeServices } from "./senders.js";
import { makeStore } from "./store.js";
import { follow } from "./stream.js";
import {
  makeDisk, makeFiles, makeFormats, makeReasons, makeSchemas, makeSeverities, makeShards,
} from "./tables.js";
import { makeTail } from "./tail.js";
import * as text from "./text.js";

const RESTART_SHOWN_S = 900;

const store = makeStore();
const drawCharts = makeCharts(store);
const showAttention = makeAttention(store);
const parts = [
  makeTiles(), makeLaw(), makeFormats(), makeSeverities(), makeShards(), makeDisk(), makeFiles(),
  makePeers(), makeServices(), makeConnections(), makeForeign(), makeSamples(), makeReasons(),
  makeRejects(), makeSchemas(),
];

let latest = null; // event
let started = null; // of the ingestor that the numbers are from
let restarted = null; // when a restart was seen, in s

function restartWords(stats) {
  const time = stats.now.time_s;
  if (started !== null && started !== stats.started) {
    restarted = time;
  }
  started = stats.started;
  return restarted === null || time - restarted > RESTART_SHOWN_S ? [] : [["plain",
    `The ingestor was restarted at ${text.clock(started)}; its counters began again at 0.`]];
}

// What is not seen is not drawn; it is made up for when it is seen again.
function draw() {
  if (latest === null || document.hidden) {
    return;
  }
  parts.forEach((update) => update(latest));
  document.body.classList.remove("waiting");
  drawCharts();
}

function showStats(stats) {
  latest = stats;
  store.add(stats.now.time_s, stats.started, stats.now);
  showHealth(stats.state, stats.state_text);
  showAttention(stats, restartWords(stats));
  setText(byId("about"), `${stats.version}, up ${text.duration(stats.uptime_s)}`);
  setText(byId("pulse-rate"), `${text.rate(stats.logs_per_sec)} records/s`);
  document.title = `${WORDS[stats.state]} – ${text.rate(stats.logs_per_sec)}/s – cordwood`;
  draw();
}

function showLost(why, ms) {
  const when = text.clock(Date.now() + ms);
  showHealth("lost", `${why}; trying again at ${when}`);
  setText(byId("pulse-rate"), "");
  document.title = "No connection – cordwood";
}

function showHistory(history) {
  store.addHistory(history); // drawn with the numbers that follow at once
}

// The token has become a cookie; it need not stay in the address bar and the history.
if (new URLSearchParams(location.search).has("token")) {
  history.replaceState(null, "", location.pathname);
}
const stream = follow(() => "events", { history: showHistory, stats: showStats }, showLost);
byId("retry").addEventListener("click", stream.retry);
document.addEventListener("visibilitychange", draw);
makeTail();
