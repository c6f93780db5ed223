/* A page that could not be shown is asked for again. Its address stays whole, and with it the ticket's code behind the #,
   which a refresh without a script does not reload. */

(function () {
  "use strict";

  var waiting = document.querySelector("[data-again]");
  window.setTimeout(function () { window.location.reload(); }, Number(waiting.getAttribute("data-again")) * 1000);
})();
