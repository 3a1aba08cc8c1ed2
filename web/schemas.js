// SPDX-License-Identifier: Apache-2.0
//
// schemas: what judges the records, how old it is, and whether the registry answers.

import * as text from "./text.js";
import { byId, makeTable } from "./dom.js";
import { setLine } from "./lines.js";

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
      String(schema.version), String(schema.id),
      schema.age_s === null ? text.NONE : text.duration(schema.age_s),
      { text: schema.state + (schema.why ? `: ${schema.why}` : ""),
        kind: schema.state === "refused" ? "bad" : "" },
    ]));
  };
}
