(function () {
  "use strict";
  var holder = document.getElementById("series");
  if (!holder || typeof uPlot !== "function") return;
  var series = JSON.parse(holder.textContent);

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }
  function time(ms) {
    if (ms == null) return "–";
    if (ms >= 1000) return +(ms / 1000).toPrecision(3) + " s";
    if (ms >= 1) return +ms.toPrecision(3) + " ms";
    return +(ms * 1000).toPrecision(3) + " µs";
  }
  function percentile(x) {
    if (x == null) return "–";
    return "P" + +(100 * (1 - Math.pow(10, -x))).toFixed(Math.max(0, Math.ceil(x) - 1));
  }
  function seconds(x) {
    return x == null ? "–" : +x.toFixed(1) + " s";
  }

  // The percentiles people speak of, or even steps where a zoom shows fewer than two.
  function nines(u, i, min, max) {
    var at = [0, 0.30103, 1, 1.30103, 2, 3, 4, 5, 6, 7].filter(function (v) { return v >= min && v <= max; });
    return at.length > 1 ? at : [min, (min + max) / 2, max];
  }

  function draw(chart, into) {
    var word = chart.unit === "nines" ? percentile : seconds;
    var axis = { stroke: colour("muted"), grid: { stroke: colour("grid"), width: 1 }, ticks: { stroke: colour("grid"), width: 1 } };
    var plot = new uPlot({
      title: chart.title,
      width: Math.max(280, into.clientWidth),
      height: 280,
      scales: { x: { time: false }, y: { distr: 3 } },
      axes: [
        Object.assign({}, axis, chart.unit === "nines" ? { splits: nines } : {}, { values: function (u, at) { return at.map(word); } }),
        Object.assign({}, axis, { size: 64, values: function (u, at) { return at.map(function (v) { return v == null ? "" : time(v); }); } })
      ],
      series: [{ label: chart.unit === "nines" ? "percentile" : "time without pauses", value: function (u, v) { return word(v); } }].concat(
        chart.columns.map(function (c) {
          return { label: c.label, stroke: colour(c.colour), width: c.thin ? 1 : 2, points: { show: false }, value: function (u, v) { return time(v); } };
        }))
    }, [chart.x].concat(chart.y.map(function (ys) {
      return ys.map(function (v) { return v > 0 ? v : null; });
    })), into);
    return plot;
  }

  Object.keys(series).forEach(function (id) {
    var figure = document.getElementById(id);
    if (!figure) return;
    var button = document.createElement("button");
    var into = document.createElement("div");
    var plots = [];
    button.type = "button";
    button.className = "explore";
    button.textContent = "Read values and zoom";
    button.setAttribute("aria-expanded", "false");
    into.className = "chart";
    function clear() {
      plots.forEach(function (p) { p.destroy(); });
      plots = [];
    }
    function show() {
      clear();
      series[id].forEach(function (c) { plots.push(draw(c, into)); });
    }
    button.addEventListener("click", function () {
      var open = plots.length > 0;
      if (open) clear(); else show();
      button.setAttribute("aria-expanded", String(!open));
      button.textContent = open ? "Read values and zoom" : "Close (drag to zoom, double-click to reset)";
    });
    var width = window.innerWidth;
    window.addEventListener("resize", function () {
      if (plots.length && window.innerWidth !== width) { width = window.innerWidth; show(); }
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { if (plots.length) show(); });
    figure.appendChild(button);
    figure.appendChild(into);
  });
})();
