"use strict";
// Freshness and charts. htmx replaces what changes; the rest is here.
(() => {
  const offline = document.getElementById("offline");
  const CHART_SECONDS = 10;

  document.addEventListener("htmx:before:request", (event) => {
    if (document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:error", () => { offline.hidden = false; });
  document.addEventListener("htmx:after:request", () => { offline.hidden = true; });

  document.querySelectorAll(".filter select").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const axis = (more) => ({
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    ...more,
  });

  // No step below an hour: its labels would say the same hour twice.
  const X_STEPS = [1, 2, 3, 6, 12, 24, 48, 168, 336, 720].map((hours) => hours * 3600);
  const X_LABELS = [
    [86400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [3600, "{HH}:00", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ];

  const hourOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");

  const options = (plot) => ({
    width: plot.clientWidth,
    height: plot.clientHeight - 32,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { range: (_, low, high) => [low - 1800, high + 1800] }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(4, high * 1.08)] } },
    axes: [axis({ values: X_LABELS, incrs: X_STEPS, space: 64 }), axis({ size: 44, space: 22, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] })],
    series: [
      { label: "UTC", value: (_, seconds) => (seconds == null ? "–" : hourOf(seconds)) },
      {
        label: "Sold", stroke: colour("--accent"), fill: colour("--accent"), width: 0,
        paths: uPlot.paths.bars({ size: [0.75, 40] }), points: { show: false },
      },
      { label: "Brought back", stroke: colour("--warn"), width: 2, points: { show: false } },
    ],
  });

  const draw = (figure, sales) => {
    const plot = figure.querySelector(".plot");
    const columns = [sales.hours.map((hour) => Date.parse(hour) / 1000), sales.units, sales.returns];
    const text = JSON.stringify(columns);
    if (figure.drawn && figure.text === text) return;
    figure.text = text;
    if (figure.drawn) figure.drawn.setData(columns);
    else figure.drawn = new uPlot(options(plot), columns, plot);
  };

  const refresh = async (figure) => {
    if (document.hidden && figure.drawn) return;
    try {
      const answer = await fetch(figure.dataset.source, { headers: { Accept: "application/json" } });
      if (answer.ok) draw(figure, await answer.json());
    } catch { /* the banner says it already */ }
  };

  const redraw = (figure) => {
    figure.drawn?.destroy();
    figure.drawn = undefined;
    refresh(figure);
  };

  const charts = () => [...document.querySelectorAll(".chart")];
  charts().forEach(refresh);
  setInterval(() => charts().forEach(refresh), CHART_SECONDS * 1000);
  document.addEventListener("htmx:after:swap", () => charts().filter((figure) => !figure.drawn).forEach(refresh));
  let resized;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => charts().forEach(redraw), 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts().forEach(redraw));
})();
