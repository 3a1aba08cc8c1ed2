// SPDX-License-Identifier: Apache-2.0
//
// dashboard: the page in a real browser over fake_admin's numbers, which this test sets: states in
// words, counters, every size and both colour schemes, tokens. What needs a real ingestor is in
// dashboard_live.mjs. Exit status 77: there is no browser here.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  assertFits, brightnessOf, browserIsMissing, lawOf, openPage, rowsOf, runTests, SKIPPED,
  waitForText, withBrowser,
} from "./support/page.mjs";

const EVIL = "<script>window.evil = 1</script><img src=x onerror='window.evil = 1'>";

// ---- a running fake_admin ----

async function startAdmin(...args) {
  const process_ = spawn(join(process.env.CORDWOOD_BIN, "fake_admin"), args,
    { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value.split(" ").pop());
  const ended = new Promise((resolve) => process_.on("exit", resolve));
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    async tell(...commands) {
      for (const command of commands) {
        process_.stdin.write(`${command}\n`);
        assert.equal((await lines.next()).value, "ok", command);
      }
    },
    async end() {
      process_.stdin.end();
      assert.equal(await ended, 0);
    },
  };
}

function rejectLine(reason, payload) {
  return JSON.stringify({
    received_at: "2026-11-21T04:11:45.123456Z", peer: "10.0.0.4:51234", format: "json", reason,
    detail: "why it is so", length: payload.length, payload,
  });
}

async function fill(admin) {
  await admin.tell(
    "archive json 1000", "archive syslog 400", "fly json 7", "drop raw 2",
    `reject json bad_json ${rejectLine("bad_json", EVIL)}`,
    "reject unknown unknown_format no JSON at all " + EVIL,
    `sample json {"timestamp":"2026-11-21T04:11:45Z","level":"INFO","message":"${EVIL}"}`,
    `sample syslog {"message":"${"long ".repeat(180)}"}`,
  );
}

async function open(context, admin, path = "") {
  const opened = await openPage(context, admin.url + path);
  await waitForText(opened.page, "#health-word", "Archiving");
  return opened;
}

// ---- the tests ----

async function showsNumbers(context) {
  const admin = await startAdmin();
  await fill(admin);
  const { page, complaints } = await open(context, admin);
  await waitForText(page, "#law", "1,411");
  assert.deepEqual(await lawOf(page),
    { received: 1411, archived: 1400, rejected: 2, dropped: 2, in_flight: 7 });
  assert.match(await page.textContent("#tiles"), /Dropped records2lost/);
  assert.match(await page.textContent("#attention-text"), /2 records lost since the start/);
  const formats = await rowsOf(page, "formats");
  assert.deepEqual(formats[0].toSpliced(1, 1), ["json", "1,008", "1,000", "1", "0", "7"]);
  assert.match(await page.textContent("#reasons"), /bad json1.*send one JSON object/);
  assert.match(await page.textContent("#rejects"), /why it is so/);
  assert.match(await page.textContent("#samples"), /<script>window\.evil/);
  assert.match(await page.textContent("#disk"), /compressed to/);
  assert.match(await page.textContent("#connections"), /accepted0/);
  assert.equal(await page.locator("#shards tbody tr").count(), 2);

  await admin.tell("archive json 500");
  await waitForText(page, "#law", "1,911");
  assert.match(await page.title(), /Archiving/);
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.deepEqual(complaints, []);
  await page.close();
  await admin.end();
}

async function saysInWordsHowItIs(context) {
  const admin = await startAdmin();
  const { page, complaints } = await open(context, admin);
  await waitForText(page, "#samples", "No record has come in");
  await waitForText(page, "#rejects", "None since the start");
  await admin.tell("state stall");
  await waitForText(page, "#health-word", "Stalled");
  await waitForText(page, "#health-text", "disk");
  await admin.tell("state drain");
  await waitForText(page, "#health-word", "Shutting down");
  await admin.tell("state run");
  await waitForText(page, "#health-word", "Archiving");
  assert.deepEqual(complaints, []);
  await page.close();
  await admin.end();
}

// Where every card and tile is.
function boxes(page) {
  return page.evaluate(() => {
    const elements = [...document.querySelectorAll("section, .card, .tile, #law *")];
    return elements.map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return [element.id || element.className || element.nodeName,
        ...[left, top, width, height].map(Math.round)].join(" ");
    });
  });
}

async function fitsAndStaysInPlace(context) {
  const admin = await startAdmin();
  await fill(admin);
  const { page, complaints } = await open(context, admin);
  await waitForText(page, "#law", "1,411");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 420, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(300);
      const before = await boxes(page);
      await admin.tell("archive json 1234", "archive syslog 5");
      const answer = await fetch(`${admin.url}metrics.json`);
      const { totals } = await answer.json();
      await waitForText(page, "#law", totals.received.toLocaleString("en"));
      assert.deepEqual(await boxes(page), before, `nothing moved at ${width}`);
      await assertFits(page, width);
    }
    const brightness = await brightnessOf(page);
    assert.ok(colorScheme === "light" ? brightness > 200 : brightness < 60,
      `${colorScheme} is ${brightness}`);
  }
  assert.deepEqual(complaints, []);
  await page.close();
  await admin.end();
}

async function opensWithAToken(context) {
  const admin = await startAdmin("127.0.0.1", "0", "s3cr3t");
  const refused = await context.newPage();
  assert.equal((await refused.goto(admin.url)).status(), 401);
  await refused.close();
  const { page, complaints } = await open(context, admin, "?token=s3cr3t");
  assert.equal(page.url(), admin.url);
  await page.reload();
  await waitForText(page, "#health-word", "Archiving");
  assert.deepEqual(complaints, []);
  await admin.end();
  const other = await startAdmin("127.0.0.1", String(admin.port), "another");
  await waitForText(page, "#health-text", "the token is missing or has changed");
  await page.close();
  await other.end();
}

const tests = [showsNumbers, saysInWordsHowItIs, fitsAndStaysInPlace, opensWithAToken];
process.exit(browserIsMissing() ? SKIPPED
  : await withBrowser((context) => runTests(tests, context)));
