// The ravine to play with: sliders choose among runs that the kernels made, and of rates that theory
// has told. Nothing is computed here but distances of what they passed, and powers of the rate.
"use strict";

{
  const play = document.getElementById("play");
  const grid = JSON.parse(document.getElementById("grid").textContent);
  const bytes = Uint8Array.from(atob(document.getElementById("runs").textContent), (c) => c.charCodeAt(0));
  const positions = new Float32Array(bytes.buffer);
  const control = Object.fromEntries(["alpha", "beta", "kappa", "step"].map((id) => [id, document.getElementById(id)]));
  const plot = (name) => play.querySelector(`[data-plot=${name}]`);
  const at = (id) => Number(control[id].value);
  const say = (id, text) => (document.getElementById(id).textContent = text);
  const directions = 1 + grid.kappa.length, length = grid.steps + 1;

  // A course of one direction: 0 is across, 1 and above are along, one for each κ.
  function course(alpha, beta, direction) {
    const from = ((alpha * grid.beta.length + beta) * directions + direction) * length;
    return positions.subarray(from, from + length);
  }
  // What a plot can show of it: one that diverges leaves the picture.
  const shown = (values) => Array.from(values, (v) => (Math.abs(v) < 1e4 ? v : null));
  const point = (alpha, beta, kappa) => (alpha * grid.beta.length + beta) * grid.kappa.length + kappa;

  function run(alpha, beta, kappa) {
    const [across, along] = [course(alpha, beta, 0), course(alpha, beta, 1 + kappa)];
    const distance = Array.from(across, (v, t) => Math.hypot(v, along[t]));
    const i = point(alpha, beta, kappa);
    return { across, along, distance, rate: grid.rate[i], arrival: grid.arrival[i] };
  }

  const steps = Array.from({ length }, (_, t) => t);
  const runs = ["plain descent at its best", "this run"];
  const wide = ["path", "distance", "across", "along"];
  let names = ["path"];
  let now, best;

  const curve = (i, x, y, mark) => ({
    ...marks[mark](ink(i ? "momentum" : "plain")), type: "scatter", name: runs[i], x, y, customdata: steps,
    hovertemplate: `step %{customdata}: %{y:.4~g}<extra>${runs[i]}</extra>`,
  });
  const ball = (x, y) => ({
    type: "scatter", mode: "markers", x: [x], y: [y], hoverinfo: "skip",
    marker: { color: ink("momentum"), size: 13, line: { color: style("--card"), width: 2 } },
  });
  const small = (x, y, changes) => Object.assign(layout(x, y), { margin: { l: 40, r: 8, t: 4, b: 34 } }, changes);
  const step = { label: "step", range: [-2, grid.steps + 2] };

  const draw = {
    path() {
      const contour = ({ x, y }) => ({
        type: "scatter", mode: "lines", x, y, fill: "toself", hoverinfo: "skip",
        fillcolor: style("--depth"), line: { color: style("--contour"), width: 1 },
      });
      const path = (i, { across, along }) => curve(i, shown(along), shown(across), "path");
      const data = [...grid.contours[at("kappa")].map(contour), path(0, best), path(1, now)];
      const [x, y] = [{ label: "along the ravine" }, {}].map((axis, i) => ({ ...axis, range: [-grid.half[i], grid.half[i]] }));
      return [[...data, ball(...where("path"))], small(x, y)];
    },
    distance() {
      const theory = {
        ...marks.theory(ink("third")), type: "scatter", x: [0, grid.steps], name: "theory ρᵗ", hoverinfo: "name",
        y: [now.distance[0], now.distance[0] * now.rate ** grid.steps],
      };
      const data = [curve(0, steps, shown(best.distance), "line"), theory, curve(1, steps, shown(now.distance), "line")];
      return [[...data, ball(...where("distance"))], small(step, { log: true, range: [-7.5, 1.5] })];
    },
    across: () => component("across"),
    along: () => component("along"),
    map() {
      const z = grid.beta.map((_, b) => grid.alpha.map((_, a) => grid.rate[point(a, b, at("kappa"))]));
      const heat = field({ x: grid.alpha, y: grid.beta.map((_, i) => i), z, range: [Math.min(...z.flat()), 1], label: "ρ" });
      const text = grid.beta.map((beta) => grid.alpha.map(() => beta));
      const changes = {
        hovertemplate: "α %{x:.1f}, β %{text}<extra>ρ %{z:.4f}</extra>", text, showscale: false, reversescale: true,
        z: z.map((row) => row.map((rate) => (rate < 1 ? rate : null))), hoverongaps: false,
      };
      const here = { ...ball(grid.alpha[at("alpha")], at("beta")), name: "here" };
      const ticks = [0, 2, 4, 6, 8, 10, 13].filter((i) => i < grid.beta.length);
      const plan = small({ label: "learning rate α", range: [0, 4] }, { range: [-0.5, grid.beta.length - 0.5] });
      Object.assign(plan.yaxis, { tickvals: ticks, ticktext: ticks.map((i) => grid.beta[i]) });
      return [[{ ...heat, ...changes }, here], plan];
    },
  };
  function component(name) {
    const data = [curve(0, steps, shown(best[name]), "line"), curve(1, steps, shown(now[name]), "line")];
    const values = [best, now].flatMap((run) => shown(run[name]));
    const range = [Math.max(-4, Math.min(...values) - 0.15), Math.min(4, Math.max(...values) + 0.15)];
    return [[...data, ball(...where(name))], small(step, { range })];
  }

  // Where the ball is in a plot.
  function where(name) {
    const t = at("step");
    const value = (course) => shown([course[t]])[0];
    return name === "path" ? [value(now.along), value(now.across)] : [t, value(now[name])];
  }
  const at_once = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
  function roll() {
    const t = at("step");
    for (const name of wide) {
      const [x, y] = where(name), last = plot(name).data.length - 1;
      // No restyle: that is kept as a reader's own edit, which a redraw then wonders at.
      Plotly.animate(plot(name), { data: [{ x: [x], y: [y] }], traces: [last] }, at_once);
    }
    tell(t);
  }

  const short = (value) => (Math.abs(value) < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(2));
  const digits = (value) => (Number.isFinite(value) ? short(value) : "out of sight");
  function tell(t) {
    const end = document.getElementById("where");
    end.textContent = `step ${t}: ${digits(now.across[t])} across, ${digits(now.along[t])} along`;
    Object.assign(end.dataset, { across: now.across[t], along: now.along[t] });
    control.step.setAttribute("aria-valuetext", end.textContent);
  }

  function redraw() {
    const [alpha, beta, kappa] = ["alpha", "beta", "kappa"].map(at);
    const [plain] = grid.best[kappa];
    [now, best] = [run(alpha, beta, kappa), run(...plain, kappa)];
    const values = { alpha: grid.alpha[alpha].toFixed(1), beta: String(grid.beta[beta]), kappa: String(grid.kappa[kappa]) };
    for (const [id, text] of Object.entries(values)) {
      say(`${id}-value`, text);
      control[id].setAttribute("aria-valuetext", text);
    }
    say("rate", now.rate < 1 ? now.rate.toFixed(4) : `${now.rate.toFixed(2)}, diverges`);
    say("arrival", now.arrival ?? (now.rate < 1 ? "over 5000" : "never"));
    say("plain-arrival", best.arrival ?? "over 5000");
    tell(at("step"));
    names.forEach(paint);
  }
  const whole = {};
  function paint(name) {
    const [data, plan] = draw[name]();
    whole[name] = [plan.xaxis, plan.yaxis].map(({ range }) => ({ range: [...range] }));
    return Plotly.react(plot(name), data, plan, config);
  }

  const set = (values) => {
    for (const [id, value] of Object.entries(values)) control[id].value = value;
    redraw();
  };
  for (const id of ["alpha", "beta", "kappa"]) control[id].addEventListener("input", redraw);
  control.step.addEventListener("input", roll);
  play.querySelectorAll("[data-best]").forEach((button) => button.addEventListener("click", () => {
    const [alpha, beta] = grid.best[at("kappa")][button.dataset.best];
    set({ alpha, beta });
  }));

  // The ball rolls a step at a time; where motion is unwelcome, a press is a step.
  let rolling = 0;
  const button = document.getElementById("roll");
  const next = () => {
    control.step.value = at("step") < grid.steps ? at("step") + 1 : 0;
    roll();
  };
  const halt = () => {
    clearInterval(rolling);
    rolling = 0;
    button.textContent = still.matches ? "Step" : "Roll";
  };
  button.addEventListener("click", () => {
    if (still.matches) return next();
    if (rolling) return halt();
    if (at("step") === grid.steps) control.step.value = 0;
    button.textContent = "Stop";
    rolling = setInterval(() => {
      if (at("step") < grid.steps) next();
      if (at("step") === grid.steps) halt();
    }, 90);
  });
  halt();

  // The plot of the path takes its picture's place, and the others follow.
  plot("path").replaceChildren();
  redraw();
  performance.mark("sliders");
  requestAnimationFrame(() => setTimeout(() => {
    names = [...wide, "map"];
    names.slice(1).forEach(paint);
    for (const name of wide) plot(name).on("plotly_hover", point_out);
    plot("map").on("plotly_click", choose);
    plot("map").on("plotly_doubleclick", () => before && set(before));
    const to = (id, place) => () => {
      control[id].value = place(at(id));
      control[id].dispatchEvent(new Event("input"));
    };
    const [more, less] = [(v) => v + 1, (v) => v - 1];
    const walk = {
      ArrowRight: to("step", more), ArrowLeft: to("step", less), Home: to("step", () => 0), End: to("step", () => grid.steps),
    };
    const choice = {
      ArrowRight: to("alpha", more), ArrowLeft: to("alpha", less), ArrowUp: to("beta", more), ArrowDown: to("beta", less),
    };
    for (const name of names) {
      explore(plot(name), plot(name).closest(".panel"), () => whole[name], name === "map" ? choice : walk);
    }
    dark.addEventListener("change", redraw);
    play.classList.add("drawn");
  }));

  function point_out({ points: [{ customdata }] }) {
    if (rolling || customdata === undefined) return;
    control.step.value = customdata;
    roll();
  }
  // A second click shows all of the map, and takes back what the first has chosen.
  let before;
  function choose({ points: [{ pointNumber }] }) {
    if (!Array.isArray(pointNumber)) return;
    before ??= { alpha: at("alpha"), beta: at("beta") };
    setTimeout(() => (before = undefined), 500);
    set({ alpha: pointNumber[1], beta: pointNumber[0] });
  }
}
