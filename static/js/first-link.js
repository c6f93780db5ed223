/* A one-time link carries its secret behind the #: it is posted from there, so that no address that is sent, logged or
   kept in the history holds it. */

(function () {
  "use strict";

  var form = document.querySelector("[data-link]"), secret = window.location.hash.slice(1);
  if (secret) {
    window.history.replaceState(null, "", window.location.pathname);
    form.elements.link.value = secret;
    form.submit();
  }
})();
