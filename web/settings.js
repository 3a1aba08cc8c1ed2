// SPDX-License-Identifier: Apache-2.0
//
// settings: every effective value, where it is from, and what changes it. Read once; a filter hides
// rows.

import * as text from "./text.js";
import { byId, make, setText } from "./dom.js";

const ORIGINS = { default: "default", file: "file", environment: "environment",
  argument: "command line" };

function originOf({ origin, where }) {
  return make("td", "words", make("span", "", `${ORIGINS[origin] ?? origin} `,
    make("code", "", where)));
}

function valueOf({ value, default: standard, origin, secret }) {
  const shown = value === "" ? make("span", "faint", "(empty)") : make("code", "value", value);
  const all = make("span", "", shown);
  if (origin !== "default" && !secret) {
    all.append(" ", make("small", "faint", `default ${standard === "" ? "empty" : standard}`));
  }
  return make("td", "words", all);
}

function makeSetting(setting) {
  const name = make("th", "words", make("span", "", make("code", "", setting.name),
    make("small", "faint", setting.help)));
  name.scope = "row";
  const row = make("tr", "", name, valueOf(setting), originOf(setting),
    make("td", "words", setting.reload ? "SIGHUP" : "restart"));
  ["Setting", "value", "origin", "changed by"].forEach((label, i) => {
    row.children[i].dataset.label = label;
  });
  row.dataset.origin = setting.origin;
  const { value, origin, where, help, group } = setting;
  const words = [setting.name, value, ORIGINS[origin] ?? origin, where, help, group,
    setting.reload ? "SIGHUP" : "restart"];
  return { row, words: words.join("\n").toLowerCase(), changed: origin !== "default" };
}

function makeGroup(name, settings) {
  const head = make("tr", "", ...["Setting", "value", "origin", "changed by"].map((label) => {
    const cell = make("th", "words", label);
    cell.scope = "col";
    return cell;
  }));
  const rows = settings.map(makeSetting);
  const table = make("table", "stack settings", make("thead", "", head),
    make("tbody", "", ...rows.map(({ row }) => row)));
  return { place: make("section", "", make("h3", "", name), make("div", "scroll", table)), rows };
}

function show(settings) {
  const names = [...new Set(settings.map(({ group }) => group))];
  const groups = names.map((name) =>
    makeGroup(name, settings.filter(({ group }) => group === name)));
  const changed = settings.filter(({ origin }) => origin !== "default").length;

  function filter() {
    const words = byId("filter").value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let shown = 0;
    for (const { place, rows } of groups) {
      for (const one of rows) {
        const matches = words.every((word) => one.words.includes(word));
        one.row.hidden = !matches || (byId("changed").checked && !one.changed);
        shown += one.row.hidden ? 0 : 1;
      }
      place.hidden = rows.every(({ row }) => row.hidden);
    }
    setText(byId("count"), `${shown} of ${text.plural(settings.length, "setting")}; `
      + `${changed} from a file, the environment or the command line.`);
  }

  byId("groups").replaceChildren(...groups.map(({ place }) => place));
  byId("filter").addEventListener("input", filter);
  byId("changed").addEventListener("change", filter);
  filter();
}

async function read() {
  try {
    const answer = await fetch("settings.json", { cache: "no-store" });
    if (!answer.ok) {
      setText(byId("count"), answer.status === 401
        ? "The token is missing or has changed: open the dashboard once with ?token=TOKEN."
        : `The ingestor answers ${answer.status}.`);
      return;
    }
    show((await answer.json()).settings);
  } catch {
    setText(byId("count"), "The ingestor does not answer; load this page again.");
  }
}

read();
