// SPDX-License-Identifier: Apache-2.0
//
// page: the distribution's Chromium, and a page of the dashboard that is watched: whatever it
// complains about, whatever it asks of others and whatever moves in it is kept.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const BROWSER = "/usr/bin/chromium";
const PATIENCE_MS = Number(process.env.CORDWOOD_PATIENCE_MS ?? 60000);
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export const SKIPPED = 77;

export function browserIsMissing() {
  if (existsSync(BROWSER)) {
    return false;
  }
  console.log(`skipped: no ${BROWSER} here`);
  return true;
}

// Runs use(context) with a browser of its own, whose profile is new and is removed.
export async function withBrowser(use) {
  const profile = mkdtempSync(join(tmpdir(), "cordwood-dashboard-"));
  const context = await chromium.launchPersistentContext(profile,
    { executablePath: BROWSER, args: FLAGS, viewport: { width: 1440, height: 900 } });
  try {
    return await use(context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

// Opens `url`; the result has the page and `complaints`, which a test wants to be empty.
export async function openPage(context, url) {
  const page = await context.newPage();
  const complaints = [];
  const origin = new URL(url).origin;

  page.setDefaultTimeout(PATIENCE_MS);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) {
      complaints.push(`foreign request: ${request.url()}`);
    }
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation",
      (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    window.shifts = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
      const names = entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName);
      window.shifts.push({ value: entry.value, at: entry.startTime, names });
    })).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(url);
  return { page, complaints };
}

export function waitForText(page, selector, text) {
  return page.waitForFunction(([where, what]) =>
    document.querySelector(where)?.textContent.includes(what), [selector, text]);
}

export const number = (text) => Number(text.replaceAll(",", ""));

// {received: 1411, archived: …} as the page shows it.
export async function lawOf(page) {
  const names = (await page.locator("#law span").allTextContents())
    .map((name) => name.replaceAll(" ", "_"));
  const counts = (await page.locator("#law b").allTextContents()).map(number);
  return Object.fromEntries(names.map((name, i) => [name, counts[i]]));
}

// The texts of a table's rows.
export function rowsOf(page, id) {
  return page.locator(`#${id} tbody tr`).evaluateAll((rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)));
}

export async function assertFits(page, width) {
  const [all, seen] = await page.evaluate(
    () => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(all <= seen, `no horizontal scrolling at ${width}: ${all} > ${seen}`);
}

// The mean brightness of a screenshot of what is seen, 0 (black) to 255.
export async function brightnessOf(page) {
  const png = (await page.screenshot()).toString("base64");
  const other = await page.context().newPage(); // whose policy allows such an image
  const mean = await other.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
    let sum = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      sum += (pixels[i] + pixels[i + 1] + pixels[i + 2]) / 3;
    }
    return (4 * sum) / pixels.length;
  }, png);
  await other.close();
  return mean;
}

// The share of the window that moved, summed over so many ms from now.
export async function shiftsDuring(page, ms) {
  const from = await page.evaluate(() => performance.now());
  await page.waitForTimeout(ms);
  const shifts = await page.evaluate((start) =>
    window.shifts.filter(({ at }) => at >= start), from);
  return { sum: shifts.reduce((sum, { value }) => sum + value, 0), shifts };
}

// The time at the left end of a chart as its keyboard tells it, as HH:MM:SS.
export async function chartBegin(page, id) {
  const plot = page.locator(`#chart-${id} .plot`);
  await plot.focus();
  await page.keyboard.press("Home");
  const label = await plot.getAttribute("aria-label");
  await page.evaluate(() => document.activeElement.blur());
  return label.match(/\d\d:\d\d:\d\d/)?.[0] ?? label;
}

// Runs the tests one after the other; the exit status.
export async function runTests(tests, ...args) {
  let failed = 0;
  for (const test of tests) {
    const began = performance.now();
    try {
      await test(...args);
      console.log(`ok      ${test.name} ${((performance.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${test.name}\n${error.stack}`);
    }
  }
  return failed === 0 ? 0 : 1;
}
