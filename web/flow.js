// SPDX-License-Identifier: Apache-2.0
//
// flow: tables of what comes in: formats, severities, shards, reasons of rejects. Each make…
// function builds its part once and returns what brings it up to date.

import { LAW } from "./now.js";
import * as text from "./text.js";
import { byId, makeTable } from "./dom.js";

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
