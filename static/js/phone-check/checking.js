/* Whether the receipt is signed for the very envelope that this phone has sealed, and whether that one is in the list.
   Comes with each tap that asks for it; the server learns that somebody asked for the list, and nothing else. */
(function (kaohe) {
  'use strict';

  var TELL_STAFF = '请截屏保留本页和“签名回执”，交给监票人核查。';
  var LATER = '请不要关闭本页，稍后再点一次。';
  var button = document.querySelector('[data-check]');
  var told = button.nextElementSibling;

  function tell(text, isBad) {
    told.className = isBad ? 'message bad' : 'message';
    told.hidden = false;
    kaohe.tell(told, text);
    button.disabled = false;
  }

  function bytesOfBase64(text) {
    return kaohe.bytesOf(window.atob(text.replace(/-/g, '+').replace(/_/g, '/')));
  }

  function hexOf(bytes) {
    return Array.prototype.map.call(bytes, function (byte) { return (byte < 16 ? '0' : '') + byte.toString(16); }).join('');
  }

  /* The digest of the envelope that was sent, as the server has to make it. */
  function digestOfSent() {
    var found = /&tag=(\w+)&.*&box=([\w\-]+)/.exec(kaohe.sent);
    return kaohe.hash([kaohe.bytesOf('kaohe envelope|'), kaohe.bytesIn(found[1]), bytesOfBase64(found[2])]);
  }

  /* The round of a receipt that is signed for this envelope by the key that vouched for the box; '' for any other. */
  function roundSigned(digest) {
    var found = /^KAOHE1\.([\w\-]+)\.(\d+)\.([\w\-]+)$/.exec(document.querySelector('main [name="signed"]').value);
    var said = found ? bytesOfBase64(found[3]) : '';
    if (!found || hexOf(said.subarray(0, 32)) !== hexOf(digest)) { return ''; }
    var message = kaohe.joined([kaohe.bytesOf('kaohe signed-receipt|' + found[1] + '|' + found[2] + '|'), digest]);
    return window.kaohePrimitives.isSigned(kaohe.bytesIn(kaohe.box.signer), message, said.subarray(32)) ? found[2] : '';
  }

  function look(digest, round) {
    var request = new XMLHttpRequest();
    request.open('GET', location.pathname + '/envelopes.txt');
    request.timeout = kaohe.TIMEOUT;
    request.onload = function () {
      var lines = request.responseText.split('\n');
      if (request.status !== 200) {
        tell('回执的签名无误。信封清单在投票结束、拆票以后公布，现在还看不到。' + LATER);
      } else if (request.getResponseHeader('X-Kaohe-Round') !== round) {
        tell('回执的签名无误。现在公布的是另一轮投票的信封清单，您的票不在那一轮。');
      } else if (lines.indexOf(hexOf(digest)) < 0) {
        tell('信封清单共 ' + (lines.length - 1) + ' 个信封，其中没有您的票。' + TELL_STAFF, true);
      } else {
        tell('已核对：您的票在票箱里。信封清单共 ' + (lines.length - 1) + ' 个信封，这部手机封好的那一个在其中，回执的签名也无误。');
      }
    };
    request.onerror = request.ontimeout = function () { tell('没有连上服务器。' + LATER); };
    request.send();
  }

  var digest = digestOfSent();
  var round = roundSigned(digest);
  if (round) { look(digest, round); } else { tell('签名回执与这部手机封好的票不一致。' + TELL_STAFF, true); }
})(window.kaohe);
