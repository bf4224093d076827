// Follows a run: status once a second, charts when a trial has ended.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  var byId = {}; // drawn charts by figure and place
  var started = null, seconds = { at: [], answered: [], flight: [], p95: [] };
  function text(id, words) {
    var e = document.getElementById(id);
    if (e.textContent !== words) e.textContent = words;
  }
  function put(key, spec, into, height) {
    var chart = byId[key];
    if (chart && chart.update(spec)) return;
    byId[key] = charts.draw(spec, into, height);
  }

  // Round numbers from 0 to about a third of top, two thirds and top.
  function even(top, say) {
    var step = Math.pow(10, Math.floor(Math.log10(top / 3))), at = [];
    [1, 2, 5, 10].some(function (m) { if (top / (m * step) > 4) return false; step *= m; return true; });
    for (var v = 0; v <= top; v += step) at.push({ at: v, label: say(v) });
    return at;
  }

  // The last minutes: what was answered each second, and what is under way.
  function now(s) {
    var top = 1;
    if (started == null) started = s.at;
    seconds.at.push(Math.round(s.at - started));
    seconds.answered.push(s.answered);
    seconds.flight.push(s.released - s.ended);
    seconds.p95.push(s.p95_ms > 0 ? s.p95_ms : null);
    if (seconds.at.length > 300) Object.keys(seconds).forEach(function (k) { seconds[k].shift(); });
    seconds.answered.concat(seconds.flight).forEach(function (v) { top = Math.max(top, v); });
    var last = seconds.at[seconds.at.length - 1], span = Math.max(60, last - seconds.at[0]);
    var x = { label: "the last minutes", unit: "s", min: -span, max: 0, ticks: [{ at: -span, label: "" }, { at: -span / 2, label: Math.round(span / 2) + " s ago" }, { at: 0, label: "now" }] };
    var ago = seconds.at.map(function (v) { return v - last; });
    var slowest = seconds.p95.reduce(function (a, v) { return Math.max(a, v); }, 0.001);
    put("p95", {
      title: "Response time now", x: Object.assign({}, x),
      y: { label: "P95 of each second", unit: "ms", min: 0, max: slowest * 1.1, ticks: even(slowest * 1.1, function (v) { return v ? charts.time(v) : "0"; }) },
      columns: [{ label: "P95 of each second", colour: s.role, style: "bold" }],
      at: ago, values: [seconds.p95.slice()]
    }, document.getElementById("now"), 130);
    put("now", {
      title: "Requests now", x: x,
      y: { label: "requests", unit: "", min: 0, max: top * 1.1, ticks: even(top * 1.1, String) },
      columns: [{ label: "answered per second", colour: "ink", style: "bold" }, { label: "in flight", colour: "muted", style: "dashed" }],
      at: ago, values: [seconds.answered.slice(), seconds.flight.slice()]
    }, document.getElementById("now"), 130);
  }

  // P95 so far of each version, where all trials have one rate, and how long it will still take.
  function times(s) {
    var so = s.purpose ? {} : s.p95_so_far_ms || {}, parts = ["baseline", "candidate"].filter(function (r) { return so[r]; }).map(function (r) {
      return (so.baseline ? r + " " : "") + charts.time(so[r]);
    });
    var words = parts.length ? "P95 so far: " + parts.join(", ") : "";
    if (s.left == null) return words;
    var left = Math.round(s.left), minutes = Math.floor(left / 60);
    return (words ? words + "; " : "") + "about " + minutes + ":" + String(left % 60).padStart(2, "0") + " left";
  }

  // What the parts before this one found.
  function before(list) {
    var all = document.getElementById("before");
    if (all.children.length === list.length) return;
    all.textContent = "";
    list.forEach(function (words) {
      var li = document.createElement("li");
      li.textContent = words;
      all.appendChild(li);
    });
  }

  function status(s) {
    before(s.before || []);
    if (s.preparing) {
      text("state", "Between trials");
      text("place", s.part || "");
      text("times", "");
      text("counts", s.preparing);
      return;
    }
    text("state", "Trial " + s.trial + " of " + s.trials + (s.warmup ? ", warm-up" : "") + ": " + s.stage);
    text("place", (s.part ? s.part + ", " : "") + s.deployment + " (" + s.role + "), " + (s.purpose || "epoch " + s.epoch));
    text("times", times(s));
    text("counts", s.ended + " of " + s.planned + " requests answered, " + s.failed + " not as expected, " + (s.released - s.ended) + " in flight");
    now(s);
  }

  function figures(list) {
    var all = document.getElementById("figures");
    list.forEach(function (f, place) {
      var id = "live-" + f.id, box = document.getElementById(id), into;
      if (!box) {
        box = document.createElement("figure");
        box.id = id;
        if (f.half) box.className = "half";
        var caption = document.createElement("figcaption"), h = document.createElement("h2");
        h.textContent = f.title;
        caption.appendChild(h);
        if (f.caption && !f.half) {
          var p = document.createElement("p");
          p.textContent = f.caption;
          caption.appendChild(p);
        }
        into = document.createElement("div");
        into.className = "charts " + f.columns;
        box.appendChild(caption);
        box.appendChild(into);
      }
      if (all.children[place] !== box) all.insertBefore(box, all.children[place] || null);
      into = box.querySelector(".charts");
      f.charts.forEach(function (spec, i) { put(id + "/" + i, spec, into, f.height); });
      if (f.said) said(box, f.said, f.table || []);
    });
  }

  // A figure of words and rows, which change from trial to trial.
  function said(box, lines, rows) {
    var all = document.createElement("div"), table = document.createElement("table");
    all.className = "said scroll";
    lines.forEach(function (words) {
      var p = document.createElement("p");
      p.textContent = words;
      all.appendChild(p);
    });
    table.className = "compact";
    rows.forEach(function (row, i) {
      var tr = document.createElement("tr");
      row.forEach(function (words) {
        var cell = document.createElement(i ? "td" : "th");
        cell.className = "num";
        cell.textContent = words;
        tr.appendChild(cell);
      });
      table.appendChild(tr);
    });
    if (rows.length > 1) all.appendChild(table); // The first row is the head.
    var old = box.querySelector(".said");
    if (old) box.replaceChild(all, old); else box.appendChild(all);
  }

  var events = new EventSource("events");
  events.addEventListener("status", function (e) { status(JSON.parse(e.data)); });
  events.addEventListener("charts", function (e) { figures(JSON.parse(e.data)); });
  events.addEventListener("ended", function (e) {
    var end = JSON.parse(e.data);
    events.close();
    text("state", end.headline || "The run has ended");
    text("place", "");
    text("times", "");
    text("patience", "");
    text("counts", end.report ? "The report: " + end.report : "The report is written beside the run.");
  });
  events.onerror = function () { text("counts", "No connection to the run: it has ended, or was stopped."); };
})();
