// SPDX-License-Identifier: Apache-2.0
//
// records: the latest archived lines of each format, and the latest rejects with their bytes. Each
// is a row that unfolds; what is being read does not change meanwhile.

import { FORMATS } from "./tables.js";
import * as text from "./text.js";
import { byId, keepChildren, make, setText } from "./dom.js";
import {
  bytesOf, gradeOf, makeBlock, makeHeld, makeHexDump, makeLineBody, makeRow, partsOf,
} from "./lines.js";

const SAMPLES_SHOWN = 3;

// ---- samples ----

function fillSample(row, line, peer) {
  const { level, service, message } = partsOf(line);
  row.fill([level, service, message, peer], gradeOf(level), () => makeLineBody(line));
}

function updateSamples(place, { samples, sample_peers: peers }) {
  const seen = FORMATS.filter((name) => samples[name].length > 0);
  if (seen.length === 0 || place.querySelector(".empty") !== null) {
    place.replaceChildren();
  }
  if (seen.length === 0) {
    place.append(make("p", "empty", "No record has come in since the start."));
    return;
  }
  keepChildren(place, seen.length, () => make("section", "", make("h5", ""), make("div", "")));
  seen.forEach((name, i) => {
    const [head, list] = place.children[i].children;
    const lines = samples[name].slice(0, SAMPLES_SHOWN);
    setText(head, name);
    keepChildren(list, lines.length, () => makeRow(["level", "service", "text", "peer"]));
    lines.forEach((line, at) => fillSample(list.children[at], line, peers[name][at] ?? ""));
  });
}

export function makeSamples() {
  const place = byId("samples");
  const sign = place.parentElement.querySelector(".held");
  return makeHeld(place, sign, (stats) => updateSamples(place, stats));
}

// ---- rejects ----

// The payload: what it is, and it.
function payloadOf(reject) {
  const cut = reject.truncated ? "; the beginning of it" : "";
  const size = `${text.plural(reject.length, "byte")}${cut}`;
  if (reject.payload !== undefined) {
    return [make("h5", "", `payload, ${size}: text`), makeBlock(reject.payload)];
  }
  const bytes = bytesOf(reject.payload_base64 ?? "");
  if (bytes === null || bytes.length === 0) {
    return [make("h5", "", `payload, ${size}: not kept`)];
  }
  return [make("h5", "", `payload, ${size}: not text, shown as hex and characters`),
    makeHexDump(bytes), make("h5", "", "the same as base64, as the file has it"),
    makeBlock(reject.payload_base64)];
}

function rejectBody(reject) {
  const terms = [
    ["reason", text.label(reject.reason)], ["detail", reject.detail || text.NONE],
    ["what the sender should change", reject.fix || text.NONE], ["sender", reject.peer],
    ["format", reject.format], ["received", reject.at],
  ];
  const list = make("dl", "facts", ...terms.map(([term, value]) =>
    make("div", "", make("dt", "", term), make("dd", "", value))));
  return [list, ...payloadOf(reject)];
}

function updateRejects(place, { rejects_latest: rejects }) {
  if (rejects.length === 0 || place.querySelector(".empty") !== null) {
    place.replaceChildren();
  }
  if (rejects.length === 0) {
    place.append(make("p", "empty", "None since the start."));
    return;
  }
  keepChildren(place, rejects.length, () => makeRow(["when", "reason", "text", "peer", "size"]));
  rejects.forEach((reject, i) => place.children[i].fill(
    [text.clock(reject.at), text.label(reject.reason), reject.detail, reject.peer,
      text.bytes(reject.length)],
    "bad", () => rejectBody(reject)));
}

export function makeRejects() {
  const place = byId("rejects");
  const sign = place.previousElementSibling.querySelector(".held");
  return makeHeld(place, sign, (stats) => updateRejects(place, stats));
}
