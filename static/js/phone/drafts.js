/* The draft: what was put in, kept on this phone under its ticket until the receipt is there. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var local = kaohe.local;
  var tab = kaohe.tab;
  var storageKeys = ballot.storageKeys;
  var saving = null;
  var BLOCK = 1024;

  /* The ticket's code is not written where a draft is kept: whoever has the slip finds it, nobody else reads it there. */
  function keyOf(code) { return storageKeys.round + (code ? kaohe.digest(code) : ''); }

  ballot.save = function () {
    window.clearTimeout(saving);
    saving = null;
    if (ballot.isFinished) { return; }
    var text = JSON.stringify(ballot.draft);
    if (ballot.ticket) { local.set(keyOf(ballot.ticket), sealedUp(text)); } else { tab.set(keyOf(''), text); }
  };

  /* Whole blocks under a new salt each time: neither a mark, nor how long it is, nor which one has changed can be read there. */
  function sealedUp(text) {
    var bytes = window.unescape(encodeURIComponent(text));
    var salt = kaohe.newNonce();
    while (bytes.length % BLOCK) { bytes += ' '; }
    return kaohe.today() + salt + kaohe.masked(ballot.ticket, salt, bytes);
  }

  ballot.saveSoon = function () {
    if (saving === null) { saving = window.setTimeout(ballot.save, 300); }
  };

  ballot.saveNow = function () {
    if (saving !== null) { ballot.save(); }
  };

  ballot.forget = function () {
    window.clearTimeout(saving);
    saving = null;
    if (ballot.ticket) { local.drop(keyOf(ballot.ticket)); }
    tab.drop(storageKeys.round);
    tab.drop(storageKeys.ticket);
  };

  ballot.forgetOtherRounds = function () {
    local.keys(storageKeys.drafts).forEach(function (key) { if (key.indexOf(storageKeys.round) !== 0) { local.drop(key); } });
    kaohe.dropStale(storageKeys.round);
    local.keys(storageKeys.casts).forEach(function (key) { if (key.indexOf(storageKeys.cast) !== 0) { local.drop(key); } });
    local.keys(storageKeys.draws).forEach(function (key) { if (key !== storageKeys.draw) { local.drop(key); } });
  };

  ballot.isBlank = function () {
    return !Object.keys(ballot.draft.marks).length && !Object.keys(ballot.draft.comments).length;
  };

  /* What was put in under a name, whether it can be a mark or not; nothing is kept of nothing. */
  ballot.keep = function (name, given) {
    if (given) { ballot.draft.marks[name] = given; } else { delete ballot.draft.marks[name]; }
  };

  ballot.givenTo = function (item) { return ballot.draft.marks[item.field] || ''; };

  /* The mark of an item, or '' where there is none that would be taken. */
  ballot.markOf = function (item) {
    var given = ballot.givenTo(item);
    return given && item.read(given);
  };

  ballot.isLeftOut = function (subject) {
    return Boolean(subject.leave && ballot.draft.marks[subject.leave.name]);
  };

  ballot.readPage = function () {
    ballot.subjects.forEach(function (subject) {
      subject.items.forEach(function (item) { ballot.keep(item.field, item.taken()); });
      if (subject.leave && subject.leave.checked) { ballot.keep(subject.leave.name, subject.leave.value); }
    });
    kaohe.each(ballot.form.querySelectorAll('textarea'), function (input) {
      if (input.value) { ballot.draft.comments[input.name] = input.value; }
    });
  };

  ballot.fillPage = function () {
    ballot.subjects.forEach(function (subject) {
      subject.items.forEach(function (item) { item.put(ballot.givenTo(item)); });
      if (subject.leave) { subject.leave.checked = ballot.isLeftOut(subject); }
    });
    kaohe.each(ballot.form.querySelectorAll('textarea'), function (input) {
      input.value = ballot.draft.comments[input.name] || '';
      if (input.value) { input.parentNode.open = true; }
    });
  };

  ballot.drop = function (code) { local.drop(keyOf(code)); };

  ballot.stored = function (code) { return kaohe.readDraft(local, keyOf(code), code); };
});
