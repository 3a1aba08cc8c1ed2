// SPDX-License-Identifier: Apache-2.0
//
// text: numbers, sizes and times as people read them. Every function returns a string.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

const TEN_MILLION = 1e7;
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

// 1,234,567
export function count(value) {
  return whole.format(value);
}

// Fits into a tile: 9,999,999, then 12.35M.
export function shortCount(value) {
  return value < TEN_MILLION ? whole.format(value) : compact.format(value);
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

export function percent(part, all) {
  return all > 0 ? `${tenths.format((100 * part) / all)}%` : "–";
}

// 3 d 4 h, 4 h 12 min, 12 min, 40 s
export function duration(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) {
    return `${days} d ${hours} h`;
  }
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

// 04:11:45 where the reader is; for a Date or an RFC 3339 text.
export function clock(when) {
  return new Date(when).toLocaleTimeString("en-GB");
}

// 2027-11-21
export function day(unixSeconds) {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}

// disk_full -> disk full
export function label(name) {
  return name.replaceAll("_", " ");
}
