// SPDX-License-Identifier: Apache-2.0
//
// now: how the ingestor is, in words; what a person should look at; the numbers of this second.

import * as text from "./text.js";
import { byId, keepChildren, make, setText } from "./dom.js";
import { setLine } from "./lines.js";

export const WORDS = {
  archiving: "Archiving",
  stalled: "Stalled",
  draining: "Shutting down",
  lost: "No connection",
};

export function showHealth(state, words) {
  for (const id of ["health", "pulse"]) {
    byId(id).dataset.state = state;
  }
  setText(byId("health-word"), WORDS[state]);
  setText(byId("pulse-word"), WORDS[state]);
  setText(byId("health-text"), words);
  document.body.classList.toggle("lost", state === "lost");
}

// ---- what needs attention ----

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const CERTIFICATE_SOON_S = 14 * DAY_S;
const SKEW_LARGE_S = 60;
const SYNC_LAG_LARGE_S = 5;
const REJECTED_SHARE_LARGE = 0.01;
const RECENT_S = 60;

function recentSum(points, pick) {
  const end = points.at(-1)?.time ?? 0;
  return points.reduce((sum, { time, numbers }) =>
    (time > end - RECENT_S ? sum + pick(numbers) : sum), 0);
}

const total = (group) => Object.values(group).reduce((sum, value) => sum + (value ?? 0), 0);

function ofDropped(stats, points) {
  if (stats.dropped === 0) {
    return [];
  }
  const why = Object.entries(stats.dropped_by_reason).filter(([, count]) => count > 0)
    .map(([reason]) => text.label(reason)).join(", ");
  const still = recentSum(points, (n) => n.dropped_per_s ?? 0) > 0 ? ", and still being lost" : "";
  const lost = text.plural(stats.dropped, "record");
  return [["bad", `${lost} lost since the start (${why})${still}.`]];
}

function ofRejected(stats, points) {
  const rejected = recentSum(points, (n) => total(n.rejected_per_s));
  const received = recentSum(points, (n) => total(n.records_per_s));
  if (rejected <= REJECTED_SHARE_LARGE * received) {
    return [];
  }
  const share = text.percent(Math.min(1, rejected / Math.max(received, rejected)));
  return [["warn", `${share} of the records of the last minute were rejected; below is why.`]];
}

function ofDisk({ archive, udp }) {
  const found = [];
  if (archive.disk_full_in_s !== null && archive.disk_full_in_s < DAY_S) {
    found.push([archive.disk_full_in_s < HOUR_S ? "bad" : "warn",
      `The disk is full in ${text.duration(archive.disk_full_in_s)} at the present rate: make `
      + "room, or let --retain-bytes or --retain-age delete old files."]);
  }
  if (archive.sync_lag_s > SYNC_LAG_LARGE_S) {
    found.push(["warn", `The disk is slow: records of the last ${text.micros(
      archive.sync_lag_s * 1e6)} are not yet on it for sure.`]);
  }
  if (archive.io_errors > 0) {
    found.push(["bad",
      `${text.plural(archive.io_errors, "file operation")} failed; the log says why.`]);
  }
  if (udp.dropped > 0) {
    found.push(["bad", `The kernel dropped ${text.plural(udp.dropped, "UDP datagram")} before they `
      + "could be read: raise net.core.rmem_max, or send over TLS."]);
  }
  return found;
}

function ofSchemas({ registry, schema_list: schemas }) {
  const found = [];
  if (registry !== null && !registry.reachable) {
    found.push(["warn", `The schema registry at ${registry.url} does not answer`
      + `${registry.why ? ` (${registry.why})` : ""}; the schemas known stay in use.`]);
  }
  for (const schema of schemas.filter(({ state }) => state === "refused")) {
    found.push(["warn", `Version ${schema.version} of ${schema.type} (${schema.format}) was `
      + `refused: ${schema.why ?? "see the log"}.`]);
  }
  return found;
}

function ofSenders({ peers, foreign }) {
  const found = foreign.map(({ peer, protocol, instead }) =>
    ["warn", `${peer} speaks ${protocol}, which is not understood here: ${instead}.`]);
  for (const { address, skew_s: skew } of peers) {
    if (skew !== null && Math.abs(skew) > SKEW_LARGE_S) {
      const way = skew > 0 ? "ahead" : "behind";
      found.push(["warn", `The clock of ${address} is ${text.duration(Math.abs(skew))} ${way}.`]);
    }
  }
  return found;
}

function ofCertificate({ certificate }, now) {
  const left = certificate.expires_s - now;
  if (certificate.expires_s > 0 && left < CERTIFICATE_SOON_S) {
    return [[left < DAY_S ? "bad" : "warn", left < 0
      ? "The certificate has expired: senders that check it are turned away."
      : `The certificate expires in ${text.duration(left)}.`]];
  }
  return certificate.development
    ? [["plain", "A development certificate is in use: senders on other machines cannot check it."]]
    : [];
}

const GRADES = { bad: "!", warn: "!", plain: "i", good: "✓" };

export function makeAttention(store) {
  const place = byId("attention");
  const list = byId("attention-list");

  return (stats, restarts) => {
    const now = Date.parse(stats.time) / 1000;
    const points = store.points();
    const found = [
      ...ofDropped(stats, points), ...ofDisk(stats), ...ofRejected(stats, points),
      ...ofSchemas(stats), ...ofSenders(stats), ...ofCertificate(stats, now), ...restarts,
    ];
    found.sort((a, b) => Object.keys(GRADES).indexOf(a[0]) - Object.keys(GRADES).indexOf(b[0]));
    const first = found[0] ?? ["good", "Nothing needs attention."];
    const more = found.length > 1 ? ` And ${found.length - 1} more.` : "";
    setLine(byId("attention-text"), first[1] + more);
    place.dataset.grade = first[0];
    place.dataset.count = found.length;
    keepChildren(list, found.length, () => make("li", ""));
    found.forEach(([grade, words], i) => {
      list.children[i].dataset.grade = grade;
      setLine(list.children[i], words);
    });
  };
}

// ---- tiles and the law ----

const TILES = [
  {
    name: "Records", unit: "per second",
    value: (s) => text.rate(s.logs_per_sec),
    note: (s) => `${text.shortCount(s.totals.received)} received`,
  },
  {
    name: "MB", unit: "per second", value: (s) => s.mb_per_sec.toFixed(2),
    note: (s) => (s.archive.ratio === null ? "none on disk yet"
      : `${s.archive.ratio.toFixed(1)} : 1 on disk`),
  },
  {
    name: "Latency", unit: "p50", value: (s) => (s.logs_per_sec > 0
      ? text.micros(s.latency_p50_us) : text.NONE),
    note: (s) => (s.logs_per_sec > 0 ? `p99 ${text.micros(s.latency_p99_us)}` : "no records"),
  },
  {
    name: "Queue", unit: "records", value: (s) => text.shortCount(s.queue_length),
    note: (s) => `at most ${text.shortCount(s.queue_max)}`,
  },
  {
    name: "Rejected", unit: "per second", value: (s) => text.rate(s.rejected_per_sec),
    note: (s) => `${text.shortCount(s.rejected)} in all`,
  },
  {
    name: "Dropped", unit: "records", value: (s) => text.shortCount(s.dropped),
    note: (s) => (s.dropped > 0 ? "lost" : "nothing lost"),
    grade: (s) => (s.dropped > 0 ? "bad" : ""),
  },
  {
    name: "Senders", unit: "connected", value: (s) => text.shortCount(s.connections.open),
    note: (s) => `${text.shortCount(s.connections.accepted)} accepted`,
  },
  {
    name: "Disk", unit: "free", value: (s) => text.bytes(s.archive.disk_free_bytes),
    note: (s) => (s.archive.disk_full_in_s === null ? "not filling up"
      : `full in ${text.duration(s.archive.disk_full_in_s)}`),
    grade: (s) => (s.archive.stalled ? "bad"
      : s.archive.disk_full_in_s !== null && s.archive.disk_full_in_s < DAY_S ? "warn" : ""),
  },
];

export function makeTiles() {
  const place = byId("tiles");
  place.append(...TILES.map(({ name, unit }) => make("div", "tile",
    make("span", "label", `${name} `, make("small", "", unit)),
    make("span", "value", text.NONE), make("span", "note", "\u00a0"))));

  return (stats) => {
    TILES.forEach(({ value, note, grade }, i) => {
      const tile = place.children[i];
      setText(tile.children[1], value(stats));
      setText(tile.children[2], note(stats));
      tile.dataset.grade = grade?.(stats) ?? "";
    });
  };
}

export const LAW = [
  { sign: "", name: "received" },
  { sign: "=", name: "archived" },
  { sign: "+", name: "rejected" },
  { sign: "+", name: "dropped" },
  { sign: "+", name: "in_flight" },
];

export function makeLaw() {
  const values = LAW.map(() => make("b", "", text.NONE));

  LAW.forEach(({ sign, name }, i) => byId("law").append(
    make("i", "", sign), make("div", "", values[i], make("span", "", text.label(name)))));
  return (stats) => {
    LAW.forEach(({ name }, i) => setText(values[i], text.count(stats.totals[name])));
  };
}
