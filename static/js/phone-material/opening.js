/* The material about a subject, opened in its place and asked for only then. */
(function (kaohe) {
  'use strict';

  function show(link, text, isOpen) {
    text.hidden = !isOpen;
    link.setAttribute('aria-expanded', String(isOpen));
  }

  function open(link) {
    var words = link.textContent;
    var request = new XMLHttpRequest();
    function unread() {
      link.removeAttribute('aria-busy');
      link.textContent = words + '（没有打开，请再点一次）';
    }
    link.setAttribute('aria-busy', 'true');
    request.open('GET', link.getAttribute('href'));
    request.timeout = kaohe.TIMEOUT;
    request.onload = function () {
      var found = new DOMParser().parseFromString(request.responseText, 'text/html').querySelector('.material-text');
      if (!found) { unread(); return; }
      link.removeAttribute('aria-busy');
      link.textContent = link.getAttribute('data-material');
      show(link, link.parentNode.appendChild(document.importNode(found, true)), true);
    };
    request.onerror = request.ontimeout = unread;
    request.send();
  }

  document.addEventListener('click', function (event) {
    var link = event.target;
    if (!link.hasAttribute || !link.hasAttribute('data-material')) { return; }
    event.preventDefault();
    var text = link.parentNode.querySelector('.material-text');
    if (text) { show(link, text, text.hidden); } else if (!link.hasAttribute('aria-busy')) { open(link); }
  });
})(window.kaohe);
