// SPDX-License-Identifier: Apache-2.0
//
// store: the numbers of the last 15 minutes, one point a second. The server's history fills in what
// this page has not seen; what the page has seen stays, also when its ingestor is gone.

const KEEP_S = 900;
const GAP_S = 2.5; // two points further apart than that have a gap between them

const ARRAYS = ["mb_per_s", "latency_p50_us", "latency_p99_us", "queue", "dropped_per_s"];
const GROUPS = ["records_per_s", "rejected_per_s", "severity_per_s"];

// The numbers of second `i` of a history, in the form that the events have them.
function pointOf(history, i) {
  const numbers = { shard_busy: history.shard_busy.map((values) => values[i]) };
  for (const name of ARRAYS) {
    numbers[name] = history[name][i];
  }
  for (const group of GROUPS) {
    const entries = Object.entries(history[group]);
    numbers[group] = Object.fromEntries(entries.map(([name, values]) => [name, values[i]]));
  }
  return numbers;
}

// {time in s, run: which start of the ingestor, numbers: as `now` in an event}, oldest first.
export function makeStore() {
  let points = [];

  function trim() {
    const oldest = points.length > 0 ? points.at(-1).time - KEEP_S : 0;
    let drop = 0;
    while (drop < points.length && points[drop].time <= oldest) {
      drop++;
    }
    points.splice(0, drop);
  }

  return {
    points: () => points,

    addHistory(history) {
      const known = new Set(points.map(({ time }) => time));
      const first = history.end_s - history.count + 1;
      for (let i = 0; i < history.count; i++) {
        const numbers = pointOf(history, i);
        const told = numbers.queue !== null && numbers.queue !== undefined;
        if (told && !known.has(first + i)) {
          points.push({ time: first + i, run: history.started, numbers });
        }
      }
      points.sort((a, b) => a.time - b.time);
      trim();
    },

    add(time, run, numbers) {
      if (points.length > 0 && time <= points.at(-1).time) {
        // The same second told again, or the clock was set back: what is later was never true.
        points = points.filter((point) => point.time < time);
      }
      points.push({ time, run, numbers });
      trim();
    },
  };
}

// The points of the last `seconds`, with {time, numbers: null} where there are none, and the places
// without: [{from, to, restarted}].
export function windowOf(points, seconds) {
  const shown = [];
  const gaps = [];
  const end = points.at(-1)?.time ?? 0;
  let last = null;

  for (const point of points) {
    if (point.time <= end - seconds) {
      continue;
    }
    const restarted = last !== null && last.run !== point.run;
    if (last !== null && (restarted || point.time - last.time > GAP_S)) {
      gaps.push({ from: last.time, to: point.time, restarted });
      shown.push({ time: (last.time + point.time) / 2, numbers: null });
    }
    shown.push(point);
    last = point;
  }
  return { shown, gaps };
}
