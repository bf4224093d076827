// Follows a run: status once a second, charts when a trial has ended.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  var byId = {}; // drawn charts by figure and place
  var started = null, seconds = { at: [], answered: [], flight: [] };
  function text(id, words) {
    var e = document.getElementById(id);
    if (e.textContent !== words) e.textContent = words;
  }
  function put(key, spec, into, height) {
    var chart = byId[key];
    if (chart && chart.update(spec)) return;
    byId[key] = charts.draw(spec, into, height);
  }

  // The last minutes: what was answered each second, and what is under way.
  function now(s) {
    var top = 1;
    if (started == null) started = s.at;
    seconds.at.push(Math.round(s.at - started));
    seconds.answered.push(s.answered);
    seconds.flight.push(s.released - s.ended);
    if (seconds.at.length > 300) Object.keys(seconds).forEach(function (k) { seconds[k].shift(); });
    seconds.answered.concat(seconds.flight).forEach(function (v) { top = Math.max(top, v); });
    var last = seconds.at[seconds.at.length - 1], span = Math.max(60, last - seconds.at[0]);
    put("now", {
      title: "Now",
      x: { label: "the last minutes", unit: "s", min: -span, max: 0, ticks: [{ at: -span, label: "" }, { at: -span / 2, label: Math.round(span / 2) + " s ago" }, { at: 0, label: "now" }] },
      y: { label: "requests", unit: "", min: 0, max: top * 1.1, ticks: [] },
      columns: [{ label: "answered per second", colour: "ink", style: "bold" }, { label: "in flight", colour: "muted", style: "dashed" }],
      at: seconds.at.map(function (v) { return v - last; }), values: [seconds.answered.slice(), seconds.flight.slice()]
    }, document.getElementById("now"), 170);
  }

  function status(s) {
    text("state", "Trial " + s.trial + " of " + s.trials + (s.warmup ? ", warm-up" : "") + ": " + s.stage);
    text("place", s.deployment + " (" + s.role + "), epoch " + s.epoch);
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
    });
  }

  var events = new EventSource("events");
  events.addEventListener("status", function (e) { status(JSON.parse(e.data)); });
  events.addEventListener("charts", function (e) { figures(JSON.parse(e.data)); });
  events.addEventListener("ended", function () {
    events.close();
    text("state", "The run has ended");
    text("place", "");
    text("counts", "The report is written beside the run.");
  });
  events.onerror = function () { text("counts", "No connection to the run: it has ended, or was stopped."); };
})();
