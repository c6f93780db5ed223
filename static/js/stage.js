/* The projector's screen: keys, pages, and a connection that comes back by itself. */
(function () {
  "use strict";

  var QUIET_AFTER_MS = 6000;
  var NOTE_AFTER_MS = 1500;
  var CHECK_EVERY_MS = 20000;
  var CHECK_WHEN_LOST_MS = 5000;
  var LONGEST_WAIT_MS = 8000;

  var stage = document.getElementById("stage");
  var lostNote = document.getElementById("lost");
  var tools = document.getElementById("tools");
  var keys = document.getElementById("keys");
  var cover = document.getElementById("cover");
  var pageNumber = document.getElementById("page-number");

  /* Pages. The page in view survives every new picture, and follows the reveal. */

  var pageName = null;
  var firstPage = null;

  function pages() {
    return Array.prototype.slice.call(stage.querySelectorAll("[data-page]"));
  }

  function nameOf(page) {
    return page.getAttribute("data-page");
  }

  function turnTo(name) {
    var all = pages();
    var names = all.map(nameOf);
    var at = names.indexOf(name);
    pageName = names[at < 0 ? 0 : at];
    all.forEach(function (page) {
      page.hidden = nameOf(page) !== pageName;
    });
    pageNumber.textContent = all.length > 1 ? names.indexOf(pageName) + 1 + " / " + all.length : "";
  }

  function turnBy(step) {
    var names = pages().map(nameOf);
    var at = names.indexOf(pageName) + step;
    if (at >= 0 && at < names.length) {
      turnTo(names[at]);
    }
  }

  function showPage() {
    var screen = stage.querySelector("[data-first]");
    if (!screen) {
      return;
    }
    var first = screen.getAttribute("data-first");
    var kind = screen.getAttribute("data-kind");
    var followsReveal = (kind === "reveal" || kind === "speeches") && first !== firstPage;
    var stillThere = pages().map(nameOf).indexOf(pageName) >= 0;
    tick();
    firstPage = first;
    turnTo(followsReveal || !stillThere ? first : pageName);
  }

  /* Keys and the small tool bar, which fades while nobody touches anything. */

  var quietTimer = null;

  function wake() {
    document.documentElement.classList.remove("is-quiet");
    window.clearTimeout(quietTimer);
    quietTimer = window.setTimeout(function () {
      document.documentElement.classList.add("is-quiet");
    }, QUIET_AFTER_MS);
  }

  var acts = {
    next: function () { turnBy(1); },
    back: function () { turnBy(-1); },
    full: function () {
      if (document.fullscreenElement) {
        document.exitFullscreen();
      } else if (document.documentElement.requestFullscreen) {
        document.documentElement.requestFullscreen();
      }
    },
    hide: function () { cover.hidden = !cover.hidden; },
    keys: function () { keys.hidden = !keys.hidden; }
  };

  var actOfKey = {
    ArrowRight: "next", PageDown: "next", " ": "next",
    ArrowLeft: "back", PageUp: "back",
    f: "full", F: "full",
    h: "hide", H: "hide", ".": "hide",
    "?": "keys", "？": "keys"
  };

  document.addEventListener("keydown", function (event) {
    var act = actOfKey[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    // Whoever pages on with the keys knows them: the bar would lie over the last row of every page.
    if (act === "keys") {
      wake();
    }
    acts[act]();
  });
  tools.addEventListener("click", function (event) {
    var button = event.target.closest("[data-act]");
    if (button) {
      // Otherwise the next press of the space bar would press the button again.
      button.blur();
      acts[button.getAttribute("data-act")]();
    }
  });
  cover.addEventListener("click", acts.hide);
  document.addEventListener("mousemove", wake);

  /* The speaker's clock. It runs on the server's time, as the page brought it: a projector's own clock may be wrong. */

  var LAST_SECONDS = 30;
  var ahead = Number(stage.getAttribute("data-clock")) - Date.now();

  function clockText(seconds) {
    var rest = Math.abs(seconds);
    var after = rest % 60;
    return Math.floor(rest / 60) + ":" + (after < 10 ? "0" : "") + after;
  }

  function tick() {
    var clock = stage.querySelector("[data-started]");
    if (!clock) {
      return;
    }
    var left = Math.ceil((Number(clock.getAttribute("data-started")) + Number(clock.getAttribute("data-limit")) - Date.now() - ahead) / 1000);
    var text = clock.querySelector(".speech__left");
    if (text.textContent !== clockText(left)) {
      text.textContent = clockText(left);
    }
    clock.classList.toggle("is-ending", left > 0 && left <= LAST_SECONDS);
    clock.classList.toggle("is-over", left <= 0);
    clock.querySelector(".speech__word").textContent = left < 0 ? "已超时" : left === 0 ? "时间到" : "剩余时间";
  }

  /* The connection. The last picture stays on the wall while it is away. */

  var seen = stage.getAttribute("data-digest");
  var source = null;
  var noteTimer = null;

  function sayLost() {
    if (noteTimer === null) {
      noteTimer = window.setTimeout(function () { lostNote.hidden = false; }, NOTE_AFTER_MS);
    }
  }

  function sayFound() {
    window.clearTimeout(noteTimer);
    noteTimer = null;
    lostNote.hidden = true;
  }

  // Stands in for EventSource: comes back after every kind of failure, at a moment drawn anew each time (full jitter),
  // so that a server that has restarted is not met by all screens at once.
  function steadySource(url) {
    var native = null;
    var failures = 0;
    var timer = null;
    var listeners = [];
    var steady = {
      readyState: 0,
      onopen: null,
      onerror: null,
      isOpen: function () { return steady.readyState === 1; },
      addEventListener: function (name, listener) {
        function once(event) {
          if (event.lastEventId !== seen) {
            seen = event.lastEventId;
            listener(event);
          }
        }
        listeners.push({ name: name, given: listener, used: once });
        if (native) {
          native.addEventListener(name, once);
        }
      },
      removeEventListener: function (name, listener) {
        listeners = listeners.filter(function (each) {
          if (each.name !== name || each.given !== listener) {
            return true;
          }
          if (native) {
            native.removeEventListener(name, each.used);
          }
          return false;
        });
      },
      reconnect: function () {
        window.clearTimeout(timer);
        native.close();
        connect();
      },
      close: function () {
        steady.readyState = 2;
        window.clearTimeout(timer);
        native.close();
      }
    };

    function connect() {
      var address = new URL(url, window.location.href);
      address.searchParams.set("seen", seen);
      steady.readyState = 0;
      native = new EventSource(address.href);
      listeners.forEach(function (each) { native.addEventListener(each.name, each.used); });
      native.onopen = function (event) {
        failures = 0;
        steady.readyState = 1;
        sayFound();
        if (steady.onopen) {
          steady.onopen(event);
        }
      };
      // The extension is not told: it would only start to reconnect beside us.
      native.onerror = function () {
        native.close();
        steady.readyState = 0;
        failures += 1;
        sayLost();
        timer = window.setTimeout(connect, Math.random() * Math.min(LONGEST_WAIT_MS, 1000 * Math.pow(2, failures)));
      };
    }

    connect();
    return steady;
  }

  // Asks for the picture itself now and then: a line can be dead without either end noticing, and some networks let no
  // stream through.
  function check() {
    var asked = document.hidden ? Promise.resolve() : fetchNow();
    asked.then(function () {
      var pause = source && source.isOpen() ? CHECK_EVERY_MS : CHECK_WHEN_LOST_MS;
      window.setTimeout(check, pause * (0.5 + Math.random()));
    });
  }

  function fetchNow() {
    return fetch(stage.getAttribute("data-now"), { cache: "no-store", headers: { "If-None-Match": '"' + seen + '"' } })
      .then(function (reply) {
        if (reply.status === 304) {
          sayFound();
          return;
        }
        if (!reply.ok) {
          sayLost();
          return;
        }
        return reply.text().then(function (block) {
          var digest = (reply.headers.get("ETag") || "").replace(/^W\/|"/g, "");
          if (digest === seen) {
            return;
          }
          seen = digest;
          htmx.swap(stage, block, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 20 });
          sayFound();
          if (source && source.isOpen()) {
            source.reconnect();
          }
        });
      })
      .catch(sayLost);
  }

  htmx.createEventSource = function (url) {
    source = steadySource(url);
    return source;
  };

  document.documentElement.classList.add("has-script");
  tools.hidden = false;
  // Runs before the new picture is painted, whoever has swapped it in.
  new MutationObserver(showPage).observe(stage, { childList: true });
  showPage();
  window.setInterval(tick, 200);
  wake();
  window.setTimeout(check, CHECK_EVERY_MS * Math.random());
})();
