// Interactive charts: draws what reports/chart.go describes with uPlot. Every string
// reaches the document as text.
var charts = (function () {
  "use strict";
  var drawn = []; // { spec, into, plot }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }
  // Three significant digits, as in the tables.
  function significant(v, unit) { return (v === 0 ? "0" : Math.abs(v) >= 999.5 ? v.toFixed(0) : v.toPrecision(3)) + unit; }
  function time(ms) {
    if (ms >= 999.5) return significant(ms / 1000, " s");
    if (ms >= 0.9995) return significant(ms, " ms");
    return significant(ms * 1000, " µs");
  }
  var words = {
    ms: time,
    nines: function (x) { return x < 1e-9 ? "minimum" : "P" + +(100 * (1 - Math.pow(10, -x))).toFixed(Math.max(1, Math.ceil(x))); },
    s: function (v) { return +v.toFixed(1) + " s"; },
    trial: function (v) { return "trial " + Math.round(v); },
    n: function (v) { return String(Math.round(v)); },
    "/s": function (v) { return significant(v, "/s"); },
    "%": function (v) { return significant(v, " %"); },
    MiB: function (v) { return significant(v, " MiB"); },
    x: function (v) { return "×" + v.toFixed(v < 0.1 ? 3 : 2); },
    "": function (v) { return significant(v, ""); }
  };
  function say(unit, v) { return v == null ? "–" : words[unit](v); }

  function element(tag, name, text) {
    var e = document.createElement(tag);
    if (name) e.className = name;
    if (text != null) e.textContent = text;
    return e;
  }

  // The axis's own ticks that are in view and do not touch; even steps where a zoom
  // leaves fewer than two.
  function ticks(axis, room) {
    return function (u, i, min, max) {
      var length = (i === 0 ? u.bbox.width : u.bbox.height) / devicePixelRatio || 300;
      function place(v) {
        if (axis.log && i === 1) return Math.log(v / min) / Math.log(max / min) * length;
        return (v - min) / (max - min) * length;
      }
      var last = -1e9, at = [];
      axis.ticks.forEach(function (t) {
        if (t.at < min || t.at > max) return;
        var half = room(t.label) / 2, p = place(t.at);
        if (p - half < last) return;
        last = p + half;
        at.push(t.at);
      });
      return at.length > 1 || at.length && min <= axis.min && max >= axis.max ? at : [min, (min + max) / 2, max];
    };
  }
  function labels(axis) {
    var by = {};
    axis.ticks.forEach(function (t) { by[t.at] = t.label; });
    return function (u, at) { return at.map(function (v) { return v == null ? "" : by[v] != null ? by[v] : say(axis.unit, v); }); };
  }

  function behind(spec) {
    return function (u) {
      var c = u.ctx, b = u.bbox;
      c.save();
      (spec.spans || []).forEach(function (s) {
        var x0 = Math.max(u.valToPos(s.from, "x", true), b.left), x1 = Math.min(u.valToPos(s.to, "x", true), b.left + b.width);
        if (x1 <= x0) return;
        c.fillStyle = colour("band");
        c.fillRect(x0, b.top, x1 - x0, b.height);
        c.fillStyle = colour(s.colour);
        c.fillRect(x0, b.top - 3 * devicePixelRatio, x1 - x0, 3 * devicePixelRatio);
        if (s.out) {
          c.fillStyle = colour("ink");
          c.textAlign = "center";
          c.textBaseline = "top";
          c.font = 12 * devicePixelRatio + "px sans-serif";
          c.fillText("✕", (x0 + x1) / 2, b.top + 3 * devicePixelRatio);
        }
      });
      c.restore();
    };
  }
  function above(spec) {
    return function (u) {
      var c = u.ctx, b = u.bbox, d = devicePixelRatio;
      c.save();
      c.font = 11 * d + "px sans-serif";
      c.lineWidth = d;
      function stroke(x0, y0, x1, y1) { c.beginPath(); c.moveTo(x0, y0); c.lineTo(x1, y1); c.stroke(); }
      (spec.marks || []).forEach(function (m, i) {
        var x = u.valToPos(m.at, "x", true);
        if (x < b.left - 1 || x > b.left + b.width) return;
        c.strokeStyle = colour("muted");
        c.setLineDash([2 * d, 3 * d]);
        stroke(x, b.top, x, b.top + b.height);
        c.fillStyle = colour("muted");
        c.textBaseline = "bottom";
        // The whole name where it fits before the next mark, else its number, else nothing.
        var next = spec.marks[i + 1], end = next ? u.valToPos(next.at, "x", true) : b.left + b.width;
        var name = [m.label, m.label.replace(/^\D+/, "")].find(function (t) { return t && x + 6 * d + c.measureText(t).width <= end; });
        var last = !name && !next && m.label; // it stands on the left
        c.textAlign = last ? "right" : "left";
        if (!name && !last) return;
        c.setLineDash([]);
        c.strokeStyle = colour("band");
        c.lineWidth = 4 * d; // lines behind it do not cross it out
        c.strokeText(name || last, last ? x - 3 * d : x + 3 * d, b.top + b.height - 3 * d);
        c.fillText(name || last, last ? x - 3 * d : x + 3 * d, b.top + b.height - 3 * d);
        c.lineWidth = d;
      });
      if (spec.band) { // an upright for each interval: one alone has no shade
        c.strokeStyle = colour(spec.columns[spec.band[0]].colour) + "66";
        c.lineWidth = 2 * d;
        spec.at.forEach(function (x, i) {
          var high = spec.values[spec.band[0]][i], low = spec.values[spec.band[1]][i];
          if (high == null || low == null || !u.series[spec.band[0] + 1].show) return;
          var at = u.valToPos(x, "x", true);
          stroke(at, u.valToPos(high, "y", true), at, u.valToPos(low, "y", true));
        });
        c.lineWidth = d;
      }
      (spec.rules || []).forEach(function (r) {
        var y = u.valToPos(r.at, "y", true);
        if (y < b.top || y > b.top + b.height) return;
        c.strokeStyle = colour(r.label ? "bad" : "muted");
        c.setLineDash(r.label ? [5 * d, 4 * d] : []);
        stroke(b.left, y, b.left + b.width, y);
        c.fillStyle = colour("bad");
        c.textAlign = "right";
        c.textBaseline = "bottom";
        c.fillText(r.label, b.left + b.width - 3 * d, y - 2 * d);
      });
      c.restore();
    };
  }

  // Values without a neighbour: no line reaches them, so each is a point.
  function alone(u, i) {
    var ys = u.data[i], at = [];
    ys.forEach(function (y, k) { if (y != null && ys[k - 1] == null && ys[k + 1] == null) at.push(k); });
    return at.length ? at : null;
  }
  function series(column) {
    var c = colour(column.colour), s = { label: column.label, stroke: c, width: 2, show: !column.hidden, points: { show: function () { return false; }, filter: alone, size: 5, width: 0, stroke: c, fill: c } };
    // Lines of one version differ in weight, shade and stroke: not in weight alone.
    if (column.style === "fine") { s.width = 1.25; s.stroke = s.points.fill = c + "99"; }
    if (column.style === "dashed") { s.width = 1.25; s.dash = [5, 4]; s.stroke = c + "cc"; }
    if (column.style === "edge") { s.width = 1; s.stroke = c + "80"; }
    if (column.style === "hollow" || column.style === "filled") {
      s.paths = function () { return null; };
      s.points = { show: true, size: 8, width: 1.75, stroke: c, fill: column.style === "filled" ? c : colour("paper") };
    }
    return s;
  }

  function spanAt(spec, x) {
    return (spec.spans || []).find(function (s) { return x >= s.from && x <= s.to; });
  }
  // What stands at one place of the horizontal axis: a name, then label and value.
  function reading(spec, u, i) {
    var x = spec.at[i], s = spanAt(spec, x), name = say(spec.x.unit, x), rows = [];
    if (s) name = s.label + ", " + say("s", x - s.from);
    else if (spec.x.unit === "n") name = spec.x.label + ": " + name;
    spec.columns.forEach(function (c, k) {
      if (spec.values[k][i] != null && u.series[k + 1].show) rows.push({ label: c.label, colour: c.colour, value: say(spec.y.unit, spec.values[k][i]) });
    });
    return { name: name, rows: rows };
  }

  function tooltip(spec) {
    var tip = element("div", "tip"), live;
    tip.hidden = true;
    function show(u) {
      var i = u.cursor.idx, active = u.root.matches(":hover") || u.root.parentNode === document.activeElement;
      if (i == null || u.cursor.left < 0 || !active) { tip.hidden = true; return; }
      var r = reading(spec, u, i);
      if (!r.rows.length) { tip.hidden = true; return; }
      tip.textContent = "";
      tip.appendChild(element("b", "", r.name));
      r.rows.forEach(function (row) {
        var line = element("div"), dot = element("i");
        dot.style.background = "var(--" + row.colour + ")";
        line.appendChild(dot);
        line.appendChild(element("span", "", row.label));
        line.appendChild(element("b", "", row.value));
        tip.appendChild(line);
      });
      tip.hidden = false;
      var x = u.valToPos(spec.at[i], "x"), width = u.over.clientWidth;
      tip.style.left = Math.max(0, Math.min(x < width / 2 ? x + 14 : x - tip.offsetWidth - 14, width - tip.offsetWidth)) + "px";
      tip.style.top = "6px";
    }
    return {
      hooks: {
        init: function (u) { u.over.appendChild(tip); },
        setCursor: show
      }
    };
  }

  // Arrow keys read one value after another, Home and End the first and last; Escape
  // shows the whole again.
  function keys(spec, box, spoken, plot) {
    box.addEventListener("keydown", function (e) {
      var u = plot(), n = spec.at.length, i = u.cursor.idx, to;
      function filled(k) { return spec.values.some(function (ys, c) { return ys[k] != null && u.series[c + 1].show; }); }
      function from(k, step) { while (k >= 0 && k < n && !filled(k)) k += step; return k; }
      if (e.target !== box) return;
      if (e.key === "ArrowRight") to = from(i == null ? 0 : i + 1, 1);
      else if (e.key === "ArrowLeft") to = from(i == null ? n - 1 : i - 1, -1);
      else if (e.key === "Home") to = from(0, 1);
      else if (e.key === "End") to = from(n - 1, -1);
      else if (e.key === "Escape") { u.setScale("x", { min: spec.x.min, max: spec.x.max }); u.setCursor({ left: -10, top: -10 }); return; }
      else return;
      e.preventDefault();
      if (to < 0 || to >= n) return;
      u.setCursor({ left: u.valToPos(spec.at[to], "x"), top: u.over.clientHeight / 2 });
      var r = reading(spec, u, to);
      spoken.textContent = r.name + ": " + r.rows.map(function (row) { return row.label + " " + row.value; }).join(", ");
    });
    box.addEventListener("blur", function () { plot().setCursor({ left: -10, top: -10 }); });
  }

  function legend(spec, plot) {
    var box = element("div", "legend"), edges = [];
    spec.columns.forEach(function (c, k) {
      if (c.style === "edge") edges.push(k);
      if (c.style === "edge" && edges.length > 1) return;
      var b = element("button"), key = element("i", c.style);
      b.type = "button";
      key.style.setProperty("--c", "var(--" + c.colour + ")");
      b.appendChild(key);
      b.appendChild(element("span", "", c.style === "edge" ? "90 % interval" : c.label));
      b.setAttribute("aria-pressed", String(!c.hidden));
      b.addEventListener("click", function () {
        var hide = !c.hidden;
        (c.style === "edge" ? edges : [k]).forEach(function (j) {
          spec.columns[j].hidden = hide;
          plot().setSeries(j + 1, { show: !hide });
        });
        b.setAttribute("aria-pressed", String(!hide));
      });
      box.appendChild(b);
    });
    return box;
  }

  function make(spec, height, into) {
    var axis = { stroke: colour("muted"), font: "12px sans-serif", labelFont: "12px sans-serif", ticks: { stroke: colour("grid"), width: 1, size: 4 }, grid: { stroke: colour("grid"), width: 1 } };
    var first = spec.at[0], last = spec.at[spec.at.length - 1];
    var u = new uPlot({
      width: Math.max(240, into.clientWidth), height: height,
      legend: { show: false },
      padding: [10, 12, 0, 0],
      cursor: { sync: spec.sync ? { key: spec.sync, setSeries: false } : undefined, drag: { x: true, y: false }, points: { size: 8 } },
      scales: {
        x: { time: false, range: function (u, lo, hi) { return lo == null || lo <= first && hi >= last ? [spec.x.min, spec.x.max] : [lo, hi]; } },
        y: { distr: spec.y.log ? 3 : 1, range: function () { return [spec.y.min, spec.y.max]; } }
      },
      axes: [
        Object.assign({}, axis, {
          label: spec.x.label, labelSize: 18, size: 30, labelGap: 0, grid: { show: false },
          splits: ticks(spec.x, function (t) { return 6.6 * t.length + 8; }), filter: function (u, at) { return at; }, values: labels(spec.x)
        }),
        Object.assign({}, axis, {
          size: function (u, v) { return 14 + 7 * (v || []).reduce(function (n, s) { return Math.max(n, String(s).length); }, 2); },
          splits: ticks(spec.y, function () { return 18; }), filter: function (u, at) { return at; }, values: labels(spec.y)
        })
      ],
      series: [{}].concat(spec.columns.map(series)),
      bands: spec.band ? [{ series: [spec.band[0] + 1, spec.band[1] + 1], fill: colour(spec.columns[spec.band[0]].colour) + "2e" }] : [],
      hooks: { drawClear: [behind(spec)], draw: [above(spec)] },
      plugins: [tooltip(spec)]
    }, [spec.at].concat(spec.values), into);
    return u;
  }

  // draw puts one chart into an element and keeps it there: through other colours,
  // other widths and new data.
  function draw(spec, into, height) {
    var box = element("div", "chart"), head = element("div", "charthead"), spoken = element("p", "sr"), area = element("div", "plot");
    var chart = { spec: spec };
    function plot() { return chart.plot; }
    area.tabIndex = 0;
    area.setAttribute("role", "group");
    area.setAttribute("aria-label", spec.title + ", " + (spec.y.label || spec.title) + " by " + spec.x.label + ". Arrow keys read the values.");
    spoken.setAttribute("aria-live", "polite");
    head.appendChild(element("h4", "", spec.title));
    head.appendChild(legend(spec, plot));
    box.appendChild(head);
    box.appendChild(area);
    box.appendChild(spoken);
    into.appendChild(box);
    chart.redraw = function () {
      if (chart.plot) chart.plot.destroy();
      chart.plot = make(spec, height, area);
    };
    // New data over the same columns; what the reader switched off stays off.
    chart.update = function (next) {
      if (next.columns.length !== spec.columns.length) return false;
      next.columns.forEach(function (c, i) { c.hidden = spec.columns[i].hidden; });
      Object.assign(spec, next);
      chart.redraw();
      return true;
    };
    chart.redraw();
    keys(spec, area, spoken, plot);
    new ResizeObserver(function () {
      var w = Math.max(240, area.clientWidth);
      if (w !== chart.plot.width) chart.plot.setSize({ width: w, height: height });
    }).observe(area);
    drawn.push(chart);
    box.dataset.drawn = "true";
    return chart;
  }

  function redraw() { drawn.forEach(function (c) { c.redraw(); }); }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("change", function (e) { if (e.target.name === "theme") redraw(); });

  return {
    draw: draw,
    time: time,
    clear: function () { drawn.forEach(function (c) { c.plot.destroy(); }); drawn = []; }
  };
})();
