/* Several marks at one tap. Sent with forms that offer any, before what offers them and the files of static/js/phone. */
window.kaohe = window.kaohe || { kinds: {}, chapters: [] };

(function (kaohe) {
  'use strict';

  /* As a tap on each of them would; '' takes a mark back. Returns of how many people. */
  kaohe.give = function (ballot, items, markFor) {
    var subjects = [];
    items.forEach(function (item) {
      var mark = markFor(item);
      ballot.keep(item.field, mark);
      item.put(mark);
      if (mark) { ballot.showMissing(item, false); }
      if (subjects.indexOf(item.subject) < 0) { subjects.push(item.subject); }
    });
    subjects.forEach(ballot.recountOf);
    ballot.say('');
    ballot.saveSoon();
    return subjects.length;
  };
})(window.kaohe);
