// SPDX-License-Identifier: Apache-2.0
//
// dashboard: the page in a real browser (the distribution's Chromium), over fake_admin's numbers:
// what it shows, that log text stays text, that nothing is asked of anybody else, that it fits and
// does not jump, and that it survives a restart. Exit status 77: there is no browser here.
//   node dashboard.mjs [DIRECTORY FOR SCREENSHOTS]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const BROWSER = "/usr/bin/chromium";
const SKIPPED = 77;
const PATIENCE_MS = 60000;
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
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

// ---- a page that is watched ----

async function openPage(context, admin, path = "") {
  const page = await context.newPage();
  const complaints = [];
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(admin.url)) {
      complaints.push(`foreign request: ${request.url()}`);
    }
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation",
      (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(admin.url + path);
  await waitForText(page, "#health-word", "Archiving");
  return { page, complaints };
}

function waitForText(page, selector, text) {
  return page.waitForFunction(
    ([where, what]) => document.querySelector(where)?.textContent.includes(what), [selector, text]);
}

const number = (text) => Number(text.replaceAll(",", ""));

// ---- the tests ----

async function showsNumbers(context) {
  const admin = await startAdmin();
  await fill(admin);
  const { page, complaints } = await openPage(context, admin);
  await waitForText(page, "#law", "1,411");
  const law = (await page.locator("#law b").allTextContents()).map(number);
  assert.deepEqual(law, [1411, 1400, 2, 2, 7]);
  assert.match(await page.textContent("#tiles"), /Dropped2records are lost/);
  assert.match(await page.textContent("#formats"), /json.*1,008.*1,000/);
  assert.match(await page.textContent("#reasons"), /bad json1send one JSON object/);
  assert.match(await page.textContent("#reasons"), /unknown format1/);
  assert.match(await page.textContent("#rejects"), /bad json: why it is so/);
  assert.match(await page.textContent("#rejects"), /no JSON at all/);
  assert.match(await page.textContent("#files"), /compressed to/);
  assert.match(await page.textContent("#senders"), /connections open0/);
  assert.equal(await page.locator("#shards tbody tr").count(), 2);

  await admin.tell("archive json 500");
  await page.waitForFunction(
    () => /Records\/s[1-9]/.test(document.querySelector("#tiles").textContent));
  await waitForText(page, "#law", "1,911");
  assert.match(await page.title(), /Archiving/);
  assert.deepEqual(complaints, []);
  await page.close();
  await admin.end();
}

async function keepsLogTextAsText(context) {
  const admin = await startAdmin();
  await fill(admin);
  const { page, complaints } = await openPage(context, admin);
  await waitForText(page, "#samples", EVIL);
  await waitForText(page, "#rejects", EVIL);
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.equal(await page.locator("main script, main img").count(), 0);
  assert.deepEqual(complaints, []);
  await page.close();
  await admin.end();
}

async function saysInWordsHowItIs(context) {
  const admin = await startAdmin();
  const { page, complaints } = await openPage(context, admin);
  await waitForText(page, "#samples", "No record has come in");
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

async function drawsCharts(context) {
  const admin = await startAdmin();
  const { page } = await openPage(context, admin);
  for (let i = 0; i < 5; i++) {
    await admin.tell("archive json 900", "archive syslog 300");
    await page.waitForTimeout(1000);
  }
  for (const [chart, name] of [["rate", "json"], ["rate", "syslog"], ["latency", "series-a"]]) {
    const pixels = await page.evaluate(([place, colour]) => {
      const canvas = document.querySelector(`#chart-${place} canvas`);
      const probe = document.createElement("canvas").getContext("2d");
      probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${colour}`);
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        const off = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
        count += data[i + 3] > 200 && off < 24 ? 1 : 0;
      }
      return count;
    }, [chart, name]);
    assert.ok(pixels > 2, `${name} is drawn in ${chart}: ${pixels} pixels`);
  }
  assert.match(await page.textContent("#readout-rate"), /\d\d:\d\d:\d\d.*json.*syslog/);
  await page.close();
  await admin.end();
}

// Where every card and tile is.
function boxes(page) {
  return page.evaluate(() => {
    const elements = [...document.querySelectorAll("main > *, .tile, #law *")];
    return elements.map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return [left, top, width, height].map(Math.round).join(" ");
    });
  });
}

async function fitsAndStaysInPlace(context, shots) {
  const admin = await startAdmin();
  await fill(admin);
  const { page, complaints } = await openPage(context, admin);
  await waitForText(page, "#law", "1,411");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const before = await boxes(page);
      await admin.tell("archive json 1234", "archive avro 5");
      const answer = await fetch(`${admin.url}metrics.json`);
      const { totals } = await answer.json();
      await waitForText(page, "#law", totals.received.toLocaleString("en"));
      assert.deepEqual(await boxes(page), before, `nothing moved at ${width}`);
      const [all, seen] = await page.evaluate(
        () => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(all <= seen, `no horizontal scrolling at ${width}: ${all} > ${seen}`);
      if (shots !== undefined) {
        await page.screenshot({ path: join(shots, `${colorScheme}-${width}.png`), fullPage: true });
      }
    }
  }
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.notEqual(light, dark);
  assert.deepEqual(complaints, []);
  await page.close();
  await admin.end();
}

async function survivesARestart(context) {
  const first = await startAdmin();
  await first.tell("archive json 5");
  const { page } = await openPage(context, first);
  await waitForText(page, "#law", "5");
  await first.end();
  await waitForText(page, "#health-word", "No connection");
  await waitForText(page, "#health-text", "has not answered since");
  const second = await startAdmin("127.0.0.1", String(first.port));
  await waitForText(page, "#health-word", "Archiving");
  await waitForText(page, "#notice", "was restarted at");
  await page.close();
  await second.end();
}

async function opensWithAToken(context) {
  const admin = await startAdmin("127.0.0.1", "0", "s3cr3t");
  const refused = await context.newPage();
  assert.equal((await refused.goto(admin.url)).status(), 401);
  await refused.close();
  const { page, complaints } = await openPage(context, admin, "?token=s3cr3t");
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

// ---- all of them ----

async function main() {
  if (!existsSync(BROWSER)) {
    console.log(`skipped: no ${BROWSER} here`);
    return SKIPPED;
  }
  const shots = process.argv[2];
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
  }
  const profile = mkdtempSync(join(tmpdir(), "cordwood-dashboard-"));
  const context = await chromium.launchPersistentContext(profile,
    { executablePath: BROWSER, args: FLAGS, viewport: { width: 1280, height: 900 } });
  let failed = 0;
  for (const test of [showsNumbers, keepsLogTextAsText, saysInWordsHowItIs, drawsCharts,
    fitsAndStaysInPlace, survivesARestart, opensWithAToken]) {
    try {
      await test(context, shots);
      console.log(`ok      ${test.name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${test.name}\n${error.stack}`);
    }
  }
  await context.close();
  rmSync(profile, { recursive: true, force: true });
  return failed === 0 ? 0 : 1;
}

process.exit(await main());
