// Puts the interactive charts in the place of the still pictures, each when it comes
// near the screen.
(function () {
  "use strict";
  var holder = document.getElementById("series");
  if (!holder || typeof uPlot !== "function") {
    document.documentElement.classList.remove("js");
    return;
  }
  var series = JSON.parse(holder.textContent);
  // A link into something folded opens it, and paper has everything.
  function unfold() {
    var to = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var e = to; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (to) to.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  document.addEventListener("click", function (e) { if (e.target.closest && e.target.closest("a[href^='#']")) setTimeout(unfold); });
  unfold();
  var near = new IntersectionObserver(function (entries) {
    entries.forEach(function (e) {
      if (!e.isIntersecting) return;
      near.unobserve(e.target);
      var into = e.target, list = series[into.dataset.figure];
      into.style.minHeight = "";
      list.forEach(function (spec) { charts.draw(spec, into, +into.dataset.height); });
    });
  }, { rootMargin: "500px" });
  document.querySelectorAll(".charts").forEach(function (into) {
    var list = series[into.dataset.figure];
    if (!list) return;
    var columns = getComputedStyle(into).gridTemplateColumns.split(" ").length;
    into.style.minHeight = Math.ceil(list.length / columns) * (+into.dataset.height + 50) + "px";
    near.observe(into);
  });
})();
