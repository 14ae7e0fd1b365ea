// Draws the page's figures: each is a description that stands beside it as JSON.
"use strict";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const ink = (name) => style(`--${name}`);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const coarse = matchMedia("(pointer: coarse)");
const config = { displayModeBar: false, responsive: true, doubleClick: "reset" };

// How a mark is drawn, by its name.
const marks = {
  line: (color) => ({ mode: "lines", line: { color, width: 2 } }),
  theory: (color) => ({ mode: "lines", line: { color, width: 2, dash: "6px,4px" } }),
  faint: (color) => ({ mode: "lines", line: { color, width: 1 } }),
  dots: (color) => ({ mode: "markers", marker: { color, size: 7 } }),
  path: (color) => ({ mode: "lines+markers", line: { color, width: 2 }, marker: { color, size: 5 } }),
  stems: (color, { y }) => ({
    mode: "markers", marker: { color, size: 5 },
    error_y: { type: "data", symmetric: false, array: y.map(() => 0), arrayminus: y, width: 0, color },
  }),
  bars: (color) => ({ type: "bar", marker: { color } }),
};

// Stems of two series stand beside each other, off the step that they are of.
const place = ({ mark, x }, i) => (mark === "stems" ? Math.round(x[i]) : x[i]);

function trace(series) {
  const { name, x, y, mark } = series;
  const at = mark === "stems" ? "%{customdata}" : "%{x:.4~g}";
  return {
    type: "scatter", name, x, y, hovertemplate: `${at}, %{y:.4~g}<extra>%{fullData.name}</extra>`,
    ...(mark === "stems" ? { customdata: x.map((_, i) => place(series, i)) } : {}),
    hoverinfo: name ? undefined : "skip", ...marks[mark](ink(series.ink), series),
    ...(name ? {} : { hovertemplate: undefined }),
  };
}

function field(heat) {
  const from = style("--heat-from"), to = style("--heat-to");
  return {
    type: "heatmap", x: heat.x, y: heat.y, z: heat.z, zmin: heat.range[0], zmax: heat.range[1],
    colorscale: [[0, from], [1, to]], name: heat.label,
    hovertemplate: `%{x:.3~g}, %{y:.3~g}<extra>${heat.label} %{z:.4~g}</extra>`,
    colorbar: { thickness: 10, outlinewidth: 0, ypad: 0, tickfont: { size: 11 }, nticks: 6 },
  };
}

function axis({ label, log, range }) {
  return {
    title: { text: label, standoff: 6, font: { size: 12 } }, ticks: "", type: log ? "log" : "linear", automargin: true, nticks: 7,
    // A drag writes into the range that it is given.
    range: range ? [...range] : undefined, gridcolor: ink("grid"), linecolor: ink("grid"), exponentformat: "power",
    zerolinecolor: ink("grid"), tickfont: { size: 12 }, minorloglabels: "none",
  };
}

// What all plots of the page have in common.
function layout(x, y) {
  return {
    xaxis: axis(x), yaxis: { ...axis(y), title: undefined }, showlegend: false, hovermode: "closest",
    margin: { l: 44, r: 12, t: 8, b: 40 }, paper_bgcolor: "transparent", plot_bgcolor: "transparent",
    font: { family: style("--face"), size: 13, color: ink("text") }, bargap: 0.3,
    dragmode: coarse.matches ? false : "zoom",
    hoverlabel: { bgcolor: style("--card"), bordercolor: ink("grid"), font: { color: style("--ink") } },
  };
}

const moves = { ArrowRight: [0.2, 0], ArrowLeft: [-0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] };

// Lets a plot be looked at closer: by the buttons in `box`, by +, − and 0, and by arrows with shift.
// `axes` are those of its whole view, or of autorange; other keys are `keys`.
function explore(plot, box, axes, keys) {
  // Shows a window so many times as wide, moved by shares of its width and height.
  const look = (factor, [right, up] = [0, 0]) => {
    const around = ({ range: [from, to] }, by) => {
      const [middle, half] = [(from + to) / 2 + by * (to - from), (factor * (to - from)) / 2];
      return [middle - half, middle + half];
    };
    const { xaxis, yaxis } = plot._fullLayout;
    Plotly.relayout(plot, { "xaxis.range": around(xaxis, right), "yaxis.range": around(yaxis, up) });
  };
  const reset = () => {
    const whole = (name, { range }) => (range ? { [`${name}.range`]: [...range] } : { [`${name}.autorange`]: true });
    const [x, y] = axes();
    Plotly.relayout(plot, { ...whole("xaxis", x), ...whole("yaxis", y) });
  };
  const tools = { in: () => look(0.6), out: () => look(1 / 0.6), reset };
  for (const tool of box.querySelectorAll("[data-tool]")) tool.addEventListener("click", tools[tool.dataset.tool]);
  const all = { ...keys, "+": tools.in, "-": tools.out, 0: reset };
  plot.addEventListener("keydown", (event) => {
    // What zooms the page or goes back is the browser's.
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = event.shiftKey && moves[event.key] ? () => look(1, moves[event.key]) : all[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

// Gives a figure its plot, its buttons and its keys.
function mount(figure) {
  const plot = figure.querySelector(".plot"), said = figure.querySelector(".said");
  const { x, y, equal, heat, series } = JSON.parse(figure.querySelector("script").textContent);
  const key = (i) => figure.querySelector(`.key[data-series="${i}"]`);
  const seen = (i) => key(i)?.getAttribute("aria-pressed") !== "false";
  const data = () => [...(heat ? [field(heat)] : []), ...series.map((one, i) => ({ ...trace(one), visible: seen(i) }))];
  const draw = () => {
    const plan = layout(x, y);
    if (equal) plan.yaxis.scaleanchor = "x";
    return Plotly.react(plot, data(), plan, config);
  };
  draw().then(() => figure.classList.add("drawn"));
  dark.addEventListener("change", draw);

  const first = heat ? 1 : 0;
  series.forEach((_, i) => key(i)?.addEventListener("click", () => {
    key(i).setAttribute("aria-pressed", !seen(i));
    Plotly.restyle(plot, { visible: seen(i) }, [first + i]);
  }));

  // Arrows go from point to point and from series to series, and over a field from shade to shade;
  // page keys go from a field to the series over it.
  const within = (i, n) => Math.max(0, Math.min(i, n - 1));
  let [at, point, row] = [heat ? -1 : undefined, -1, 0];
  const turn = (by) => {
    const stops = [...(heat ? [-1] : []), ...[...series.keys()].filter((i) => series[i].name && seen(i))];
    at = stops[(Math.max(stops.indexOf(at), 0) + by + stops.length) % stops.length];
  };
  const step = (by) => {
    turn(0);
    if (at === undefined) return;
    // A point that is not there is passed by.
    const there = (i) => at < 0 || (series[at].x[i] !== null && series[at].y[i] !== null);
    const n = (at < 0 ? heat : series[at]).x.length, on = Number.isFinite(by) ? by : -Math.sign(by);
    let next = within(point + by, n);
    while (!there(next) && within(next + on, n) !== next) next += on;
    if (there(next)) point = next;
  };
  const go = (act) => () => (act(), show());
  const rise = (by) => (at < 0 ? (row = within(row + by, heat.y.length)) : turn(-by));
  explore(plot, figure, () => [x, y], {
    ArrowRight: go(() => step(1)), ArrowLeft: go(() => step(-1)),
    Home: go(() => step(-Infinity)), End: go(() => step(Infinity)),
    ArrowUp: go(() => rise(1)), ArrowDown: go(() => rise(-1)), PageUp: go(() => turn(-1)), PageDown: go(() => turn(1)),
  });
  // Points at where the keys have gone, and says it.
  function show() {
    turn(0);
    if (at !== undefined && point < 0) step(1);
    if (at === undefined || point < 0) return (said.textContent = "");
    const chosen = at < 0 ? heat : series[at];
    point = within(point, chosen.x.length);
    Plotly.Fx.hover(plot, [{ curveNumber: first + at, pointNumber: at < 0 ? [row, point] : point }]);
    const name = at < 0 ? `${heat.label} ${heat.z[row][point] ?? "none"}` : chosen.name;
    said.textContent = `${name}: ${x.label} ${place(chosen, point)}, ${y.label} ${chosen.y[at < 0 ? row : point]}`;
  }
}

// Figures are drawn as they come near, the first ones at once.
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    mount(target);
  }
}, { rootMargin: "800px" });
document.querySelectorAll("figure.figure").forEach((figure) => near.observe(figure));
