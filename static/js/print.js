/* A print button that stands only where scripts run; without them the browser's own menu prints the page. */
(function () {
  'use strict';

  Array.prototype.forEach.call(document.querySelectorAll('[data-print]'), function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      window.print();
    });
  });
})();
