// Inside DingTalk: ask the client for a code and come back to the same address with it (dingtalk.md 9.4).

const box = document.getElementById("client");
const { corp, client } = box.dataset;

function back(code) {
  const here = new URL(location.href);
  here.searchParams.set("code", code);
  location.replace(here);
}

function failed(error) {
  document.getElementById("client-now").textContent = "没有登录成功";
  document.getElementById("client-help").hidden = false;
  const code = error && (error.errorCode || error.code || error.errorMessage);
  if (!code) return;
  const line = document.getElementById("client-code");
  line.textContent = `钉钉的说明：${code}`;
  line.hidden = false;
}

const patience = setTimeout(() => failed(null), 8000);
const settled = (then) => (value) => {
  clearTimeout(patience);
  then(value);
};

if (!/DingTalk/i.test(navigator.userAgent)) settled(failed)(null);
else {
  const ask = { corpId: corp, clientId: client };
  window.dd.requestAuthCode(ask).then(settled((answer) => back(answer.code)), settled(failed));
}
