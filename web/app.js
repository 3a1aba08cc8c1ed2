// SPDX-License-Identifier: Apache-2.0
//
// app: joins the stream of numbers with the parts of the page, and tells how the ingestor is.

import { makeCharts } from "./charts.js";
import { byId, setText } from "./dom.js";
import * as panels from "./panels.js";
import { follow } from "./stream.js";
import * as text from "./text.js";

const WORDS = {
  archiving: "Archiving",
  stalled: "Stalled",
  draining: "Shutting down",
  lost: "No connection",
};

const parts = [
  panels.makeTiles(), panels.makeLaw(), panels.makeFormats(), panels.makeReasons(),
  panels.makeRejects(), panels.makeSamples(), panels.makeFiles(), panels.makeSenders(),
  panels.makeSeverities(), panels.makeShards(),
];
const addToCharts = makeCharts(panels.FORMATS);

let started = null; // of the ingestor that the numbers are from
let connected = false;

function showHealth(state, words) {
  byId("health").dataset.state = state;
  setText(byId("health-word"), WORDS[state]);
  setText(byId("health-text"), words);
  document.body.classList.toggle("lost", state === "lost");
}

function showRestart(stats) {
  if (started !== null && started !== stats.started) {
    byId("notice").hidden = false;
    setText(byId("notice"),
      `The ingestor was restarted at ${text.clock(stats.started)}; its counters began again at 0.`);
  }
  started = stats.started;
}

function showStats(stats) {
  const time = Date.parse(stats.time) / 1000;
  if (!connected) {
    addToCharts(time - 1, null);
    connected = true;
  }
  showRestart(stats);
  showHealth(stats.state, stats.state_text);
  setText(byId("about"), `${stats.version}, up ${text.duration(stats.uptime_s)}`);
  document.title = `${WORDS[stats.state]} – ${text.rate(stats.logs_per_sec)}/s – cordwood`;
  parts.forEach((update) => update(stats));
  addToCharts(time, stats);
}

function showLost(why) {
  connected = false;
  showHealth("lost", why);
  document.title = "No connection – cordwood";
}

// The token has become a cookie; it need not stay in the address bar and the history.
if (new URLSearchParams(location.search).has("token")) {
  history.replaceState(null, "", location.pathname);
}
follow(showStats, showLost);
