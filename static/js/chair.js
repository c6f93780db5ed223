/* The chair's page by a clicker with two buttons, for whoever has asked for it: one button presses the next act and answers its
   question, the other one leaves the question, or takes a reveal back. */
(function () {
  "use strict";

  var KEPT = "kaohe-clicker";
  // As long as what has just come takes no press (static/css/desk/shell/buttons.css).
  var SETTLES_MS = 400;

  var wanted = document.getElementById("clicker");
  var met = [];
  var cameAt = 0;

  function question() {
    return document.querySelector(".confirm-box:popover-open");
  }

  function next() {
    return question() ? question().querySelector("button[type=submit]") : document.querySelector(".now-acts button.button-primary");
  }

  function back() {
    return document.getElementById(question() ? question().id : "take-back");
  }

  /* Only what a press would meet begins to settle anew: the numbers beside it are asked for every few seconds, and a press
     just after them is meant as any other. */
  function look() {
    var meets = [next(), back()];
    if (meets[0] !== met[0] || meets[1] !== met[1]) {
      cameAt = Date.now();
    }
    met = meets;
  }

  function pressNext() {
    if (next()) {
      next().click();
    }
  }

  function pressBack() {
    if (question()) {
      question().hidePopover();
    } else if (back()) {
      back().click();
    }
  }

  try {
    wanted.checked = window.localStorage.getItem(KEPT) === "on";
  } catch (ignored) { /* A browser may keep nothing for a page; then it is asked for each time. */ }
  wanted.addEventListener("change", function () {
    try { window.localStorage.setItem(KEPT, wanted.checked ? "on" : "off"); } catch (ignored) { /* As above. */ }
  });

  look();
  document.addEventListener("htmx:afterSwap", look);
  document.addEventListener("toggle", look, true);
  document.addEventListener("keydown", function (event) {
    var act = { PageDown: pressNext, PageUp: pressBack }[event.key];
    if (!act || !wanted.checked || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    if (!event.repeat && Date.now() - cameAt >= SETTLES_MS) {
      act();
    }
  });
  wanted.closest("[hidden]").hidden = false;
})();
