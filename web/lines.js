// SPDX-License-Identifier: Apache-2.0
//
// lines: text and bytes of strangers, made visible: control characters and characters that change
// the direction or width of what follows become marks, bytes that are no text become a hex dump.
// All of it as text nodes.

import { make, setClass, setText } from "./dom.js";
import * as text from "./text.js";

// Controls, line separators, directions and characters without width.
const STRANGE = new RegExp("[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f"
  + "\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]");
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;
const SIGNS = { "\n": "↵", "\r": "␍", "\r\n": "↵", "\t": "⇥", "\0": "␀", "\u001b": "␛" };
const SPLIT = new RegExp(`(\r\n|${STRANGE.source})`);
const NARROW = "(max-width: 40rem)";
const HEX_BYTES_MAX = 2048;
const SUMMARY_CHARS_MAX = 400;

function signOf(character) {
  const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return SIGNS[character] ?? `U+${code}`;
}

// Nodes for `string`: its strange characters as marks; with `breaks` a line ends where it says so.
function nodesOf(string, breaks) {
  const nodes = [];
  string.split(SPLIT).forEach((part, i) => {
    if (i % 2 === 0) {
      nodes.push(part);
      return;
    }
    const mark = make("span", "mark", signOf(part));
    mark.title = `${signOf(part)}, not part of the text`;
    nodes.push(mark);
    if (part === "\t" && breaks) {
      nodes.push("\t");
    }
    if (breaks && LINE_END.test(part)) {
      nodes.push("\n");
    }
  });
  return nodes;
}

// Puts one line of text into `element`; touches it only if it is another text.
export function setLine(element, string) {
  const shown = string.length > SUMMARY_CHARS_MAX ? string.slice(0, SUMMARY_CHARS_MAX) : string;
  if (!STRANGE.test(shown)) {
    setText(element, shown);
    return;
  }
  const nodes = nodesOf(shown, false);
  const flat = nodes.map((node) => node.textContent ?? node).join("");
  if (element.textContent !== flat) {
    element.replaceChildren(...nodes);
  }
}

// The whole text in lines of its own, which wrap.
export function makeBlock(string) {
  return make("pre", "block", ...nodesOf(string, true));
}

// Bytes of a base64 text; null if it is none.
export function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

// "00000010  7b 22 6d 65 …  {"me…", as `hexdump -C` shows it.
export function makeHexDump(bytes) {
  const width = matchMedia(NARROW).matches ? 8 : 16;
  const digits = width === 8 ? 4 : 8;
  const hex = (number, length) => number.toString(16).padStart(length, "0");
  const rows = [];
  for (let at = 0; at < Math.min(bytes.length, HEX_BYTES_MAX); at += width) {
    const row = [...bytes.subarray(at, at + width)];
    const codes = row.map((byte) => hex(byte, 2)).join(" ").padEnd(3 * width - 1);
    const signs = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    rows.push(`${hex(at, digits)}  ${codes}  ${signs.join("")}`);
  }
  if (bytes.length > HEX_BYTES_MAX) {
    rows.push(`… ${text.plural(bytes.length - HEX_BYTES_MAX, "byte")} more`);
  }
  return make("pre", "block hex", rows.join("\n"));
}

// The parts of an archived line that is a JSON object; else the line as the message.
export function partsOf(line) {
  try {
    const record = JSON.parse(line);
    const string = (value) => (typeof value === "string" ? value : "");
    if (typeof record === "object" && typeof record?.message === "string") {
      return { level: string(record.level), service: string(record.service),
        message: record.message };
    }
  } catch {
    // text or CSV
  }
  return { level: "", service: "", message: line };
}

// What unfolds below an archived line: its message with its line breaks, then the line itself.
export function makeLineBody(line) {
  const { message } = partsOf(line);
  const body = [];
  if (message !== line) {
    body.push(make("h5", "", "message"), makeBlock(message));
  }
  body.push(make("h5", "", "the line as archived"), makeBlock(line));
  return body;
}

// A row that unfolds: `columns` are the classes of its cells. Its body is made when it is opened,
// by the function that fill() was given last. A row that is open keeps what it shows.
export function makeRow(columns) {
  const summary = make("summary", "", ...columns.map((name) => make("span", name)));
  const body = make("div", "body");
  const row = make("details", "row", summary, body);
  let makeBody = () => [];

  row.addEventListener("toggle", () => body.replaceChildren(...(row.open ? makeBody() : [])));
  row.fill = (texts, className, bodyMaker) => {
    texts.forEach((string, i) => setLine(summary.children[i], string));
    setClass(row, `row ${className}`);
    makeBody = bodyMaker;
  };
  return row;
}

// Severity as class of a row: good, warn or bad, for names of levels in any case.
export function gradeOf(level) {
  const name = level.toLowerCase();
  if (/^(emerg|alert|crit|err|fatal|panic)/.test(name)) {
    return "bad";
  }
  return name.startsWith("warn") ? "warn" : "plain";
}

// Calls update(stats) unless something in `place` is open or under the pointer or focus: what is
// being read stays. `sign` is shown meanwhile.
export function makeHeld(place, sign, update) {
  let waiting = null;

  const isHeld = () =>
    place.querySelector("details[open]") !== null || place.matches(":hover, :focus-within");
  function release() {
    const held = isHeld();
    sign.classList.toggle("on", held);
    if (!held && waiting !== null) {
      update(waiting);
      waiting = null;
    }
  }
  for (const name of ["pointerenter", "pointerleave", "focusin", "focusout", "toggle"]) {
    place.addEventListener(name, () => setTimeout(release, 0), name === "toggle");
  }
  return (stats) => {
    waiting = stats;
    release();
  };
}
