/**
 * leansplit's browser snippet: assigns visitors, and tells the server what they saw and did.
 *
 * ES5 throughout, since the build minifies ES5. Before this file, leansplitConfig is set to
 * {"headline": {"seed", "phase", "since", "keys": [...], "ranges": [[low, high], ...]},
 *  "old": {"keys": [...], "show": "test"}}. `script` is the element that loads this file, or what
 * stands for it.
 *
 * In localStorage: "leansplit" = {i: id, t: token, c: last acknowledged at, w: wait until, n: failures,
 * m: {experiment: [variation, phase, told at]}}, and "leansplit:<event id>" = one event that the
 * server has not acknowledged. One key an event, so that two tabs never overwrite each other's.
 */
(function (config, script) {
  var NAME = "leansplit",
    now = Date.now,
    parse = JSON.parse,
    write = JSON.stringify,
    options = script.dataset || {},
    base = options.api || script.src || location,
    address = new URL("e/collect" + (options.key ? "?key=" + options.key : ""), base),
    stub = window[NAME] || 0,
    state = {},
    forced = {},
    seen = {},
    held = [],
    queue = [],
    cookie = /([-\w]*leansplit)=(v1[^;]+)/,
    api, storage, off, open, busy, gone, timer;

  // So that no experiment is found under a name that every object has.
  config.__proto__ = null;

  /** FNV-1a of 32 bits over UTF-16 code units. */
  function hash(text) {
    for (var value = 0x811c9dc5, i = 0; i < text.length;) value = Math.imul(value ^ text.charCodeAt(i++), 0x1000193);
    return value >>> 0;
  }

  /** 128 random bits. */
  function random() {
    return crypto.getRandomValues(new Uint32Array(4)).join("-");
  }

  function save() {
    if (!off) storage[NAME] = write(state);
  }

  /** Take the visitor of a token for ours; what is remembered belongs to the one that had it. "~" marks users. */
  function adopt(token) {
    var id = decodeURIComponent(token.split(".")[1]).replace("~", "");
    if (state.i != id) state = {i: id, m: {}};
    state.t = token;
  }

  /** Open the visitor's memory; throws where the browser has none for us. */
  function remember() {
    var key;
    storage = localStorage;
    state = parse(storage[NAME] || 0) || {i: random(), m: {}};
    document.cookie.replace(cookie, function (_, name, token) {
      adopt(token);
    });
    off = 0;
    save();
    for (key in storage) if (!key.indexOf(NAME + ":")) queue.push(parse(storage[key]));
  }

  function variant(name) {
    var experiment = config[name], known, position;
    if (!experiment) throw NAME + ": no experiment " + name;
    known = forced[name] || experiment.show || off && experiment.keys[0];
    if (known) return known;
    known = state.m[name];
    if (!known || known[1] < experiment.since) {
      known = 0;
      position = hash("" + hash(experiment.seed + state.i)) % 1e4 / 1e4;
      experiment.ranges.map(function (range, i) {
        known = known || range[0] <= position && position < range[1] && [experiment.keys[i], experiment.phase, 0];
      });
      if (!known) return experiment.keys[0];
      state.m[name] = known;
    }
    // A variation that was taken out: nobody sees it any more.
    if (!~experiment.keys.indexOf(known[0])) return experiment.keys[0];
    if (!seen[name] && now() - known[2] > 864e5)
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
    later(400);
    held.splice(0, 200 - queue.length).map(function (event) {
      event.age = now();
      queue.push(event);
      storage[NAME + ":" + event.id] = write(event);
    });
    save();
  }

  function later(wait) {
    if (!timer) timer = setTimeout(send, Math.max(wait, state.w - now() || 0));
  }

  function forget(event) {
    storage.removeItem(NAME + ":" + event.id);
  }

  /** Until it is sent, an event's age is the instant that it happened at. */
  function body(events) {
    return write({visitor: state.t || state.i, events: events}, function (key, value) {
      return key == "age" ? now() - value : value;
    });
  }

  function send() {
    var sent;
    timer = 0;
    if (off || busy) return;
    queue = queue.filter(function (event) {
      return now() - event.age < 864e5 || forget(event);
    });
    sent = queue.slice(0, 50);
    if (busy = sent.length) fetch(address, {method: "POST", body: body(sent), keepalive: 1, credentials: "include"}).then(
      function (response) {
        var token = response.headers.get("X-Leansplit-Visitor");
        if (response.status > 428) return again(response.headers.get("Retry-After"));
        sent.map(function (event) {
          forget(event);
          (state.m[event.experiment] || [])[2] = now();
        });
        queue.splice(0, busy);
        busy = gone = state.w = state.n = 0;
        state.c = now();
        if (token) adopt(token);
        save();
        later(400);
      }
    ).catch(again);
  }

  function again(seconds) {
    busy = gone = 0;
    state.n = Math.min(state.n + 1 || 1, 8);
    state.w = now() + (seconds * 1e3 || 1e3 + Math.random() * 1e3 << state.n);
    save();
    later(0);
  }

  /** The page goes away: what is not on its way yet leaves by beacon, and is kept until it is acknowledged. */
  function leave() {
    var batch = queue.slice(gone || busy);
    if (open && !off && batch[0] && navigator.onLine && !(state.w > now())) {
      gone = queue.length;
      navigator.sendBeacon(address, body(batch.slice(0, 50)));
    }
  }

  function look() {
    if (off || document.prerendering) return;
    if (document.hidden) return leave();
    if (!open) {
      open = 1;
      if (!(now() - state.c < 864e5)) add({type: "confirm"});
      commit();
    }
  }

  /** Decide why nothing may be stored or sent, in a word; none for a visitor who counts. */
  function start() {
    var reason =
      navigator.webdriver || /http|[^u]bot|crawl|spider|headless|lighthouse/i.test(navigator.userAgent) ? "bot"
      : !options.privacy && (navigator.globalPrivacyControl || navigator.doNotTrack == 1) ? "privacy"
      : options.consent && "consent", name;
    // Which it stays if what follows throws: there is no storage for us.
    off = api.off = 1;
    forced = parse(sessionStorage[NAME] || "{}");
    location.search.replace(/[?&]leansplit\.([\w.-]+)=([\w.-]+)/g, function (_, name, key) {
      if (config[name] && ~config[name].keys.indexOf(key)) forced[name] = key;
    });
    for (name in forced) reason = sessionStorage[NAME] = write(forced);
    if (!reason) remember();
    off = api.off = reason;
    look();
  }

  /** True: the visitor agrees, go on. False: store and send nothing, and forget what there is. */
  function consent(yes) {
    options.consent = yes ? "" : "no";
    open = 0;
    if (!yes) {
      held = [];
      queue.map(forget);
      document.cookie.replace(cookie, function (_, name) {
        document.cookie = name + "=;path=/;max-age=0;secure";
      });
      localStorage.removeItem(NAME);
    }
    queue = [];
    start();
  }

  function safe(method, fallback) {
    return function (a, b, c) {
      try {
        return method(a, b, c);
      } catch (error) {
        console.warn(error);
        return fallback;
      }
    };
  }

  if (stub.test) return stub;
  /** leansplit(function (experiments) {...}) or leansplit("goal", "buy", 12.5). */
  api = safe(function (command, a, b) {
    return command.call ? command(api) : api[command](a, b);
  });
  api.variant = safe(variant, "control");
  api.control = function (name) {
    return api.variant(name) == (config[name] ? config[name].keys[0] : "control");
  };
  api.test = function (name) {
    return !api.control(name);
  };
  api.goal = safe(function (name, value) {
    add({type: "goal", goal: name, value: Math.round(value * 1e4) / 1e4});
  });
  api.consent = safe(consent);
  window[NAME] = api;
  window.experiments = window.experiments || api;
  safe(start)();
  addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look);
  addEventListener("pagehide", leave);
  addEventListener("storage", function (event) {
    if (event.key == NAME) state = parse(event.newValue) || state;
  });
  addEventListener("online", function () {
    clearTimeout(timer);
    state.w = 0;
    send();
  });
  (stub.q || []).map(function (call) {
    api.apply(0, call);
  });
  document.documentElement.classList.remove("leansplit-wait");
  if (/[?&]leansplit.debug=1/.test(location.search))
    document.documentElement.appendChild(document.createElement("script")).src = new URL("leansplit.debug.js", base);
  return api;
})(window.leansplitConfig || {}, document.currentScript || {});
