// SPDX-License-Identifier: Apache-2.0
//
// dashboard_live: the page in a real browser over a real ingestor with real traffic.
// test_dashboard.py starts this and does what it asks for on standard output, one JSON line each:
//   traffic      starts the traffic
//   settle       ends it; answers when nothing is in flight
//   metrics      answers with what /metrics says
//   evil         sends the payloads; answers with what was sent
//   stop, start  the ingestor, on the same ports
//   node dashboard_live.mjs URL [DIRECTORY FOR SCREENSHOTS]

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  assertFits, chartBegin, lawOf, number, openPage, rowsOf, runTests, shiftsDuring, waitForText,
  withBrowser,
} from "./support/page.mjs";

const SHIFT_MAX = 0.01; // of the window; 0.1 counts as good elsewhere
const PICTURE_MS = 55000; // until the charts are filled
const [url, shots] = process.argv.slice(2);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(verb) {
  process.stdout.write(`${JSON.stringify({ ask: verb })}\n`);
  return JSON.parse((await answers.next()).value);
}

async function open(context, path = "") {
  const opened = await openPage(context, url + path);
  await waitForText(opened.page, "#health-word", "Archiving");
  return opened;
}

async function close({ page, complaints }) {
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.deepEqual(complaints, []);
  await page.close();
}

// ---- the tests, in this order: traffic runs from the first on ----

async function showsHistoryAtOnce(context) {
  await ask("traffic");
  await new Promise((resolve) => { setTimeout(resolve, 6000); });
  const opened = await open(context);
  const loaded = await opened.page.evaluate(() =>
    new Date(performance.timeOrigin - 2000).toLocaleTimeString("en-GB"));
  for (const chart of ["rate", "latency", "queue", "severities", "shards"]) {
    const begin = await chartBegin(opened.page, chart);
    assert.match(begin, /^\d\d:\d\d:\d\d$/);
    assert.ok(begin < loaded, `${chart} begins at ${begin}, the page at ${loaded}`);
  }
  assert.match(await opened.page.textContent("#chart-rate .legend"), /json.*proto.*avro.*syslog/);
  await close(opened);
}

async function takesPictures(context) {
  if (shots === undefined) {
    return;
  }
  mkdirSync(shots, { recursive: true });
  const opened = await open(context);
  await opened.page.getByRole("button", { name: "1 min" }).click();
  await opened.page.waitForTimeout(PICTURE_MS);
  for (const [name, width, colorScheme, fullPage] of [
    ["dashboard-light", 1440, "light", false], ["dashboard-dark", 1440, "dark", false],
    ["whole-light", 1440, "light", true], ["whole-768", 768, "light", true],
    ["whole-768-dark", 768, "dark", true], ["phone-light", 360, "light", false],
    ["phone-dark", 360, "dark", false], ["whole-360", 360, "light", true],
  ]) {
    await opened.page.emulateMedia({ colorScheme });
    await opened.page.setViewportSize({ width, height: width < 500 ? 740 : 1000 });
    await opened.page.waitForTimeout(1200);
    await opened.page.screenshot({ path: join(shots, `${name}.png`), fullPage });
  }
  await opened.page.setViewportSize({ width: 1440, height: 900 });
  await opened.page.locator("#tail").scrollIntoViewIfNeeded();
  await opened.page.waitForTimeout(2500);
  await opened.page.screenshot({ path: join(shots, "tail.png") });
  await opened.page.goto(`${url}settings`);
  await opened.page.waitForTimeout(500);
  await opened.page.screenshot({ path: join(shots, "settings.png") });
  await opened.page.close();
}

async function nothingMoves(context) {
  const opened = await open(context);
  await opened.page.waitForTimeout(2000); // loading
  const { sum, shifts } = await shiftsDuring(opened.page, 10000);
  assert.ok(sum < SHIFT_MAX, `${sum} of the window moved: ${JSON.stringify(shifts)}`);
  await close(opened);
}

async function tailsWithPauseAndFilters(context) {
  const opened = await open(context);
  const { page } = opened;
  const rows = page.locator("#tail-lines .row");
  await page.locator("#tail-text").fill("KUBELET");
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll("#tail-lines .row")];
    return all.length > 3 && all.every((row) => row.textContent.includes("kubelet"));
  });
  await page.locator("#tail-text").fill("");
  await page.locator("#tail-level").selectOption("err");
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll("#tail-lines .row .level")];
    return all.length > 3 && all.every(({ textContent }) => /err|crit/.test(textContent));
  });
  await page.locator("#tail-level").selectOption("");
  await waitForText(page, "#tail-note", "records/s are looked at");
  await page.locator("#tail-pause").click();
  await page.waitForTimeout(600);
  const before = await rows.allTextContents();
  await waitForText(page, "#tail-note", "waiting");
  await page.waitForTimeout(1500);
  assert.deepEqual(await rows.allTextContents(), before, "paused lines stay");
  await page.locator("#tail-pause").click();
  await page.waitForFunction((last) =>
    document.querySelector("#tail-lines").lastElementChild.textContent !== last, before.at(-1));
  await rows.nth(0).evaluate((row) => row.firstElementChild.focus());
  await page.keyboard.press("Enter");
  await waitForText(page, "#tail-note", "Held while a line is open");
  assert.match(await rows.nth(0).locator(".body").textContent(), /the line as archived/);
  await close(opened);
}

async function opensARejectByKeyboard(context) {
  const opened = await open(context);
  const { page } = opened;
  const bytes = page.locator("#rejects .row").filter({ hasText: /bad proto|bad avro|bad utf8/ });
  await bytes.first().waitFor();
  await bytes.first().locator("summary").focus();
  await page.keyboard.press("Enter");
  const row = page.locator("#rejects .row[open]");
  await waitForText(page, "#rejects .row[open] .body", "payload");
  const body = await row.locator(".body").textContent();
  assert.match(body, /what the sender should change/);
  assert.match(body, /payload, \d+ bytes/);
  const summary = await row.locator("summary").textContent();
  await page.waitForTimeout(2500);
  assert.equal(await row.locator("summary").textContent(), summary, "an open reject stays");
  await page.keyboard.press("Enter");
  assert.equal(await row.count(), 0);
  await close(opened);
}

async function isReachedByKeyboard(context) {
  const opened = await open(context);
  const { page } = opened;
  const focused = () => page.evaluate(() => {
    const { id, textContent } = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return { id, text: textContent, outline: `${outlineStyle} ${outlineWidth}` };
  });
  await page.keyboard.press("Tab");
  assert.equal((await focused()).text, "Skip to the numbers");
  await page.keyboard.press("Tab");
  assert.equal((await focused()).text, "Skip to the live tail");
  await page.keyboard.press("Enter");
  for (const id of ["tail-pause", "tail-level", "tail-text", "tail-clear", "tail-lines"]) {
    await page.keyboard.press("Tab");
    const at = await focused();
    assert.equal(at.id, id);
    assert.equal(at.outline, "solid 2px", `the focus on ${id} is seen`);
  }
  await close(opened);
}

async function agreesWithMetrics(context) {
  const opened = await open(context);
  const { page } = opened;
  await ask("settle");
  const metrics = await ask("metrics");
  await waitForText(page, "#law", metrics.law.archived.toLocaleString("en"));
  await page.waitForTimeout(1500);
  assert.deepEqual(await lawOf(page), metrics.law);
  for (const [name, , received, archived, rejected] of await rowsOf(page, "formats")) {
    assert.deepEqual([name, number(received), number(archived), number(rejected)],
      [name, ...["received", "archived", "rejected"].map((part) => metrics[part][name] ?? 0)]);
  }
  for (const [reason, count] of await rowsOf(page, "reasons")) {
    assert.equal(number(count), metrics.reasons[reason.replaceAll(" ", "_")], reason);
  }
  for (const [severity, count] of await rowsOf(page, "severities")) {
    assert.equal(number(count), metrics.severities[severity] ?? 0, severity);
  }
  const shards = await rowsOf(page, "shards");
  const sum = shards.reduce((all, cells) => all + number(cells[4]), 0);
  assert.equal(sum, metrics.law.received);
  const peers = await rowsOf(page, "peers");
  const ofPeers = peers.reduce((all, cells) => all + number(cells[5]), 0);
  assert.equal(ofPeers, metrics.law.received, "all records have a peer");
  assert.match(await page.textContent("#peers"), /client.*octet-counted syslog/);
  assert.match(await page.textContent("#services"), /checkout/);
  assert.match(await page.textContent("#foreign"), /speaks Lumberjack.*use instead/);
  assert.match(await page.textContent("#files"), /log_.*\.jsonl\.zst/);
  assert.match(await page.textContent("#schema-list"), /LogEntry/);
  await close(opened);
}

async function showsSettings(context) {
  const opened = await openPage(context, `${url}settings`);
  const { page } = opened;
  const rows = page.locator("#groups tbody tr:not([hidden])");
  await waitForText(page, "#count", "settings;");
  assert.ok(await rows.count() > 30);
  await page.locator("#filter").fill("zstd-level");
  assert.match(await rows.textContent(), /zstd-level.*2.*environment CORDWOOD_ZSTD_LEVEL/);
  await page.locator("#filter").fill("rotate-bytes");
  assert.match(await rows.textContent(), /1GiB.*command line/);
  await page.locator("#filter").fill("flush-interval");
  assert.match(await rows.textContent(), /250ms.*file .*cordwood\.yaml:2/);
  await page.locator("#filter").fill("");
  await page.locator("#changed").check();
  assert.ok(await rows.count() < 20);
  for (const width of [360, 768]) {
    await page.setViewportSize({ width, height: 800 });
    await assertFits(page, width);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await close(opened);
}

// Every payload can be read, none is anything but text.
async function keepsMarkupAsText(context) {
  const opened = await open(context);
  const { page } = opened;
  await page.locator("#tail-text").fill("evil");
  await page.locator("#tail-text").scrollIntoViewIfNeeded();
  await waitForText(page, "#tail-note", "record");
  const sent = await ask("evil");
  await page.waitForFunction((count) =>
    document.querySelectorAll("#tail-lines .row").length >= count, sent.lines);
  await page.evaluate(() => document.querySelectorAll("main details").forEach((row) => {
    row.open = true;
  }));
  await page.waitForTimeout(500);
  const texts = await page.locator("#tail-lines .row .text").allTextContents();
  const services = await page.locator("#tail-lines .row .service").allTextContents();
  for (const payload of sent.payloads) {
    assert.ok(texts.some((text) => text.includes(payload)), `message ${payload}`);
    assert.ok(services.some((text) => text.includes(payload)), `service ${payload}`);
  }
  const bodies = await page.textContent("#tail-lines");
  for (const level of sent.levels) {
    assert.ok(bodies.includes(level), `level ${level}`);
  }
  await waitForText(page, "#services", "window.evil");
  for (const name of sent.names) {
    await waitForText(page, "#peers", name);
  }
  await waitForText(page, "#rejects", "window.evil");
  const strangers = "script, iframe, object, embed, style, link, meta, base, form, video, audio,"
    + " marquee, math, template, img, image, a, textarea, body, [onerror], [onload], [onclick]";
  assert.equal(await page.locator("main").locator(strangers).count(), 0);
  assert.equal(await page.locator("main svg:not(.swatch)").count(), 0);
  await assertFits(page, 1440);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(500);
  await assertFits(page, 360);
  await page.setViewportSize({ width: 1440, height: 900 });
  await close(opened);
}

async function forbidsInlineScript(context) {
  const opened = await open(context);
  const { page, complaints } = opened;
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.evil = 1";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.evil = 1'>");
  });
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.match(complaints.join("\n"), /policy: script-src/);
  await page.close();
}

async function survivesARestart(context) {
  const { page } = await open(context);
  await waitForText(page, "#law", "received");
  await page.waitForTimeout(2500);
  const begin = await chartBegin(page, "rate");
  await ask("stop");
  await waitForText(page, "#health-word", "No connection");
  await waitForText(page, "#health-text", "has not answered since");
  await ask("start");
  await waitForText(page, "#health-word", "Archiving");
  await waitForText(page, "#attention", "restarted at");
  assert.equal(await chartBegin(page, "rate"), begin, "the page keeps its own points");
  const plot = page.locator("#chart-queue .plot");
  assert.ok(await plot.locator("canvas").isVisible());
  await page.close();
}

const tests = [
  showsHistoryAtOnce, takesPictures, nothingMoves, tailsWithPauseAndFilters, opensARejectByKeyboard,
  isReachedByKeyboard, agreesWithMetrics, showsSettings, keepsMarkupAsText, forbidsInlineScript,
  survivesARestart,
];
process.exit(await withBrowser((context) => runTests(tests, context)));
