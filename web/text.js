// SPDX-License-Identifier: Apache-2.0
//
// text: numbers, sizes and times as people read them. Every function returns a string.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const axis = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

const TEN_MILLION = 1e7;
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export const NONE = "–";

// 1,234,567
export function count(value) {
  return whole.format(value);
}

// Fits into a tile: 9,999,999, then 12.35M.
export function shortCount(value) {
  return value < TEN_MILLION ? whole.format(value) : compact.format(value);
}

// Beside an axis: 0, 250, 1.2K, 15M
export function tick(value) {
  return axis.format(value);
}

// 0, 0.4, 12.5, 1,203
export function rate(value) {
  return value > 0 && value < 100 ? tenths.format(value) : shortCount(value);
}

// 85 µs, 1.3 ms, 2.1 s
export function micros(value) {
  if (value >= 1e6) {
    return `${tenths.format(value / 1e6)} s`;
  }
  return value >= 1e3 ? `${tenths.format(value / 1e3)} ms` : `${whole.format(value)} µs`;
}

export function bytes(value) {
  let unit = 0;
  while (value >= 1024 && unit + 1 < BYTE_UNITS.length) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? whole.format(value) : tenths.format(value)} ${BYTE_UNITS[unit]}`;
}

// 12.5%; shares that are tiny but not nothing are not shown as nothing.
export function percent(share) {
  return share > 0 && share < 0.0005 ? "<0.1%" : `${tenths.format(100 * share)}%`;
}

// 3 d 4 h, 4 h 12 min, 12 min, 40 s
export function duration(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days >= 730) {
    return "over 2 years";
  }
  if (days > 0) {
    return `${days} d ${hours} h`;
  }
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

// now, 3 s ago, 12 min ago; for an RFC 3339 text or null.
export function ago(time, now) {
  if (time === null) {
    return "never";
  }
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 2 ? "now" : `${duration(seconds)} ago`;
}

// How a peer's clock differs: +312.5 s, −400 ms, +2 ms
export function skew(seconds) {
  if (seconds === null) {
    return NONE;
  }
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "+";
  if (size < 0.0005) {
    return "0 ms";
  }
  if (size < 1) {
    return `${sign}${whole.format(size * 1000)} ms`;
  }
  return size < 600 ? `${sign}${tenths.format(size)} s` : `${sign}${duration(size)}`;
}

// 04:11:45 where the reader is; for a Date, a number of ms or an RFC 3339 text.
export function clock(when) {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? String(when) : date.toLocaleTimeString("en-GB");
}

// 2027-11-21
export function day(unixSeconds) {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}

// disk_full -> disk full
export function label(name) {
  return name.replaceAll("_", " ");
}

// "1 file", "3 files"
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}
