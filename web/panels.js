// SPDX-License-Identifier: Apache-2.0
//
// panels: the parts of the page that show numbers. Each make… function builds its part once and
// returns what brings it up to date.

import * as text from "./text.js";
import { byId, keepChildren, make, makeTable, makeTerms, setText } from "./dom.js";

export const FORMATS = ["json", "proto", "avro", "raw", "syslog", "journald", "unknown"];

// What each tile shows: its name, its value, the note below, and when it is an alarm.
const TILES = [
  {
    name: "Records/s",
    value: (s) => text.rate(s.logs_per_sec),
    note: (s) => `${text.shortCount(s.totals.received)} received`,
  },
  { name: "MB/s", value: (s) => s.mb_per_sec.toFixed(2), note: () => "from senders" },
  {
    name: "Latency",
    value: (s) => (s.logs_per_sec > 0 ? text.micros(s.latency_us) : "–"),
    note: (s) => (s.logs_per_sec > 0 ? `99% below ${text.micros(s.latency_p99_us)}` : "no records"),
  },
  {
    name: "Queue",
    value: (s) => text.shortCount(s.queue_length),
    note: (s) => `at most ${text.shortCount(s.queue_max)}`,
  },
  {
    name: "Files finished",
    value: (s) => text.shortCount(s.file_rotations),
    note: (s) => `${s.archive.files_open} open`,
  },
  {
    name: "Rejected",
    value: (s) => text.shortCount(s.rejected),
    note: (s) => `${text.rate(s.rejected_per_sec)}/s`,
  },
  {
    name: "Dropped",
    value: (s) => text.shortCount(s.dropped),
    note: (s) => (s.dropped > 0 ? "records are lost" : "nothing lost"),
    alarm: (s) => s.dropped > 0,
  },
  {
    name: "Disk free",
    value: (s) => text.bytes(s.archive.disk_free_bytes),
    note: (s) => `of ${text.bytes(s.archive.disk_size_bytes)}`,
    alarm: (s) => s.archive.stalled,
  },
];

export function makeTiles() {
  const spans = (name) => [
    make("span", "label", name), make("span", "value", "–"), make("span", "note", "\u00a0")];
  byId("tiles").append(...TILES.map(({ name }) => make("div", "tile", ...spans(name))));

  return (stats) => {
    TILES.forEach(({ value, note, alarm }, i) => {
      const tile = byId("tiles").children[i];
      setText(tile.children[1], value(stats));
      setText(tile.children[2], note(stats));
      tile.classList.toggle("alarm", alarm?.(stats) === true);
    });
  };
}

const LAW = [
  { sign: "", name: "received" },
  { sign: "=", name: "archived" },
  { sign: "+", name: "rejected" },
  { sign: "+", name: "dropped" },
  { sign: "+", name: "in_flight" },
];

export function makeLaw() {
  const values = LAW.map(() => make("b", "", "–"));

  LAW.forEach(({ sign, name }, i) => {
    const label = make("span", "", text.label(name));
    byId("law").append(make("i", "", sign), make("div", "", values[i], label));
  });
  return (stats) => {
    LAW.forEach(({ name }, i) => setText(values[i], text.count(stats.totals[name])));
  };
}

export function makeFormats() {
  const heads = ["Format", "per second", ...LAW.map(({ name }) => text.label(name))];
  const fill = makeTable(byId("formats"), heads.map((name) => ({ text: name })));

  return (stats) => {
    fill(FORMATS.map((name) => {
      const law = stats.records[name];
      return [
        { text: name, className: `swatch ${name}` },
        text.rate(stats.logs_per_sec_by_format[name]),
        ...LAW.map((part) => text.count(law[part.name])),
      ];
    }));
  };
}

export function makeReasons() {
  const fill = makeTable(byId("reasons"), [
    { text: "Reason" },
    { text: "records" },
    { text: "what the sender should change", words: true },
  ]);

  return (stats) => {
    const seen = Object.entries(stats.rejected_by_reason).filter(([, number]) => number > 0);
    fill(seen.length === 0
      ? [["nothing rejected", "0", ""]]
      : seen.map(([reason, number]) =>
          [text.label(reason), text.count(number), stats.reason_fixes[reason] ?? ""]));
  };
}

export function makeFiles() {
  const fill = makeTerms(byId("files"));

  return ({ archive }) => {
    const share = text.percent(archive.bytes_out, archive.bytes_in);
    fill([
      ["finished", text.count(archive.files_published)],
      ["being written", `${text.count(archive.files_open)}, ${text.bytes(archive.open_bytes)}`],
      ["lines written", text.bytes(archive.bytes_in)],
      ["compressed to", `${text.bytes(archive.bytes_out)}, ${share}`],
      ["records on disk for sure", text.count(archive.records_synced)],
      ["oldest not yet synced", text.micros(archive.sync_lag_s * 1e6)],
      ["rejected records on disk", text.bytes(archive.rejected_bytes)],
      ["repaired at start", text.count(archive.files_recovered)],
      ["deleted by retention", text.count(archive.files_deleted)],
      ["failed file operations", text.count(archive.io_errors)],
    ]);
  };
}

function sum(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

export function makeSenders() {
  const fill = makeTerms(byId("senders"));

  return ({ connections, udp, certificate }) => {
    const failed = Object.entries(connections.tls_failures).filter(([, number]) => number > 0);
    fill([
      ["connections open", text.count(connections.open)],
      ["accepted", text.count(connections.accepted)],
      ["refused", text.count(connections.refused)],
      ["reset by the sender", text.count(connections.ended.reset)],
      ["TLS handshakes failed", text.count(sum(connections.tls_failures))],
      ...failed.map(([why, number]) => [`– ${text.label(why)}`, text.count(number)]),
      ["UDP datagrams", text.count(udp.datagrams)],
      ["UDP dropped by the kernel", text.count(udp.dropped)],
      [certificate.development ? "development certificate until" : "certificate until",
        text.day(certificate.expires_s)],
    ]);
  };
}

export function makeSeverities() {
  const fill = makeTerms(byId("severities"));

  return ({ severities }) => fill(
    Object.entries(severities).map(([name, number]) => [name, text.count(number)]));
}

export function makeShards() {
  const heads = ["Shard", "received", "archived", "connections", "queue", "busy"];
  const fill = makeTable(byId("shards"), heads.map((name) => ({ text: name })));
  let before = null;

  return (stats) => {
    const now = Date.parse(stats.time) / 1000;
    fill(stats.shards.map((shard, i) => {
      const old = before?.shards[i];
      const busy = old === undefined || shard.busy_s < old.busy_s
        ? "–"
        : text.percent(shard.busy_s - old.busy_s, now - before.now);
      return [
        String(i), text.count(shard.received), text.count(shard.archived),
        text.count(shard.connections), text.count(shard.queue_length), busy,
      ];
    }));
    before = { now, shards: stats.shards };
  };
}

// ---- lines of logs: always text nodes ----

function makeLine() {
  const line = make("li", "");
  line.tabIndex = 0; // long lines scroll, by keyboard too
  return line;
}

export function makeSamples() {
  const place = byId("samples");

  return ({ samples, sample_peers: peers }) => {
    const seen = FORMATS.filter((name) => samples[name].length > 0);
    if (seen.length === 0) {
      keepChildren(place, 1, () => make("p", "empty"));
      setText(place.firstElementChild, "No record has come in since the start.");
      return;
    }
    if (place.querySelector(".empty") !== null) {
      place.replaceChildren();
    }
    keepChildren(place, seen.length, () => make("div", "", make("h3", ""), make("ol", "lines")));
    seen.forEach((name, i) => {
      const [head, list] = place.children[i].children;
      setText(head, name);
      head.className = `swatch ${name}`;
      keepChildren(list, 3, makeLine);
      [0, 1, 2].forEach((at) => {
        const line = samples[name][at];
        setText(list.children[at], line === undefined ? "" : `${peers[name][at]}  ${line}`);
      });
    });
  };
}

// "04:11:45 bad json: …  json 10.0.0.4:1234  {the record}"; a line that is not as expected stays
// as it is.
function rejectText(line) {
  try {
    const reject = JSON.parse(line);
    const detail = reject.detail ? `: ${reject.detail}` : "";
    const record = reject.payload ?? reject.payload_base64 ?? "";
    return {
      why: `${text.clock(reject.received_at)} ${text.label(reject.reason)}${detail}`,
      what: `  ${reject.format} ${reject.peer}  ${record}`,
    };
  } catch {
    return { why: "", what: line };
  }
}

export function makeRejects() {
  const list = byId("rejects");

  return ({ rejects }) => {
    if (rejects.length === 0) {
      keepChildren(list, 1, () => make("li", "empty"));
      setText(list.firstElementChild, "none since the start");
      return;
    }
    if (list.querySelector(".empty") !== null) {
      list.replaceChildren();
    }
    keepChildren(list, rejects.length, () => {
      const line = makeLine();
      line.append(make("span", "why"), make("span", ""));
      return line;
    });
    rejects.forEach((line, i) => {
      const { why, what } = rejectText(line);
      setText(list.children[i].children[0], why);
      setText(list.children[i].children[1], what);
    });
  };
}
