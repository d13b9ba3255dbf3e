/**
 * leansplit's browser snippet: assigns visitors, and tells the server what they saw and did.
 *
 * ES5 throughout, since the build minifies ES5. Before this file, leansplitConfig is set to
 * {"headline": {"seed", "phase", "since", "keys": [...], "ranges": [[low, high], ...]},
 *  "old": {"keys": [...], "show": "test"}}. `script` is the element that loads this file, or what
 * stands for it.
 *
 * In localStorage: "leansplit" = {i: id, t: token, c: confirmed at, w: wait until, n: failures,
 * m: {experiment: [variation, phase, told at]}}, and "leansplit:<event id>" = one event that the
 * server has not acknowledged. One key an event, so that two tabs never overwrite each other's.
 */
(function (window, document, navigator, config, script) {
  var DAY = 864e5, NAME = "leansplit", CONTROL = "control";
  var now = Date.now, parse = JSON.parse, write = JSON.stringify;
  var options = script && script.dataset || {}, agreed = !options.consent;
  var base = options.api || (script && script.src || "").replace(/\/[^\/]*$/, "");
  var stub = window[NAME], root = document.documentElement;
  var storage, state, forced = {}, off, open, busy, timer;
  var held = [], queue = [], seen = {};

  /** FNV-1a of 32 bits over UTF-16 code units. */
  function hash(text) {
    for (var value = 0x811c9dc5, i = 0; i < text.length;) value = Math.imul(value ^ text.charCodeAt(i++), 0x1000193);
    return value >>> 0;
  }

  /** 128 random bits. */
  function random() {
    return [].map.call(crypto.getRandomValues(new Uint32Array(4)), function (part) {
      return part.toString(36);
    }).join("");
  }

  function save() {
    storage[NAME] = write(state);
  }

  /** Take the visitor of a token for ours; what is remembered belongs to the one that had it. */
  function adopt(token) {
    var id = token.split(".")[1];
    if (state.i != id) state = {i: id, m: {}};
    state.t = token;
    save();
  }

  /** Open the visitor's memory; throws where the browser has none for us. */
  function remember() {
    var cookie = /(?:^|; )(?:__\w+-)?leansplit=(v1\.[\w-]{8,64}\.[\w-]+)/.exec(document.cookie), key;
    storage = localStorage;
    state = parse(storage[NAME] || 0) || {i: random(), m: {}};
    save();
    if (cookie) adopt(cookie[1]);
    for (key in storage) if (!key.indexOf(NAME + ":")) queue.push(parse(storage[key]));
  }

  function variant(name) {
    var experiment = config[name], known, position, i;
    if (!experiment) return console.warn(NAME + ": no experiment " + name), CONTROL;
    known = forced[name] || experiment.show || off && experiment.keys[0];
    if (known) return known;
    known = state.m[name];
    if (!known || known[1] < experiment.since) {
      known = 0;
      position = hash("" + hash(experiment.seed + state.i)) % 1e4 / 1e4;
      experiment.ranges.map(function (range, i) {
        if (range[0] <= position && position < range[1]) known = known || [experiment.keys[i], experiment.phase, 0];
      });
      if (!known) return experiment.keys[0];
      state.m[name] = known;
    }
    if (!seen[name] && now() - known[2] > DAY)
      add({type: "enroll", experiment: name, variation: known[0], phase: known[1]});
    seen[name] = 1;
    return known[0];
  }

  function add(event) {
    if (off) return;
    event.id = random();
    held.push(event);
    commit();
  }

  /** Once somebody sees the page: write down what was held back, and send it soon. */
  function commit() {
    if (off || !open) return;
    held.splice(0).map(function (event) {
      event.age = now();
      queue.push(event);
      storage[NAME + ":" + event.id] = write(event);
    });
    save();
    later(400);
  }

  function later(wait) {
    if (queue[0] && !timer) timer = setTimeout(send, Math.max(wait, state.w - now() || 0));
  }

  function forget(event) {
    storage.removeItem(NAME + ":" + event.id);
  }

  /** Until it is sent, an event's age is the instant that it happened at. */
  function body(events) {
    return write({visitor: state.t || state.i, events: events}, function (key, value) {
      return key == "age" ? Math.max(0, now() - value) : value;
    });
  }

  function send() {
    var sent;
    timer = 0;
    if (off || busy) return;
    queue = queue.filter(function (event) {
      return now() - event.age < DAY || forget(event);
    });
    sent = queue.slice(0, busy = Math.min(queue.length, 50));
    if (busy) fetch(base + "/e/collect", {method: "POST", body: body(sent), keepalive: true, credentials: "include"}).then(
      function (response) {
        var token = response.headers.get("X-Leansplit-Visitor");
        if (response.status > 428) return again(response.headers.get("Retry-After"));
        sent.map(function (event) {
          forget(event);
          if (event.type == "confirm") state.c = now();
          (state.m[event.experiment] || [])[2] = now();
        });
        queue.splice(0, busy);
        busy = state.w = state.n = 0;
        if (token) adopt(token);
        save();
        later(400);
      }
    ).catch(again);
  }

  function again(seconds) {
    busy = 0;
    state.n = (state.n || 0) + 1;
    state.w = now() + (seconds * 1e3 || Math.min(1e3 << state.n, 3e5));
    save();
    later(0);
  }

  /** The page goes away: what is not on its way yet leaves by beacon, and is kept until it is acknowledged. */
  function leave() {
    var batch = queue.slice(busy, 50);
    if (open && !off && batch[0] && navigator.onLine && !(state.w > now())) navigator.sendBeacon(base + "/e/collect", body(batch));
  }

  function look() {
    if (off || document.prerendering) return;
    if (document.hidden) leave();
    else if (!open) {
      open = 1;
      if (!(now() - state.c < DAY)) add({type: "confirm"});
      else commit();
    }
  }

  /** Decide why nothing may be stored or sent, in a word; none for a visitor who counts. */
  function start() {
    off = navigator.webdriver ? "webdriver"
      : /[^u]bot|crawl|spider|slurp|headless|lighthouse|preview|scrap|http|fetch|monitor|python|curl/i.test(navigator.userAgent) ? "bot"
      : options.privacy != "off" && (navigator.globalPrivacyControl || navigator.doNotTrack == 1) ? "privacy"
      : agreed ? "" : "consent";
    try {
      forced = parse(sessionStorage[NAME] || "{}");
      location.search.replace(/[?&]leansplit\.([\w.-]+)=([\w.-]+)/g, function (_, name, key) {
        if ((config[name] || {keys: []}).keys.indexOf(key) >= 0) forced[name] = key;
      });
      if (write(forced) != "{}") {
        off = "forced";
        sessionStorage[NAME] = write(forced);
      }
      if (!off) remember();
    } catch (error) {
      off = "storage";
    }
    look();
  }

  /** True: the visitor agrees, go on. False: store and send nothing, and forget what there is. */
  function consent(yes) {
    agreed = yes;
    open = 0;
    if (!yes) {
      held = [];
      queue.splice(0).map(forget);
      localStorage.removeItem(NAME);
    }
    start();
  }

  function safe(method, fallback) {
    return function (a, b) {
      try {
        return method(a, b);
      } catch (error) {
        return fallback;
      }
    };
  }

  /** leansplit(function (experiments) {...}) or leansplit("goal", "buy", 12.5). */
  function api(command, a, b) {
    return command.call ? command(api) : api[command](a, b);
  }

  if (stub && stub.test) return stub;
  api.variant = safe(variant, CONTROL);
  api.control = function (name) {
    return api.variant(name) == (config[name] || {keys: [CONTROL]}).keys[0];
  };
  api.test = function (name) {
    return !api.control(name);
  };
  api.goal = safe(function (name, value) {
    add({type: "goal", goal: name, value: value});
  });
  api.consent = safe(consent);
  window[NAME] = api;
  window.experiments = window.experiments || api;
  safe(start)();
  ["visibilitychange", "prerenderingchange"].map(function (kind) {
    document.addEventListener(kind, look);
  });
  addEventListener("pagehide", leave);
  addEventListener("online", function () {
    clearTimeout(timer);
    state.w = 0;
    send();
  });
  (stub && stub.q || []).map(function (call) {
    safe(api)(call[0], call[1], call[2]);
  });
  root.classList.remove("leansplit-wait");
  return api;
})(window, document, navigator, window.leansplitConfig || {}, document.currentScript);
