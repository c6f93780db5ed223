/* Tries on this phone what a ballot will need, and says how much of it works. Nothing is kept, here or on the server. */
(function () {
  'use strict';

  var OLDEST_CHROMIUM = 89;
  var OLDEST_IOS = 14;
  var LARGEST_TEXT = 200;
  var APPS = [['MicroMessenger', '微信'], ['DingTalk', '钉钉'], ['AlipayClient', '支付宝'], ['Lark', '飞书'], ['QQ/', 'QQ']];
  var main = document.getElementById('phone-check');
  var list = document.getElementById('tried');
  var heading = main.querySelector('h1');
  var lines = [];

  function number(pattern) {
    var found = pattern.exec(navigator.userAgent);
    return found ? Number(found[1]) : 0;
  }

  function appName() {
    var found = APPS.filter(function (app) { return navigator.userAgent.indexOf(app[0]) >= 0; })[0];
    return found ? found[1] : '浏览器';
  }

  function engine() {
    var chromium = number(/Chrome\/(\d+)/);
    var ios = number(/(?:iPhone|CPU) OS (\d+)_/);
    var isNew = chromium ? chromium >= OLDEST_CHROMIUM : !ios || ios >= OLDEST_IOS;
    return { works: isNew, said: appName() + (chromium ? '，内核 Chrome ' + chromium : ios ? '，iOS ' + ios : ''), advice: '版本太旧，请换用手机自带的浏览器，或领纸质票。' };
  }

  function code() {
    var wanted = main.getAttribute('data-code');
    return { works: location.hash.indexOf('#' + wanted) === 0, said: '二维码里的票码', advice: '没有读到，请用手机自带的相机重扫。' };
  }

  function storage() {
    var works = false;
    try {
      window.localStorage.setItem('kaohe.trial', wordOf());
      works = window.localStorage.getItem('kaohe.trial') === wordOf();
      window.localStorage.removeItem('kaohe.trial');
    } catch (blocked) { /* said below */ }
    return { works: works, said: '中途退出，填好的还在', advice: '浏览器不让保存：能投票，但中途退出要重填。请退出无痕模式。' };
  }

  function wordOf() { return main.getAttribute('data-code'); }

  function sealing() {
    var works = Boolean(window.crypto && window.crypto.getRandomValues && window.DOMParser && window.history.replaceState);
    return { works: works, said: '在手机上封票', advice: '封不了：请换用手机自带的浏览器。' };
  }

  function text() {
    var probe = document.createElement('span');
    probe.style.cssText = 'position:absolute;font-size:20px;line-height:1;white-space:nowrap';
    probe.textContent = '测测测测测';
    document.body.appendChild(probe);
    var percent = Math.round(probe.getBoundingClientRect().width);
    document.body.removeChild(probe);
    return { works: percent <= LARGEST_TEXT, said: '字号 ' + percent + '%', advice: '字号太大，请调小一些。' };
  }

  function show(line, isSettled) {
    var node = document.createElement('li');
    node.className = isSettled ? (line.works ? 'works' : 'fails') : '';
    node.textContent = line.said + (isSettled && !line.works ? '：' + line.advice : '');
    if (line.node) { list.replaceChild(node, line.node); } else { list.appendChild(node); }
    line.node = node;
  }

  function conclude() {
    var good = lines.filter(function (line) { return line.works; }).length;
    var isGood = good === lines.length;
    heading.textContent = isGood ? '这部手机能投票' : '这部手机有 ' + (lines.length - good) + ' 项要处理';
    if (isGood) { main.classList.add('done'); }
    document.getElementById('score').textContent = good + '/' + lines.length;
  }

  function send() {
    var line = { works: false, said: '正在和服务器往返一次…', advice: '没有收到回复。请看是不是还连着会场的无线网络，并暂时关闭移动数据，再刷新本页。' };
    var begun = Date.now();
    var request = new XMLHttpRequest();
    lines.push(line);
    show(line, false);
    function settle(works) {
      line.works = works;
      line.said = works ? '和服务器往返一次，用时 ' + (Date.now() - begun) + ' 毫秒' : '和服务器往返一次';
      show(line, true);
      conclude();
    }
    request.open('POST', location.pathname);
    request.timeout = 10000;
    request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.onload = function () { settle(request.status === 200 && request.responseText === wordOf()); };
    request.onerror = request.ontimeout = function () { settle(false); };
    request.send('code=' + encodeURIComponent(wordOf()));
  }

  list.textContent = '';
  lines = [engine(), code(), storage(), sealing(), text()];
  lines.forEach(function (line) { show(line, true); });
  send();
})();
