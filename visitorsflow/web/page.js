// Asks for what has changed every five seconds, counts the age on, and says when nothing comes any more.
"use strict";
const age = document.getElementById("age"), lost = document.getElementById("lost");
const now = document.getElementById("now");
let etag = "", lostText = lost.textContent, seconds = age ? Number(age.dataset.age) : 0, told = performance.now();

function show() {
  const whole = Math.floor(seconds + (performance.now() - told) / 1000);
  const [unit, each] = whole >= 3600 ? ["hours", 3600] : whole >= 60 ? ["minutes", 60] : ["seconds", 1];
  age.textContent = age.dataset.text.replace("#", age.dataset[unit].replace("#", Math.floor(whole / each)));
}

function say(text) {
  document.body.classList.toggle("lost", Boolean(text));
  if (text && lost.textContent !== text) lost.textContent = text;
  lost.hidden = !text;
}

async function ask() {
  const headers = etag ? { "If-None-Match": etag } : {};
  try {
    const answer = await fetch("/fragment" + location.search, { headers, signal: AbortSignal.timeout(10000) });
    if (answer.status !== 200 && answer.status !== 304) throw new Error(answer.status);
    const html = answer.status === 200 ? await answer.text() : "";
    etag = answer.headers.get("ETag");
    seconds = Number(answer.headers.get("X-Age")), told = performance.now();
    if (answer.headers.get("X-Page") !== document.body.dataset.page) location.reload();
    lostText = decodeURIComponent(answer.headers.get("X-Lost"));
    say(answer.headers.get("X-Old") ? lostText : "");
    if (html) {
      const open = [...now.querySelectorAll("details")].map((one) => one.open);
      now.innerHTML = html;
      now.querySelectorAll("details").forEach((one, place) => { one.open = open[place]; });
    }
  } catch {
    say(lostText);
  }
  show();
}

setInterval(show, 1000);
setInterval(ask, 5000);
