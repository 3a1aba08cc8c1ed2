// SPDX-License-Identifier: Apache-2.0
//
// tables: what comes in, by format, severity, shard and reason; what is on disk and how long there is
// room; what judges the records. Each make… function builds its part once and returns what brings
// it up to date.

import { LAW } from "./now.js";
import * as text from "./text.js";
import { byId, makeTable, makeTerms } from "./dom.js";
import { setLine } from "./lines.js";

export const FORMATS = ["json", "proto", "avro", "raw", "syslog", "journald", "unknown"];

export function makeFormats() {
  const heads = ["Format", "per second", ...LAW.map(({ name }) => text.label(name))];
  const fill = makeTable(byId("formats"), heads.map((name) => ({ text: name })));

  return (stats) => fill(FORMATS.map((name) => {
    const law = stats.records[name];
    const rates = text.rate(stats.logs_per_sec_by_format[name]);
    return [
      { text: name, kind: law.received > 0 ? "name" : "idle" }, rates,
      ...LAW.map((part) => ({
        text: text.count(law[part.name]),
        kind: law[part.name] === 0 ? "idle" : part.name === "dropped" ? "bad" : "",
      })),
    ];
  }));
}

export function makeSeverities() {
  const fill = makeTable(byId("severities"), [
    { text: "Severity" }, { text: "records" }, { text: "share", share: true },
  ]);

  return ({ severities }) => {
    const all = Object.values(severities).reduce((sum, count) => sum + count, 0);
    fill(Object.entries(severities).map(([name, count]) => {
      const share = all > 0 ? count / all : 0;
      const kind = count === 0 ? "idle" : "";
      return [{ text: name, kind }, { text: text.count(count), kind },
        { text: all > 0 ? text.percent(share) : text.NONE, share, kind }];
    }));
  };
}

export function makeShards() {
  const fill = makeTable(byId("shards"), [
    { text: "Shard" }, { text: "busy, share of a core", share: true }, { text: "connections" },
    { text: "queue" }, { text: "received" }, { text: "archived" },
  ]);

  return ({ shards, now }) => fill(shards.map((shard, i) => {
    const busy = now.shard_busy[i] ?? null;
    return [
      String(i), { text: busy === null ? text.NONE : text.percent(busy), share: busy ?? 0 },
      text.count(shard.connections), text.count(shard.queue_length), text.count(shard.received),
      text.count(shard.archived),
    ];
  }));
}

export function makeReasons() {
  const fill = makeTable(byId("reasons"), [
    { text: "Reason" }, { text: "records" }, { text: "per second" },
    { text: "what the sender should change", words: true },
  ], "Nothing has been rejected.");

  return (stats) => {
    const seen = Object.entries(stats.rejected_by_reason).filter(([, number]) => number > 0);
    fill(seen.map(([reason, number]) => [
      { text: text.label(reason), kind: "name" }, text.count(number),
      text.rate(stats.now.rejected_per_s[reason] ?? 0), stats.reason_fixes[reason] ?? "",
    ]));
  };
}

// ---- archive ----

export function makeDisk() {
  const fill = makeTerms(byId("disk"));

  return ({ archive }) => {
    const full = archive.disk_full_in_s;
    const bad = (number) => (number > 0 ? "bad" : "");
    fill([
      ["full in, at the present rate", full === null ? "not filling up" : text.duration(full),
        archive.stalled ? "bad" : "strong"],
      ["free", `${text.bytes(archive.disk_free_bytes)} of ${text.bytes(archive.disk_size_bytes)}`],
      ["written", `${text.bytes(archive.bytes_out_per_s)}/s`],
      ["lines, before compression", text.bytes(archive.bytes_in)],
      ["compressed to", text.bytes(archive.bytes_out)],
      ["ratio", archive.ratio === null ? text.NONE : `${archive.ratio.toFixed(2)} : 1`],
      ["files finished", text.count(archive.files_published)],
      ["being written", `${text.count(archive.files_open)}, ${text.bytes(archive.open_bytes)}`],
      ["records on disk for sure", text.count(archive.records_synced)],
      ["oldest not yet synced", text.micros(archive.sync_lag_s * 1e6)],
      ["rejected records on disk", text.bytes(archive.rejected_bytes)],
      ["repaired at start", text.count(archive.files_recovered)],
      ["deleted by retention", text.count(archive.files_deleted)],
      ["failed file operations", text.count(archive.io_errors), bad(archive.io_errors)],
    ]);
  };
}

export function makeFiles() {
  const fill = makeTable(byId("files"), [
    { text: "File" }, { text: "records" }, { text: "rejected" }, { text: "uncompressed" },
    { text: "on disk" }, { text: "ratio" }, { text: "finished" },
  ], "No file has been begun.");

  return ({ files, time }) => {
    const now = Date.parse(time);
    fill(files.map((file) => [
      { text: file.name, kind: "file", title: file.name },
      text.count(file.records), text.count(file.rejected), text.bytes(file.bytes_in),
      text.bytes(file.bytes_out),
      file.bytes_out > 0 ? (file.bytes_in / file.bytes_out).toFixed(2) : text.NONE,
      file.state === "open" ? { text: "being written", kind: "name" } : text.ago(file.closed, now),
    ]));
  };
}

// ---- schemas ----

function registryWords({ registry, time }) {
  if (registry === null) {
    return ["plain", "No registry is configured (--registry): the schemas built in are in use."];
  }
  const last = text.ago(registry.last_ok, Date.parse(time));
  if (registry.reachable) {
    return ["good", `Registry ${registry.url} answers; asked ${last}.`];
  }
  const why = registry.why ? `: ${registry.why}` : "";
  return ["bad", `Registry ${registry.url} does not answer${why}. Last answer ${last}; the schemas `
    + "below stay in use."];
}

export function makeSchemas() {
  const place = byId("registry");
  const fill = makeTable(byId("schema-list"), [
    { text: "Type", words: true }, { text: "format" }, { text: "subject", words: true },
    { text: "version" }, { text: "id" }, { text: "age" }, { text: "state", words: true },
  ], "No schema is in use.");

  return (stats) => {
    const [grade, words] = registryWords(stats);
    place.dataset.grade = grade;
    setLine(place, words);
    fill(stats.schema_list.map((schema) => [
      { text: schema.type, kind: "name" }, schema.format, schema.subject ?? text.NONE,
      ...(schema.version === 0 ? ["built in", text.NONE]
        : [String(schema.version), String(schema.id)]),
      schema.age_s === null ? text.NONE : text.duration(schema.age_s),
      { text: schema.state + (schema.why ? `: ${schema.why}` : ""),
        kind: schema.state === "refused" ? "bad" : "" },
    ]));
  };
}
