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

  // Arrows go from point to point and from series to series; with shift they move the window.
  const moves = { ArrowRight: [0.2, 0], ArrowLeft: [-0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] };
  let [at, point] = [series.findIndex(({ name }) => name), -1];
  plot.addEventListener("keydown", (event) => {
    const named = series.map((_, i) => i).filter((i) => series[i].name);
    const turn = (by) => named[(named.indexOf(at) + by + named.length) % named.length];
    const keys = {
      ArrowRight: () => point++, ArrowLeft: () => point--, Home: () => (point = 0),
      End: () => (point = Infinity), ArrowUp: () => (at = turn(-1)), ArrowDown: () => (at = turn(1)),
      "+": tools.in, "-": tools.out, 0: reset,
    };
    if (event.shiftKey && moves[event.key]) {
      event.preventDefault();
      return look(1, moves[event.key]);
    }
    if (!keys[event.key] || at < 0) return;
    event.preventDefault();
    keys[event.key]();
    if ("+-0".includes(event.key)) return;
    const chosen = series[at];
    point = Math.max(0, Math.min(point, chosen.x.length - 1));
    Plotly.Fx.hover(plot, [{ curveNumber: first + at, pointNumber: point }]);
    said.textContent = `${chosen.name}: ${chosen.x[point]}, ${chosen.y[point]}`;
  });
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
