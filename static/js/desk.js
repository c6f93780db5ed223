/* What was typed and is not stored yet: asked for before its page is left, and given back after a sign-in that had ended.
   It is kept in the browser's tab alone, which a browser may write to its disk: without passwords, files, and whatever
   stands within data-unkept, as keys, codes and single ballots do. Nobody but who typed it finds it there. */
(function () {
  "use strict";

  var KEPT = "kaohe-typed";
  var ENDED = '[data-error="sign_in_needed"], [data-error="page_expired"]';
  var EXPECTED = ["csrf_token", "version", "latest_version", "token"];
  var isUnsaved = false;
  var cameFrom = "";

  function kept() {
    try {
      return JSON.parse(window.sessionStorage.getItem(KEPT));
    } catch (ignored) {
      return null;
    }
  }

  function keep(what) {
    try {
      if (what) {
        window.sessionStorage.setItem(KEPT, JSON.stringify(what));
      } else {
        window.sessionStorage.removeItem(KEPT);
      }
    } catch (ignored) { /* A browser may keep nothing for a page; then nothing is given back. */ }
  }

  function whoseTab() {
    var name = document.querySelector(".bar-name");
    return name ? name.textContent : "";
  }

  /* The page's own address; an answer to a form has none, and the step that it belongs to is gone back to, or the page
     of the form where there are no steps. */
  function pagePath() {
    var step = document.querySelector('.steps [aria-current="step"], .steps [aria-current="page"]');
    var isAnswer = document.getElementById("main").hasAttribute("data-posted");
    var before = step ? step.getAttribute("href") : cameFrom;
    return isAnswer && before ? before : window.location.pathname;
  }

  function isTyped(field) {
    return field.name && ["password", "file", "submit", "button"].indexOf(field.type) < 0 &&
      EXPECTED.indexOf(field.name) < 0 && !field.closest("[data-unkept]");
  }

  function fieldsOf(form) {
    return Array.prototype.filter.call(form.elements, isTyped);
  }

  function keepForm(form) {
    var fields = fieldsOf(form).map(function (field) { return [field.name, field.value, Boolean(field.checked)]; });
    keep({ path: pagePath(), who: whoseTab(), action: form.getAttribute("action"), fields: fields, isEnded: false });
  }

  function isPosted(form) {
    return form && form.method === "post" && form.closest("#main");
  }

  /* Whether a form goes where another one goes, as a preview does whose address stands below that of its page. */
  function belongsTo(action, other) {
    var one = action + "/", two = other + "/";
    return action === other || (action && other && (one.indexOf(two) === 0 || two.indexOf(one) === 0));
  }

  /* The form of this page that goes where the kept one went, and in which most of it has a place. Of forms that are alike,
     as one for each group, it is the one whose hidden fields say the same. */
  function formFor(what) {
    var best = null, most = 0;
    Array.prototype.forEach.call(document.querySelectorAll('#main form[method="post"]'), function (form) {
      var places = !belongsTo(form.getAttribute("action"), what.action) ? 0 : fieldsOf(form).filter(function (field) {
        return what.fields.some(function (each) {
          return each[0] === field.name && (field.type !== "hidden" || each[1] === field.value);
        });
      }).length;
      if (places > most) {
        best = form;
        most = places;
      }
    });
    return best;
  }

  function giveBack(what) {
    var form = formFor(what), rest = what.fields.slice(), said;
    if (!form) {
      return;
    }
    fieldsOf(form).forEach(function (field) {
      var isChoice = field.type === "radio" || field.type === "checkbox";
      var at = rest.map(function (each) { return each[0] === field.name && (!isChoice || each[1] === field.value); }).indexOf(true);
      if (at < 0 || field.type === "hidden") {
        return;
      }
      if (isChoice) {
        field.checked = rest[at][2];
      } else {
        field.value = rest[at][1];
      }
      rest.splice(at, 1);
    });
    said = document.createElement("p");
    said.className = "notice notice-info";
    said.setAttribute("role", "status");
    said.textContent = "您已重新登录，刚才填写的内容还在下面，尚未保存，请核对后提交。";
    document.getElementById("messages").appendChild(said);
    isUnsaved = true;
  }

  /* A refusal because the sign-in had ended leads back to the page that it came from. */
  function lookForEnd() {
    var what = kept(), refusal = document.querySelector(ENDED);
    var link = refusal && refusal.parentNode.querySelector("a.button");
    if (!what || !link) {
      return false;
    }
    what.isEnded = true;
    keep(what);
    link.href = what.path;
    isUnsaved = false;
    return true;
  }

  document.addEventListener("input", function (event) {
    isUnsaved = isUnsaved || Boolean(isPosted(event.target.form));
  });
  document.addEventListener("submit", function (event) {
    if (isPosted(event.target)) {
      keepForm(event.target);
      isUnsaved = false;
    } else if (event.target.method === "post") {
      keep(null);
    }
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.detail.elt.closest("form");
    if (isPosted(form)) {
      keepForm(form);
    }
  });
  document.addEventListener("htmx:responseError", function (event) {
    var form = event.detail.elt.closest("form");
    isUnsaved = isUnsaved || Boolean(isPosted(form)) && fieldsOf(form).some(function (field) { return field.type !== "hidden"; });
  });
  document.addEventListener("htmx:afterSwap", lookForEnd);
  window.addEventListener("beforeunload", function (event) {
    if (isUnsaved) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  /* Copies what a field shows. A page that is not served by TLS may not use the clipboard, but for what is selected in it. */
  function showCopying() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-copies]"), function (button) { button.hidden = false; });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copies]");
    if (button) {
      var said = button.nextElementSibling;
      document.getElementById(button.getAttribute("data-copies")).select();
      said.textContent = said.getAttribute(document.execCommand("copy") ? "data-copied" : "data-uncopied");
      button.focus();
    }
  });
  document.addEventListener("htmx:afterSwap", showCopying);
  showCopying();

  /* A page that a new part makes shorter would move, and put another button under the pointer that has just pressed one. */
  document.addEventListener("htmx:beforeSwap", function () {
    document.body.style.minHeight = window.scrollY ? window.scrollY + window.innerHeight + "px" : "";
  });

  (function () {
    var what = kept();
    if (!what || lookForEnd()) {
      return;
    }
    if (what.isEnded && what.who === whoseTab() && what.path === window.location.pathname) {
      giveBack(what);
      keep(null);
    } else if (!what.isEnded || (whoseTab() && what.who !== whoseTab())) {
      cameFrom = what.isEnded ? "" : what.path;
      keep(null);
    }
  })();
})();
