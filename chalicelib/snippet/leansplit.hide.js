/**
 * Opt-in against flicker, in the head and not async: the page may hide what an experiment changes
 * by the class `leansplit-wait` on <html>, until the snippet has run, or for `data-limit`
 * milliseconds, 1000 at the most.
 */
(function (root, script) {
  var limit = Math.min(script.dataset.limit || 1000, 1000);
  root.classList.add("leansplit-wait");
  setTimeout(function () {
    root.classList.remove("leansplit-wait");
  }, limit);
})(document.documentElement, document.currentScript);
