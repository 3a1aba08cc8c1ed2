// SPDX-License-Identifier: Apache-2.0
//
// archive: what is on disk, how long there is room, and the latest files.

import * as text from "./text.js";
import { byId, makeTable, makeTerms } from "./dom.js";

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
