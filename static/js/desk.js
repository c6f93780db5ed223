/* What was typed and is not stored yet: asked for before its page is left, and given back where it was refused, be it on the
   page of its form, whose question opens again, or after a sign-in that had ended. It is kept in the browser's tab alone,
   which a browser may write to its disk: without passwords, files, and whatever stands within data-unkept, as keys, codes
   and single ballots do. Nobody but who typed it finds it there. */
(function () {
  "use strict";

  var KEPT = "kaohe-typed";
  /* What somebody else has saved meanwhile is not to be overwritten unseen: there the page says what stands in its fields.
     The warning about the box refuses nothing. */
  var REFUSED = '#main .notice[role="alert"][data-error]:not([data-error="edited_meanwhile"], [data-error="box_warning"])';
  var TURNED_AWAY = "#main p[data-error]";
  var EXPECTED = ["csrf_token", "version", "latest_version", "token"];
  var unsaved = [];
  var isRefused = false;
  var isAnswer = document.getElementById("main").hasAttribute("data-posted");
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
    var name = document.querySelector("[data-own-account]");
    return name ? name.textContent : "";
  }

  function ownPath() {
    return window.location.pathname + window.location.search;
  }

  /* The page's own address; one that was loaded as the answer to a form has none, and the page of the form is gone back to,
     or the step that it belongs to where that is not known any more. */
  function pagePath() {
    var step = document.querySelector('.steps [aria-current="step"], .steps [aria-current="page"]');
    var before = cameFrom || (step && step.getAttribute("href"));
    return isAnswer && before ? before : ownPath();
  }

  function isTyped(field) {
    return field.name && ["password", "file", "submit", "button"].indexOf(field.type) < 0 &&
      EXPECTED.indexOf(field.name) < 0 && !field.closest("[data-unkept]");
  }

  function fieldsOf(form) {
    return Array.prototype.filter.call(form.elements, isTyped);
  }

  function keepForm(form) {
    var fields = fieldsOf(form).map(function (field) {
      var chosen = field.selectedOptions && field.selectedOptions[0];
      return {
        name: field.name, kind: kindOf(field), value: field.value, isChosen: Boolean(field.checked),
        label: chosen ? chosen.textContent : ""
      };
    });
    keep({ path: pagePath(), who: whoseTab(), action: form.getAttribute("action"), fields: fields, isTurnedAway: false });
  }

  /* The one that was typed in last is the last. */
  function noteTyped(form) {
    unsaved = unsaved.filter(function (other) { return other !== form; }).concat(form);
  }

  function isPosted(form) {
    return form && form.method === "post" && form.closest("#main");
  }

  /* Whether a form goes where another one goes, as a preview does whose address stands below that of its page. From which
     part of a list it comes does not matter. */
  function belongsTo(action, other) {
    var one = goal(action), two = goal(other);
    return action === other || (action && other && (one.indexOf(two) === 0 || two.indexOf(one) === 0));
  }

  function goal(action) {
    return (action || "").split(/[?#]/)[0] + "/";
  }

  function kindOf(field) {
    return field.type === "hidden" ? "hidden" : field.type === "radio" || field.type === "checkbox" ? "choice" : "text";
  }

  /* Whether a field is the place of a kept one: hidden ones and choices are told by their values. What a preview carries on
     in a hidden field was typed into the page before it. */
  function isPlace(field, each) {
    var kind = kindOf(field);
    return field.name === each.name &&
      (kind === "text" ? each.kind !== "choice" : kind === each.kind && field.value === each.value);
  }

  function isOfAnother(field, what) {
    var same = what.fields.filter(function (each) { return each.kind === "hidden" && each.name === field.name; });
    return field.type === "hidden" && same.length > 0 && !same.some(function (each) { return each.value === field.value; });
  }

  /* The form of this page that goes where the kept one went, and in which most of it has a place. Of forms that are alike,
     as one for each group, it is the one whose hidden fields say the same, and no other. */
  function formFor(what) {
    var best = null, most = 0;
    Array.prototype.forEach.call(document.querySelectorAll('#main form[method="post"]'), function (form) {
      var fields = fieldsOf(form), places;
      if (!belongsTo(form.getAttribute("action"), what.action) || fields.some(function (field) { return isOfAnother(field, what); })) {
        return;
      }
      places = fields.filter(function (field) {
        return what.fields.some(function (each) { return isPlace(field, each); });
      }).length;
      if (places > most) {
        best = form;
        most = places;
      }
    });
    return best;
  }

  /* What was chosen from another part of a long list is offered here too: nobody else stands in its place. */
  function fill(field, each) {
    if (kindOf(field) === "choice") {
      field.checked = each.isChosen;
      return;
    }
    field.value = each.value;
    if (field.tagName === "SELECT" && field.value !== each.value) {
      field.appendChild(document.createElement("option")).textContent = each.label;
      field.lastChild.value = each.value;
      field.value = each.value;
    }
  }

  /* The form that holds again what was typed; null where it has none, or nobody has typed anything. */
  function givenBack(what) {
    var form = formFor(what), rest = what.fields.slice();
    var fields = form ? fieldsOf(form).filter(function (field) { return field.type !== "hidden"; }) : [];
    fields.forEach(function (field) {
      var at = rest.map(function (each) { return isPlace(field, each); }).indexOf(true);
      if (at >= 0) {
        fill(field, rest[at]);
        rest.splice(at, 1);
      }
    });
    if (!fields.length) {
      return null;
    }
    noteTyped(form);
    return form;
  }

  function saidGivenBack() {
    var said = document.createElement("p");
    said.className = "notice notice-info";
    said.setAttribute("role", "status");
    said.textContent = "刚才填写的内容还在下面，尚未保存，请核对后提交。";
    document.getElementById("messages").appendChild(said);
    return said;
  }

  /* A form that was folded away or stood in a question stands there open, and the question says why. */
  function unfold(form, said) {
    var question = form.closest("[popover]"), fold = form.closest("details:not([open])");
    while (fold) {
      fold.open = true;
      fold = form.closest("details:not([open])");
    }
    if (question && question.showPopover) {
      question.showPopover();
      form.insertBefore(said, form.firstChild);
      focusWhenLoaded(fieldsOf(form).filter(function (field) { return field.type !== "hidden"; })[0]);
    }
  }

  /* An address that names a part of its page takes the focus away as the page is loaded. */
  function focusWhenLoaded(field) {
    if (document.readyState === "complete") {
      field.focus();
    } else {
      window.addEventListener("load", function () { field.focus(); });
    }
  }

  /* The page that answers a form, where it refuses what was posted. */
  function answerRefused(what) {
    var refusal = document.querySelector(REFUSED);
    var form = refusal && what.who === whoseTab() ? givenBack(what) : null;
    if (form) {
      unfold(form, refusal);
    }
    return Boolean(refusal);
  }

  /* A refusal that is a page of its own, as where the sign-in had ended, leads back to the page that it came from. */
  function isTurnedAway(what) {
    var refusal = document.querySelector(TURNED_AWAY);
    var link = refusal && refusal.parentNode.querySelector("a.button");
    if (!link) {
      return false;
    }
    what.isTurnedAway = true;
    keep(what);
    link.href = what.path;
    if (refusal.getAttribute("data-error") !== "sign_in_needed") {
      link.textContent = "返回刚才的页面";
    }
    unsaved = [];
    return true;
  }

  document.addEventListener("input", function (event) {
    if (isPosted(event.target.form)) {
      noteTyped(event.target.form);
    }
  });
  document.addEventListener("submit", function (event) {
    if (isPosted(event.target)) {
      keepForm(event.target);
      unsaved = [];
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
  /* What the page asks for by itself may be refused too, and takes away what is being typed. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    var isOfForm = isPosted(event.detail.requestConfig.elt.closest("form")), typedLast = unsaved[unsaved.length - 1];
    isRefused = event.detail.xhr.status >= 400;
    if (isOfForm && !isRefused) {
      keep(null);
    } else if (isRefused && !isOfForm && isPosted(typedLast)) {
      keepForm(typedLast);
    }
  });
  document.addEventListener("htmx:afterSettle", function () {
    var what = isRefused && kept();
    isRefused = false;
    if (what && !isTurnedAway(what)) {
      answerRefused(what);
    }
  });
  /* A press or a search that replaces what is being typed leaves it as another page would. */
  document.addEventListener("htmx:confirm", function (event) {
    var asked = event.detail, discarded = asked.elt.closest("[data-discards]") && asked.elt.closest("form");
    var isLost = asked.verb === "get" && asked.triggeringEvent && unsaved.some(function (form) {
      return form !== discarded && asked.target.contains(form);
    });
    if (isLost && !window.confirm("填写的内容尚未保存，继续就会丢失。要继续吗？")) {
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:afterSwap", function () {
    unsaved = unsaved.filter(function (form) { return document.contains(form); });
  });
  window.addEventListener("beforeunload", function (event) {
    if (unsaved.length) {
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
    if (!what || isTurnedAway(what)) {
      return;
    }
    if (!what.isTurnedAway) {
      cameFrom = what.path;
      /* Kept for as long as the refusal stands, which a browser may load anew. */
      if (!isAnswer || !answerRefused(what)) {
        keep(null);
      }
    } else if (what.who === whoseTab() && what.path === ownPath()) {
      var form = givenBack(what);
      if (form) {
        unfold(form, saidGivenBack());
      }
      keep(null);
    } else if (whoseTab() && what.who !== whoseTab()) {
      keep(null);
    }
  })();
})();
