// SPDX-License-Identifier: Apache-2.0
//
// stream: keeps an event stream open, whatever happens to the ingestor. The browser's own
// reconnecting gives up after an answer such as 401 or 503 and does not notice silence; so both
// are watched here. Each attempt that fails makes the next wait twice as long.

import * as text from "./text.js";

const RETRY_MS = 1000;
const RETRY_MAX_MS = 30000;
const SILENCE_MS = 6000;
const WITHOUT_JITTER = 0.75;

// Calls handlers[name](data) for every event, and lost(why, ms until it is tried again) whenever
// there is no stream. `url()` is asked for each attempt. Returns {retry, end}.
export function follow(url, handlers, lost) {
  let source = null;
  let timer = null;
  let wait = RETRY_MS;
  let lastEvent = null;
  let down = false; // since the last event

  function watch() {
    clearTimeout(timer);
    timer = setTimeout(fail, SILENCE_MS);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function open() {
    close();
    source = new EventSource(url());
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        wait = RETRY_MS;
        down = false;
        lastEvent = new Date();
        watch();
        handle(JSON.parse(event.data));
      });
    }
    source.addEventListener("error", fail);
    watch();
  }

  async function fail() {
    close();
    down = true;
    const ms = wait * (WITHOUT_JITTER + Math.random() * (1 - WITHOUT_JITTER));
    wait = Math.min(2 * wait, RETRY_MAX_MS);
    timer = setTimeout(open, ms);
    const why = await explain(lastEvent);
    if (down) {
      lost(why, ms);
    }
  }

  const online = () => down && open();
  function end() {
    close();
    down = false;
    removeEventListener("online", online);
  }

  addEventListener("online", online);
  open();
  return { retry: open, end };
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
    return "the ingestor serves as many dashboards as it can, or has just come back";
  } catch {
    return `the ingestor has not answered${since}`;
  }
}
