// SPDX-License-Identifier: Apache-2.0
//
// complete: makes an event whole where the ingestor tells less than this page shows.

const SAMPLED_BYTES = 64; // of a payload
const LEFT_OUT = ["peers", "services", "files", "foreign"];

function rejectOf(line, fixes) {
  try {
    const reject = JSON.parse(line);
    return { ...reject, at: reject.received_at, fix: fixes[reject.reason],
      truncated: reject.length > SAMPLED_BYTES };
  } catch {
    return { at: "", peer: "", format: "", reason: "", detail: line, length: line.length };
  }
}

function schemasOf({ types, registry, reachable, age_s: age }, time) {
  return {
    schema_list: types.map((type) => ({ subject: null, age_s: null, state: "in use", why: null,
      ...type })),
    registry: registry ? { url: "(--registry)", reachable, why: null,
      last_ok: new Date(Date.parse(time) - 1000 * age).toISOString() } : null,
  };
}

// Takes cards and links away that there is nothing for.
function leaveOut(stats) {
  const gone = LEFT_OUT.filter((name) => stats[name] === undefined)
    .map((name) => document.getElementById(name).closest(".card"));
  if (stats.peers === undefined) {
    gone.push(...document.querySelectorAll("[href='settings']"));
  }
  gone.forEach((element) => { element.hidden = true; });
}

export function complete(stats) {
  const { archive } = stats;
  const ratio = archive.bytes_out > 0 ? archive.bytes_in / archive.bytes_out : null;

  leaveOut(stats);
  return {
    peers: [], services: [], files: [], foreign: [], services_sampled: false,
    rejects_latest: stats.rejects.map((line) => rejectOf(line, stats.reason_fixes)),
    ...schemasOf(stats.schemas, stats.time), ...stats,
    archive: { disk_full_in_s: null, ratio, bytes_out_per_s: 0, ...archive },
  };
}
