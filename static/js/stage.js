/* The projector's screen. htmx and its SSE extension fetch, swap and settle every picture and come back after a failure
   (templates/layouts/stage.html, templates/projector/stage.html). Here stands what they cannot do: turning the pages of
   one picture, by hand and by itself, keys and full screen, a score that counts up, saying on the wall that the
   connection is away, and leaving server and screen alone while nobody sees the page. */
(function () {
  "use strict";

  var QUIET_AFTER_MS = 6000;
  // Whoever turns pages by hand is left alone for so long.
  var STEERED_MS = 60000;

  var lostNote = document.getElementById("lost");
  var tools = document.getElementById("tools");
  var keys = document.getElementById("keys");
  var cover = document.getElementById("cover");
  var pageNumber = document.getElementById("page-number");

  // A picture that was asked for replaces the element together with its stream.
  function stage() {
    return document.getElementById("stage");
  }

  /* Pages. The page in view survives every new picture, and follows the reveal. */

  var pageName = null;
  var firstPage = null;
  var person = "";

  function pages() {
    return Array.prototype.slice.call(stage().querySelectorAll("[data-page]"));
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
    restSince = Date.now() + STEERED_MS;
    if (at >= 0 && at < names.length) {
      turnTo(names[at]);
    }
  }

  function showPage() {
    var screen = stage().querySelector("[data-first]");
    if (!screen) {
      return;
    }
    var first = screen.getAttribute("data-first");
    var stillThere = pages().map(nameOf).indexOf(pageName) >= 0;
    // The chair has put another scene on the wall, or revealed somebody.
    var isMoved = first !== firstPage || personText() !== person;
    firstPage = first;
    person = personText();
    turnTo(isMoved || !stillThere ? first : pageName);
    countUp();
    callOut();
    restSince = Date.now();
  }

  function personText() {
    var shown = stage().querySelector("[data-page=person]");
    return shown ? shown.textContent : "";
  }

  /* A picture changes what is different in it, and leaves everything else where it stands: a list of a hundred people made
     anew would keep a slow machine busy for a third of a second, in the middle of whatever moves. */

  function each(list, act) {
    Array.prototype.slice.call(list).forEach(act);
  }

  function bring(old, fresh) {
    if (old.isEqualNode(fresh)) {
      return;
    }
    var isLike = old.nodeType === 1 && old.nodeName === fresh.nodeName && old.childNodes.length === fresh.childNodes.length && old.id === fresh.id;
    // What is about another person comes in anew, with whatever moves there.
    if (!isLike || old.getAttribute("data-of") !== fresh.getAttribute("data-of")) {
      old.parentNode.replaceChild(fresh, old);
      return;
    }
    each(old.attributes, function (one) {
      if (!fresh.hasAttribute(one.name)) {
        old.removeAttribute(one.name);
      }
    });
    each(fresh.attributes, function (one) {
      if (old.getAttribute(one.name) !== one.value) {
        old.setAttribute(one.name, one.value);
      }
    });
    var those = Array.prototype.slice.call(fresh.childNodes);
    each(old.childNodes, function (child, at) { bring(child, those[at]); });
  }

  var streams = 0;

  window.htmx.defineExtension("changes", {
    handleSwap: function (style, target, fragment) {
      if (style !== "changes") {
        return false;
      }
      // Otherwise each page that is out of view would differ.
      each(fragment.querySelectorAll("[data-page]"), function (page) {
        page.hidden = nameOf(page) !== pageName;
      });
      var whole = fragment.querySelector("#stage");
      if (!whole) {
        bring(target.querySelector(".screen"), fragment.querySelector(".screen"));
        return [];
      }
      // A picture that had to be asked for brings a stream with it; the one that has not brought it is left, dead or alive.
      if (stream) {
        stream.close();
      }
      streams += 1;
      whole.setAttribute("data-streams", streams);
      bring(target, whole);
      return [target];
    }
  });

  /* Where nobody steers, the pages of a scene follow one another, and one person is tucked into the list. */

  var PAGE_MS = 12000;
  var restSince = Date.now();

  function sceneOf(name) {
    return name.replace(/-[0-9]+$/, "");
  }

  function turnByItself() {
    if (Date.now() - restSince < PAGE_MS || !cover.hidden) {
      return;
    }
    restSince = Date.now();
    var names = pages().map(nameOf);
    var own = names.filter(function (name) { return sceneOf(name) === sceneOf(pageName); });
    if (pageName === "person" && names.indexOf("rows-1") >= 0) {
      turnTo(stage().querySelector("[data-newest]").getAttribute("data-newest"));
    } else if (own.length > 1 && sceneOf(pageName) !== "order") {
      turnTo(own[(own.indexOf(pageName) + 1) % own.length]);
    }
  }

  /* A score counts up to what the server has written, which stands there again at the end, to the letter. */

  var COUNT_MS = 1200;
  var counted = "";

  function countUp() {
    var score = stage().querySelector("[data-counts]");
    if (!score || pageName !== "person" || counted === person) {
      return;
    }
    counted = person;
    var written = score.textContent;
    var number = Number(written);
    if (!written || number !== number || window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      return;
    }
    var places = (written.split(".")[1] || "").length;
    var began = null;
    function step(now) {
      began = began === null ? now : began;
      var part = Math.min(1, (now - began) / COUNT_MS);
      score.textContent = part < 1 ? (number * (1 - Math.pow(1 - part, 3))).toFixed(places) : written;
      if (part < 1) {
        window.requestAnimationFrame(step);
      }
    }
    window.requestAnimationFrame(step);
  }

  /* The votes of one person are called out (唱票), in an order that is drawn here from their counts and so tells of no ballot. */

  var CALL_MS = 450;
  var CALLS_MS_AT_MOST = 30000;
  var calls = { person: "" };

  function callOut() {
    var rows = Array.prototype.slice.call(stage().querySelectorAll("[data-votes]"));
    if (!rows.length || pageName !== "call" || calls.person === person || window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      return;
    }
    var marks = [];
    rows.forEach(function (row, number) {
      for (var left = Number(row.getAttribute("data-votes")); left > 0; left -= 1) {
        var at = Math.floor(Math.random() * (marks.length + 1));
        marks.push(marks[at]);
        marks[at] = number;
      }
    });
    calls = { person: person, marks: marks, began: null, called: 0, counts: rows.map(function () { return 0; }) };
    window.requestAnimationFrame(callOn);
  }

  function callOn(now) {
    var rows = stage().querySelectorAll("[data-votes]");
    var mark = stage().querySelector("[data-mark]");
    // Another person was revealed, or the scene was left.
    if (!mark || calls.person !== personText()) {
      return;
    }
    calls.began = calls.began === null ? now : calls.began;
    var all = calls.marks.length;
    var part = all ? Math.min(1, (now - calls.began) / Math.min(CALLS_MS_AT_MOST, all * CALL_MS)) : 1;
    for (; calls.called < Math.ceil(part * all); calls.called += 1) {
      calls.counts[calls.marks[calls.called]] += 1;
    }
    Array.prototype.forEach.call(rows, function (row, number) {
      var whole = Number(row.getAttribute("data-votes"));
      row.querySelector("strong").textContent = calls.counts[number];
      row.querySelector("rect").style.transform = "scaleX(" + (whole ? calls.counts[number] / whole : 1) + ")";
    });
    mark.textContent = part < 1 ? rows[calls.marks[Math.max(0, calls.called - 1)]].querySelector(".call__label").textContent : "唱票完毕";
    if (part < 1) {
      window.requestAnimationFrame(callOn);
    }
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
    ground: function () { keep(GROUND, document.documentElement.classList.toggle("is-dark") ? "dark" : "light"); },
    keys: function () { keys.hidden = !keys.hidden; }
  };

  var actOfKey = {
    ArrowRight: "next", PageDown: "next", " ": "next",
    ArrowLeft: "back", PageUp: "back",
    f: "full", F: "full",
    h: "hide", H: "hide", ".": "hide",
    d: "ground", D: "ground",
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

  /* The ground stays as it was chosen on this screen. A browser may keep nothing for a page; then it is light. */

  var GROUND = "kaohe-ground";

  function keep(name, value) {
    try { window.localStorage.setItem(name, value); } catch (ignored) { /* The choice lasts as long as the page. */ }
  }
  function kept(name) {
    try { return window.localStorage.getItem(name); } catch (ignored) { return null; }
  }
  if (kept(GROUND) === "dark") {
    document.documentElement.classList.add("is-dark");
  }

  /* A browser keeps six connections to a server: a page that nobody sees closes its stream, and takes it up again when it is seen. */

  var stream = null;
  // The extension asks for its stream by this name.
  window.htmx.createEventSource = function (url) {
    stream = new EventSource(url);
    if (document.hidden) {
      stream.close();
    }
    return stream;
  };

  function whenSeen() {
    if (document.hidden) {
      if (stream) {
        stream.close();
      }
      return;
    }
    stayAwake();
    // The picture that comes brings a stream with it, also where nothing has changed.
    if (stream && stream.readyState === EventSource.CLOSED) {
      stage().setAttribute("data-digest", "");
      window.htmx.trigger(lostNote, "seen");
    }
  }

  // A screen that nobody touches goes dark; not every browser can be asked to leave it on.
  function stayAwake() {
    if (navigator.wakeLock && !document.hidden && !document.body.classList.contains("is-mirror")) {
      navigator.wakeLock.request("screen").catch(function () { /* The battery is low, or the browser says no. */ });
    }
  }
  document.addEventListener("visibilitychange", whenSeen);
  stayAwake();

  /* The connection. The last picture stays on the wall while it is away. */

  // The stream names each picture; whoever asks for the newest one says which picture is there.
  document.addEventListener("htmx:sseMessage", function (event) {
    stage().setAttribute("data-digest", event.detail.lastEventId);
  });
  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["If-None-Match"] = '"' + stage().getAttribute("data-digest") + '"';
  });

  // A stream that fails makes htmx ask for the picture itself at once. The wall is out of date only if that fails too:
  // some networks let no stream through, and there the answers alone keep it up to date.
  function sayLost(isLost) {
    lostNote.hidden = !isLost;
  }
  document.addEventListener("htmx:sseOpen", function () { sayLost(false); });
  document.addEventListener("htmx:afterRequest", function (event) { sayLost(!event.detail.xhr.status || event.detail.xhr.status >= 400); });

  document.documentElement.classList.add("has-script");
  tools.hidden = false;
  // Comes before the new picture is painted.
  document.addEventListener("htmx:afterSwap", showPage);
  showPage();
  window.setInterval(turnByItself, 1000);
  wake();
})();
