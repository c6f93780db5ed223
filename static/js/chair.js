/* The chair's page by a clicker with two buttons, for whoever has asked for it: one button presses the next act and answers its
   question, the other one leaves the question, or takes a reveal back. */
(function () {
  "use strict";

  var KEPT = "kaohe-clicker";
  // As long as what has just come takes no press (static/css/desk/shell/buttons.css).
  var SETTLES_MS = 400;

  var wanted = document.getElementById("clicker");
  var cameAt = 0;

  function came() {
    cameAt = Date.now();
  }

  function pressNext() {
    var question = document.querySelector(".confirm-box:popover-open");
    var button = (question || document).querySelector(question ? "button[type=submit]" : ".now-acts button.button-primary");
    if (button) {
      button.click();
    }
  }

  function pressBack() {
    var question = document.querySelector(".confirm-box:popover-open");
    var button = document.getElementById("take-back");
    if (question) {
      question.hidePopover();
    } else if (button) {
      button.click();
    }
  }

  try {
    wanted.checked = window.localStorage.getItem(KEPT) === "on";
  } catch (ignored) { /* A browser may keep nothing for a page; then it is asked for each time. */ }
  wanted.addEventListener("change", function () {
    try { window.localStorage.setItem(KEPT, wanted.checked ? "on" : "off"); } catch (ignored) { /* As above. */ }
  });

  document.addEventListener("htmx:afterSwap", came);
  document.addEventListener("toggle", came, true);
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
