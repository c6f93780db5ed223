/* Typing a ballot on paper as into a spreadsheet: Enter goes on to the next cell, and where one sign says everything it
   goes on by itself. Nothing is sent before the button at the end. Without scripts Enter sends, and open cells are asked
   about by the server. */
(function () {
  "use strict";

  var ONE_SIGN = /^[0-9a-fA-FxX\-\u00d7\uff10-\uff19]$/;
  var cells = Array.prototype.slice.call(document.querySelectorAll("[data-cell]"));
  var save = document.querySelector("[data-save]");

  function goOn(cell) {
    var next = cells[cells.indexOf(cell) + 1];
    if (next) {
      next.focus();
      next.select();
    } else {
      save.focus();
    }
  }

  // A page that was asked for by its address begins in the first cell too.
  if (cells.length) {
    cells[0].focus();
  }
  cells.forEach(function (cell) {
    cell.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        goOn(cell);
      }
    });
    cell.addEventListener("input", function (event) {
      if (!event.isComposing && cell.getAttribute("data-cell") === "one" && ONE_SIGN.test(cell.value)) {
        goOn(cell);
      }
    });
  });
})();
