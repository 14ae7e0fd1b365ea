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

function trace(series) {
  const { name, x, y, mark } = series;
  return {
    type: "scatter", name, x, y, hovertemplate: "%{x:.4~g}, %{y:.4~g}<extra>%{fullData.name}</extra>",
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
    range: range ?? undefined, gridcolor: ink("grid"), linecolor: ink("grid"), exponentformat: "power",
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

// Gives a figure its plot, its buttons and its keys.
function mount(figure) {
  const plot = figure.querySelector(".plot"), said = figure.querySelector(".said");
  const { x, y, equal, heat, series } = JSON.parse(figure.querySelector("script").textContent);
  const data = () => [...(heat ? [field(heat)] : []), ...series.map(trace)];
  const draw = () => {
    const plan = layout(x, y);
    if (equal) plan.yaxis.scaleanchor = "x";
    return Plotly.react(plot, data(), plan, config);
  };
  draw().then(() => figure.classList.add("drawn"));
  dark.addEventListener("change", draw);

  const first = heat ? 1 : 0;
  for (const key of figure.querySelectorAll(".key")) {
    key.addEventListener("click", () => {
      const shown = key.getAttribute("aria-pressed") !== "true";
      key.setAttribute("aria-pressed", shown);
      Plotly.restyle(plot, { visible: shown }, [first + Number(key.dataset.series)]);
    });
  }

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
    const whole = (name, { range }) => (range ? { [`${name}.range`]: range } : { [`${name}.autorange`]: true });
    Plotly.relayout(plot, { ...whole("xaxis", x), ...whole("yaxis", y) });
  };
  const tools = { in: () => look(0.6), out: () => look(1 / 0.6), reset };
  for (const tool of figure.querySelectorAll("[data-tool]")) {
    tool.addEventListener("click", tools[tool.dataset.tool]);
  }

  // Arrows go from point to point and from series to series, and over a field from shade to shade;
  // page keys go from a field to the series over it. With shift, arrows move the window.
  const moves = { ArrowRight: [0.2, 0], ArrowLeft: [-0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] };
  const within = (i, n) => Math.max(0, Math.min(i, n - 1));
  const stops = [...(heat ? [-1] : []), ...series.keys()].filter((i) => i < 0 || series[i].name);
  let [stop, point, row] = [0, -1, 0];
  const turn = (by) => (stop = (stop + by + stops.length) % stops.length);
  const rise = (by) => (stops[stop] < 0 ? (row += by) : turn(-by));
  const walk = {
    ArrowRight: () => point++, ArrowLeft: () => point--, Home: () => (point = 0), End: () => (point = Infinity),
    ArrowUp: () => rise(1), ArrowDown: () => rise(-1), PageUp: () => turn(-1), PageDown: () => turn(1),
  };
  const see = { "+": tools.in, "-": tools.out, 0: reset };
  plot.addEventListener("keydown", (event) => {
    const move = event.shiftKey && moves[event.key], act = walk[event.key] ?? see[event.key];
    if (!move && (!act || !stops.length)) return;
    event.preventDefault();
    if (move) return look(1, move);
    act();
    if (walk[event.key]) show();
  });
  // Points at where the keys have gone, and says it.
  function show() {
    const at = stops[stop], { x, y } = at < 0 ? heat : series[at];
    point = within(point, x.length);
    row = heat ? within(row, heat.y.length) : 0;
    const pointNumber = at < 0 ? [row, point] : point;
    Plotly.Fx.hover(plot, [{ curveNumber: first + at, pointNumber }]);
    const value = at < 0 ? `${y[row]}: ${heat.label} ${heat.z[row][point] ?? "none"}` : y[point];
    said.textContent = `${at < 0 ? "" : `${series[at].name}: `}${x[point]}, ${value}`;
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
