// Opens the report in headless Chromium as a reader does, and demands what a reader needs.
//
// usage: node report.mjs PAGE EXPECTED.json FOLDER

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [page_file, expected_file, folder] = process.argv.slice(2);
const address = pathToFileURL(page_file).href;
const crossings = JSON.parse(await readFile(expected_file, "utf8"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

// A page whose console and requests are kept; a request for anything but the page is refused.
async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const said = [], asked = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => /^(data|blob):/.test(request.url()) || asked.push(request.url()));
  await page.route((url) => url.href.split("#")[0] !== address, (route) =>
    /^(data|blob):/.test(route.request().url()) ? route.continue() : route.abort());
  // The first frame after the picture is there has it on the screen.
  await page.addInitScript(() => {
    const look = () => document.querySelector(".first path:last-child")
      ? setTimeout(() => performance.mark("first figure")) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  });
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForSelector("#play.drawn [data-plot=path] .scatterlayer path.js-line");
  const [figure, sliders] = await page.evaluate(() =>
    ["first figure", "sliders"].map((name) => performance.getEntriesByName(name)[0].startTime));
  return { context, page, said, asked, figure, sliders };
}

async function silent({ said, asked }) {
  assert.deepEqual(said, [], "the console is silent");
  assert.deepEqual(asked, [address], "nothing but the page is fetched");
}

// Moves a slider to a place by keys alone.
async function move(page, id, place) {
  await page.focus(`#${id}`);
  const most = Number(await page.getAttribute(`#${id}`, "max"));
  const [end, arrow, n] = place < most / 2 ? ["Home", "ArrowRight", place] : ["End", "ArrowLeft", most - place];
  await page.keyboard.press(end);
  for (let i = 0; i < n; i++) await page.keyboard.press(arrow);
  assert.equal(await page.inputValue(`#${id}`), String(place), `${id} follows the keys`);
}

const lines = (page, plot) => page.$$eval(`[data-plot=${plot}] .js-line`, (all) => all.map((l) => l.getAttribute("d")).join());
const position = (page) => page.$eval("#where", ({ dataset }) => [Number(dataset.across), Number(dataset.along)]);
// What JSON writes of a number that is none is null.
const same = (found, wanted) => (wanted === null ? !Number.isFinite(found) : Object.is(found, wanted));

// What a plot draws of the run that the sliders choose.
const drawn = (page, plot) => page.$eval(`[data-plot=${plot}]`, ({ data }) => {
  const { x, y } = data.find(({ name }) => name === "this run");
  return { x: Array.from(x), y: Array.from(y) };
});
// What leaves the picture is not drawn.
const shown = (values) => values.map((v) => (v !== null && Math.abs(v) < 1e4 ? v : null));

// Every picture of a run, and every reading, is that of the library's own run.
async function agrees(page, { across, along, rate, arrival }, what) {
  const steps = across.map((_, t) => t);
  const distance = across.map((v, t) => (v === null ? null : Math.hypot(v, along[t])));
  const wanted = {
    path: { x: shown(along), y: shown(across) }, distance: { x: steps, y: shown(distance) },
    across: { x: steps, y: shown(across) }, along: { x: steps, y: shown(along) },
  };
  for (const [plot, values] of Object.entries(wanted)) assert.deepEqual(await drawn(page, plot), values, `${what}: ${plot}`);
  const [told, arrived] = await page.$$eval("#rate, #arrival", (all) => all.map((one) => one.textContent));
  assert.ok(Math.abs(parseFloat(told) - rate) < (rate < 1 ? 6e-5 : 6e-3), `${what}: ρ is ${told}, wanted ${rate}`);
  assert.equal(told.includes("diverges"), rate >= 1, `${what}: ${told} at ρ = ${rate}`);
  assert.equal(arrived, arrival === null ? (rate < 1 ? "over 5000" : "never") : String(arrival), `${what}: arrival`);
  const map = await page.$eval("[data-plot=map]", ({ data }) => {
    const here = data.find(({ name }) => name === "here"), [heat] = data;
    return heat.z[here.y[0]][heat.x.indexOf(here.x[0])];
  });
  assert.ok(map === null ? rate >= 1 : Math.abs(map - rate) < 1e-5, `${what}: the map has ${map}, wanted ${rate}`);
}

async function sliders({ page }) {
  const plots = ["path", "distance", "across", "along"];
  for (const crossing of crossings) {
    const { alpha, beta, kappa, across, along } = crossing;
    for (const [id, place] of Object.entries({ alpha, beta, kappa })) {
      const before = await Promise.all(plots.map((plot) => lines(page, plot)));
      const moved = (await page.inputValue(`#${id}`)) !== String(place);
      await move(page, id, place);
      const after = await Promise.all(plots.map((plot) => lines(page, plot)));
      // What is across the ravine knows nothing of the curvature along it, but plain descent does.
      if (moved) for (const i of [0, 1]) assert.notEqual(after[i], before[i], `${id} redraws ${plots[i]}`);
    }
    await agrees(page, crossing, `α ${alpha}, β ${beta}, κ ${kappa}`);
    for (const step of [0, 3, across.length - 1]) {
      await move(page, "step", step);
      const [found, wanted] = [await position(page), [across[step], along[step]]];
      assert.ok(same(found[0], wanted[0]) && same(found[1], wanted[1]),
        `α ${alpha}, β ${beta}, κ ${kappa}, step ${step}: found ${found}, the library has ${wanted}`);
    }
  }
}

// The ranges that a plot shows, their lengths, and whether two are the same: axes of one scale follow
// the room that labels leave.
const view_of = (plot) => plot.evaluate(({ _fullLayout: { xaxis, yaxis } }) => [[...xaxis.range], [...yaxis.range]]);
const size = (ranges) => ranges.map(([from, to]) => Math.abs(to - from));
function near(found, wanted, what) {
  found.forEach((range, i) => range.forEach((end, j) =>
    assert.ok(Math.abs(end - wanted[i][j]) < 0.01 * size(wanted)[i], `${what}: ${found}, not ${wanted}`)));
}

// Draws a rectangle with the mouse, which zooms into it.
async function drag(page, plot) {
  await plot.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await plot.boundingBox();
  await page.mouse.move(x + 0.35 * width, y + 0.3 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.6 * width, y + 0.6 * height, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(100);
}

// Every figure is drawn, has something in it, and answers to keys.
async function figures({ page }, coarse) {
  for (const figure of await page.$$("figure.figure")) {
    const name = await figure.getAttribute("id");
    await figure.scrollIntoViewIfNeeded();
    await page.waitForFunction((f) => f.classList.contains("drawn"), figure);
    const marks = await figure.$$eval(".js-line, .point, .heatmaplayer image, .hm image, .barlayer path", (all) => all.length);
    assert.ok(marks > 0, `${name} is empty`);
    await (await figure.$(".plot")).focus();
    await page.keyboard.press("ArrowRight");
    const said = () => figure.$eval(".said", (said) => said.textContent);
    assert.match(await said(), /: /, `${name} tells its points`);
    const field = await figure.$eval("script", (told) => JSON.parse(told.textContent).heat);
    if (field) {
      await page.keyboard.press("ArrowUp");
      const shade = `${field.label} ${field.z[1][0] ?? "none"}: `;
      assert.ok((await said()).startsWith(shade), `${name} tells its shades: ${await said()}`);
      assert.ok((await said()).endsWith(` ${field.y[1]}`), `${name} tells where: ${await said()}`);
      await page.keyboard.press("PageDown");
      assert.doesNotMatch(await said(), new RegExp(field.label), `${name} tells what lies over its shades`);
    }
    const plot = await figure.$(".plot"), whole = await view_of(plot);
    await page.keyboard.press("+");
    assert.ok(size(await view_of(plot))[0] < 0.7 * size(whole)[0], `${name} zooms`);
    await page.keyboard.press("0");
    near(await view_of(plot), whole, `${name} shows all again`);
    if (!coarse) for (const again of ["by a key", "by its button"]) {
      await drag(page, plot);
      const closer = size(await view_of(plot));
      assert.ok(closer.some((length, i) => length < 0.9 * size(whole)[i]), `${name} zooms by a drag`);
      if (again === "by a key") await page.keyboard.press("0");
      else await (await figure.$("[data-tool=reset]")).click();
      near(await view_of(plot), whole, `${name} shows all again ${again}, after a drag`);
    }
    await figure.$eval(".plot", (plot) => (plot.blur(), Plotly.Fx.unhover(plot)));
  }
}

// Nothing is wider than the screen, and no words lie on others or are cut.
async function laid_out({ page }, what) {
  const faults = await page.evaluate(() => {
    const faults = [];
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) faults.push(`the page is ${wide} pixels too wide`);
    for (const plot of document.querySelectorAll(".plot")) {
      const name = plot.dataset.plot ?? plot.closest("figure").id;
      const frame = plot.getBoundingClientRect();
      const words = [...plot.querySelectorAll("text")].filter((t) => t.textContent.trim() && t.getBoundingClientRect().width);
      const boxes = words.map((word) => [word.textContent, word.getBoundingClientRect()]);
      boxes.forEach(([text, a], i) => {
        const out = Math.max(frame.left - a.left, a.right - frame.right, frame.top - a.top, a.bottom - frame.bottom);
        if (out > 1) faults.push(`${name}: “${text}” is cut`);
        for (const [other, b] of boxes.slice(i + 1)) {
          const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (w > 1 && h > 3) faults.push(`${name}: “${text}” lies on “${other}”`);
        }
      });
    }
    for (const cell of document.querySelectorAll("td:not(:first-child)")) {
      const lines = document.createRange();
      lines.selectNodeContents(cell);
      const tops = [...lines.getClientRects()].map(({ top }) => top);
      if (Math.max(...tops) - Math.min(...tops) > 10) faults.push(`“${cell.textContent}” is broken over lines`);
    }
    for (const table of document.querySelectorAll(".wide")) {
      const beyond = table.scrollWidth - table.clientWidth;
      if (beyond > 1) faults.push(`the table of ${table.ariaLabel} is ${beyond} pixels too wide`);
    }
    for (const box of document.querySelectorAll("h1, h2, h3, p, button, label, dt, dd, figcaption, code")) {
      if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline") {
        faults.push(`“${box.textContent.slice(0, 40)}” is cut`);
      }
    }
    return faults;
  });
  assert.deepEqual(faults, [], what);
}

const times = [];
try {
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    for (const colorScheme of ["light", "dark"]) {
      const view = await open({
        viewport: { width, height }, colorScheme, reducedMotion: "reduce",
        hasTouch: width < 500, isMobile: width < 500, deviceScaleFactor: width < 500 ? 2 : 1,
      });
      const what = `${width} pixels, ${colorScheme}`;
      times.push(view.figure);
      await view.page.screenshot({ path: path.join(folder, `first-${width}-${colorScheme}.png`) });
      await figures(view, width < 500);
      await laid_out(view, what);
      await view.page.evaluate(() => scrollTo(0, 0));
      await view.page.screenshot({ path: path.join(folder, `whole-${width}-${colorScheme}.png`), fullPage: true });
      await silent(view);
      console.log(`ok  ${what}: first figure after ${view.figure.toFixed(0)} ms, sliders after ${view.sliders.toFixed(0)}`);
      await view.context.close();
    }
  }
  const ms = Math.max(...times);
  assert.ok(ms < 2000, `the first figure took ${ms.toFixed(0)} ms`);
  const view = await open({ viewport: { width: 1440, height: 900 } });
  await sliders(view);
  await silent(view);
  console.log(`ok  sliders: ${crossings.length} runs agree with the library at every step asked`);
  await drag(view.page, await view.page.$("[data-plot=distance]"));
  await move(view.page, "alpha", crossings[0].alpha === 0 ? 1 : 0);
  for (const plot of ["distance", "across", "along"]) {
    const [[from, to]] = await view_of(await view.page.$(`[data-plot=${plot}]`));
    assert.ok(to - from > 100, `${plot} shows all steps again: ${from} to ${to}`);
  }
  await view.page.focus("[data-plot=map]");
  const beta = Number(await view.page.inputValue("#beta"));
  await view.page.keyboard.press(beta > 0 ? "ArrowDown" : "ArrowUp");
  assert.equal(await view.page.inputValue("#beta"), String(beta > 0 ? beta - 1 : 1), "arrows on the map choose β");
  await view.page.focus("[data-plot=path]");
  await view.page.keyboard.press("Home");
  await view.page.keyboard.press("ArrowRight");
  assert.match(await view.page.textContent("#where"), /^step 1:/, "arrows on the path go from step to step");
  console.log("ok  plots answer to mouse and keys");
  // What is hidden stays so when the colors change, and is not told.
  const rivals = await view.page.$("#rivals"), key = await rivals.$(".key");
  await rivals.scrollIntoViewIfNeeded();
  await view.page.waitForFunction((f) => f.classList.contains("drawn"), rivals);
  await key.click();
  await view.page.emulateMedia({ colorScheme: "dark" });
  await view.page.waitForTimeout(500);
  const [hidden] = await rivals.$eval(".plot", ({ data }) => data.filter(({ visible }) => visible === false).map(({ name }) => name));
  assert.equal(hidden, (await key.textContent()).trim(), "what is hidden stays hidden");
  await (await rivals.$(".plot")).focus();
  for (const told of ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"]) {
    await view.page.keyboard.press(told);
    assert.ok(!(await rivals.$eval(".said", (said) => said.textContent)).startsWith(hidden), "what is hidden is not told");
  }
  for (const other of (await rivals.$$(".key")).slice(1)) await other.click();
  await (await rivals.$(".plot")).focus();
  await view.page.keyboard.press("ArrowRight");
  assert.equal(await rivals.$eval(".said", (said) => said.textContent), "", "where all is hidden nothing is told");
  await view.page.emulateMedia({ colorScheme: "light" });
  await view.page.evaluate(() => scrollTo(0, 0));
  console.log("ok  what is hidden stays hidden");
  await view.page.click("#roll");
  await view.page.waitForFunction(() => /^step [1-9]/.test(document.getElementById("where").textContent));
  console.log("ok  the ball rolls");
  const before = await lines(view.page, "path");
  await view.page.click("[data-best='0']");
  assert.equal(await view.page.inputValue("#beta"), "0", "the best without momentum has none");
  await view.page.click("[data-plot=map] .nsewdrag", { position: { x: 150, y: 60 } });
  assert.notEqual(await view.page.inputValue("#beta"), "0", "a click into the map chooses α and β");
  assert.notEqual(await lines(view.page, "path"), before, "and redraws the path");
  await silent(view);
  console.log("ok  buttons and map choose");
} finally {
  await browser.close();
}
