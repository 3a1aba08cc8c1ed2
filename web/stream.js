// SPDX-License-Identifier: Apache-2.0
//
// stream: keeps the event stream open, whatever happens to the ingestor, and says in words what is
// wrong while it is not. The browser's own reconnecting gives up after an answer such as 401 or
// 503, and does not notice a silent connection; so both are watched here.

import * as text from "./text.js";

const RETRY_MS = 2000;
const SILENCE_MS = 5000;

// onStats(stats) for every event; onLost(why) with a sentence whenever there is no stream.
export function follow(onStats, onLost) {
  let source = null;
  let lastEvent = null;
  let silence = null;

  function watch() {
    clearTimeout(silence);
    silence = setTimeout(() => lost(), SILENCE_MS);
  }

  function open() {
    source = new EventSource("events");
    source.addEventListener("stats", (event) => {
      lastEvent = new Date();
      watch();
      onStats(JSON.parse(event.data));
    });
    source.addEventListener("error", () => lost());
    watch();
  }

  async function lost() {
    clearTimeout(silence);
    source.close();
    onLost(await explain(lastEvent));
    setTimeout(open, RETRY_MS);
  }

  open();
}

// Asks another page why, for an event stream does not tell.
async function explain(lastEvent) {
  const since = lastEvent === null ? "" : ` since ${text.clock(lastEvent)}`;
  try {
    const signal = AbortSignal.timeout(SILENCE_MS);
    const answer = await fetch("version", { cache: "no-store", signal });
    if (answer.status === 401) {
      return "the token is missing or has changed: open this page once with ?token=TOKEN";
    }
    return "the ingestor serves as many dashboards as it can; trying again";
  } catch {
    return `the ingestor has not answered${since}; trying again`;
  }
}
