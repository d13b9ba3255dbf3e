/**
 * The panel that `?leansplit.debug=1` loads: who the visitor is, why it does or does not count, which
 * variations it sees, what waits to be sent. A button shows another variation in this tab (such views
 * never count). Nothing inline, so that a strict Content-Security-Policy lets it run.
 */
(function (config) {
  var NAME = "leansplit";
  var CSS =
    ":host{position:fixed;right:12px;bottom:12px;z-index:2147483647;max-height:70vh;max-width:min(420px,90vw);" +
    "overflow:auto;font:13px/1.5 system-ui,sans-serif;color:#111;background:#fff;border:1px solid #888;" +
    "border-radius:8px;padding:12px;box-shadow:0 4px 24px rgba(0,0,0,.25)}" +
    "h2{font-size:14px;margin:0 0 6px}p{margin:4px 0;overflow-wrap:anywhere}" +
    "button{font:inherit;margin:0 4px 4px 0;padding:1px 8px;border:1px solid #888;border-radius:4px;" +
    "background:#eee;color:#111;cursor:pointer}button[aria-pressed=true]{background:#0a58ca;color:#fff}";
  var REASONS = {
    bot: "does not count: the browser says that a program drives it",
    privacy: "does not count: Global Privacy Control or Do Not Track is on",
    consent: "does not count: no consent was given",
    1: "does not count: the browser keeps nothing for this page"
  };

  function memory() {
    try {
      return JSON.parse(localStorage[NAME] || "{}");
    } catch (error) {
      return {};
    }
  }

  function waiting() {
    try {
      return Object.keys(localStorage).filter(function (key) {
        return !key.indexOf(NAME + ":");
      });
    } catch (error) {
      return [];
    }
  }

  function status() {
    var off = window[NAME].off;
    return off ? REASONS[off] || "does not count: this tab shows forced variations" : "counts as a visitor";
  }

  function element(kind, text, parent) {
    var made = parent.appendChild(document.createElement(kind));
    made.textContent = text;
    return made;
  }

  function force(name, key) {
    var address = new URL(location);
    address.searchParams.set(NAME + "." + name, key);
    location.assign(address);
  }

  /** Leave the forced views of this tab. */
  function release() {
    var address = new URL(location);
    Object.keys(config).forEach(function (name) {
      address.searchParams.delete(NAME + "." + name);
    });
    sessionStorage.removeItem(NAME);
    location.assign(address);
  }

  function showExperiment(name, parent) {
    var experiment = config[name];
    var shown = shownOf(name, experiment);
    var line = element("p", name + (experiment.show ? " (" + experiment.show + " for all) " : " "), parent);
    experiment.keys.forEach(function (key) {
      var button = element("button", key, line);
      button.setAttribute("aria-pressed", String(key === shown));
      button.addEventListener("click", function () {
        force(name, key);
      });
    });
  }

  /** What the visitor sees, without asking the snippet: asking enrols. */
  function shownOf(name, experiment) {
    var forced = JSON.parse(sessionStorage[NAME] || "{}");
    var known = (memory().m || {})[name];
    return forced[name] || experiment.show || (known ? known[0] : "");
  }

  function show(root) {
    var known = memory();
    root.textContent = "";
    element("h2", NAME, root);
    element("p", status(), root);
    element("p", "visitor " + (known.i || "none") + (known.t ? ", signed" : ""), root);
    Object.keys(config).forEach(function (name) {
      showExperiment(name, root);
    });
    element("p", waiting().length + " events wait to be sent", root);
    if (known.w > Date.now()) element("p", "next try in " + Math.ceil((known.w - Date.now()) / 1e3) + " s", root);
    element("button", "forget forced variations", root).addEventListener("click", release);
  }

  function start() {
    var host = document.body.appendChild(document.createElement(NAME + "-debug"));
    var shadow = host.attachShadow({mode: "open"});
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    shadow.adoptedStyleSheets = [sheet];
    host.setAttribute("role", "complementary");
    host.setAttribute("aria-label", NAME);
    var root = element("div", "", shadow);
    var last = "";
    setInterval(function () {
      var now = JSON.stringify([memory(), waiting(), status()]) + Math.floor(Date.now() / 1e3) * (memory().w > Date.now());
      if (now !== last) show(root);
      last = now;
    }, 200);
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})(window.leansplitConfig || {});
