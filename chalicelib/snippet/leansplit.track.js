/**
 * Opt-in, after the page's stub and not async: adds `track` to the snippet, which counts in a
 * tracker: track({tracker, object, field, by, op}). Sent at once, once, and only for who counts.
 */
(function (script, data) {
  var address = new URL("e/track" + (data.key ? "?key=" + data.key : ""), data.api || script.src);
  window.leansplit(function (api) {
    api.track = function (event) {
      if (!api.off) navigator.sendBeacon(address, JSON.stringify({events: [event]}));
    };
  });
})(document.currentScript, document.currentScript.dataset);
