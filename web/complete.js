// SPDX-License-Identifier: Apache-2.0
//
// complete: makes an event whole where the ingestor tells less than this page shows: what follows
// from two events is worked out, the rest of the page is left out.

const LEFT_OUT = ["peers", "services", "files", "foreign"];

let before = null;

// Counts per second since the event before.
function ratesOf(counts, old, seconds) {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) =>
    [name, Math.max(0, count - (old?.[name] ?? count)) / seconds]));
}

function nowOf(stats) {
  const time = Date.parse(stats.time) / 1000;
  const old = before?.started === stats.started ? before : null;
  const seconds = old === null ? 1 : Math.max(0.5, time - Date.parse(old.time) / 1000);
  const idle = stats.logs_per_sec === 0;
  return {
    time_s: Math.floor(time), records_per_s: stats.logs_per_sec_by_format,
    mb_per_s: stats.mb_per_sec, latency_p50_us: idle ? null : stats.latency_p50_us,
    latency_p99_us: idle ? null : stats.latency_p99_us, queue: stats.queue_length,
    dropped_per_s: ratesOf({ all: stats.dropped }, old && { all: old.dropped }, seconds).all,
    rejected_per_s: ratesOf(stats.rejected_by_reason, old?.rejected_by_reason, seconds),
    severity_per_s: ratesOf(stats.severities, old?.severities, seconds),
    shard_busy: stats.shards.map(({ busy_s: busy }, i) =>
      (busy - (old?.shards[i]?.busy_s ?? busy)) / seconds),
  };
}

function rejectOf(line, fixes) {
  try {
    const reject = JSON.parse(line);
    return { ...reject, at: reject.received_at, fix: fixes[reject.reason] };
  } catch {
    return { at: "", peer: "", format: "", reason: "", detail: line, length: line.length };
  }
}

function schemasOf({ types, registry, reachable, age_s: age }, time) {
  return {
    schema_list: types.map((type) => ({ subject: null, age_s: null, state: "in use", why: null,
      ...type })),
    registry: registry ? { url: "", reachable, why: null,
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
  const whole = {
    peers: [], services: [], files: [], foreign: [], services_sampled: false,
    rejects_latest: stats.rejects.map((line) => rejectOf(line, stats.reason_fixes)),
    ...schemasOf(stats.schemas, stats.time), now: stats.now ?? nowOf(stats), ...stats,
    archive: { disk_full_in_s: null, ratio, bytes_out_per_s: 0, ...archive },
  };
  before = stats;
  return whole;
}
