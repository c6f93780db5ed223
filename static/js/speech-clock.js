/* A speaker's clock, on the wall and on the page of whoever leads. It runs on the server's time, as the page brought it: the
   clock of the machine that shows it may be wrong. Without it the page says when the speech began and how long it may take. */
(function () {
  "use strict";

  var LAST_SECONDS = 30;
  var ahead = Number(document.querySelector("[data-clock]").getAttribute("data-clock")) - Date.now();

  function clockText(seconds) {
    var rest = Math.abs(seconds);
    var after = rest % 60;
    return Math.floor(rest / 60) + ":" + (after < 10 ? "0" : "") + after;
  }

  function tick() {
    var clock = document.querySelector("[data-started]");
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

  document.addEventListener("htmx:afterSwap", tick);
  window.setInterval(tick, 200);
  tick();
})();
