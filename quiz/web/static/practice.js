// Makes an exercise pleasant: answers are checked without leaving the page, and numbers while they are typed.
import { sortable } from "./order.js";

const { readNumber } = await import(document.querySelector("script[data-numbers]").dataset.numbers);
let busy = false;
let waiting = ""; // what a button said while an answer was on its way
let pressed = Promise.resolve(); // no button is replaced between its press and its click

let released = () => {};
["pointerup", "pointercancel"].forEach((kind) => document.addEventListener(kind, () => setTimeout(() => released())));
document.addEventListener("pointerdown", () => { pressed = new Promise((done) => { released = done; }); });

const form = () => document.getElementById("exercise");
const words = () => form().dataset;

function checkNumbers(ask) {
  const said = ask.querySelector("output.said");
  if (!said) return;
  let odd = false;
  const read = [];
  ask.querySelectorAll("input[data-number]").forEach((box) => {
    const typed = box.value.trim();
    const found = typed ? readNumber(typed, words().lang, true) : null;
    const wrong = Boolean(typed) && !found;
    if (wrong) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
    odd = odd || wrong;
    if (found && found.worked) read.push(written(found.value));
  });
  said.className = odd ? "said odd" : "said";
  said.textContent = odd ? words().odd : read.length ? words().read.replace("%(value)s", read.join("; ")) : "";
}

function written(value) {
  const text = String(Number(value.toPrecision(7))).replace("-", "\u2212");
  return words().lang === "en" ? text : text.replace(".", ",");
}

function complete(ask) {
  const boxes = [...ask.querySelectorAll("input:not([type]), select")];
  if (boxes.length) return boxes.every((box) => box.value.trim()) && !ask.querySelector("[aria-invalid]");
  return ask.dataset.kind === "choice" && Boolean(ask.querySelector("input:checked"));
}

async function send(doing) {
  if (busy) {
    waiting = doing;
    return;
  }
  busy = true;
  const body = new URLSearchParams(new FormData(form()));
  body.set("do", doing);
  const focused = document.activeElement;
  const where = { id: focused.id, name: focused.name, value: focused.value, tag: focused.tagName };
  try {
    const answer = await fetch(location.pathname, { method: "POST", body });
    const text = await answer.text();
    await pressed;
    const page = new DOMParser().parseFromString(text, "text/html");
    if (new URL(answer.url).pathname !== location.pathname || !page.getElementById("exercise")) {
      history.pushState(null, "", answer.url);
      document.title = page.title;
    }
    swap(page, where, doing);
  } finally {
    busy = false;
  }
  const next = waiting;
  waiting = "";
  if (next && form()) send(next);
}

function swap(page, where, doing) {
  const typed = new Map([...document.querySelectorAll("#exercise input:not([type])")].map((box) => [box.name, box.value]));
  document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
  if (!form()) return;
  const same = doing.startsWith("check:") || doing.startsWith("hint:");
  if (same) { // what was typed while the answer was on its way
    form().querySelectorAll("input:not([type])").forEach((box) => { box.value = typed.get(box.name) ?? box.value; });
  }
  prepare();
  const [action, name] = doing.split(":");
  const told = name ? document.querySelector(`#ask-${CSS.escape(name)} ${action === "hint" ? ".hints li:last-child" : ".mark"}`)
    : document.querySelector("#result .result");
  document.getElementById("live").textContent = told ? told.textContent.trim() : "";
  const next = same
    ? (where.id && document.getElementById(where.id))
      || [...form().elements].find((box) => box.name === where.name && box.value === where.value)
    : action === "another" ? document.getElementById("main") : document.getElementById("result");
  if (next) next.focus({ preventScroll: same });
}

function prepare() {
  sortable(form(), words());
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    const ask = document.activeElement.closest(".ask");
    const button = event.submitter;
    const own = button && !button.classList.contains("hidden");
    send(own ? button.value : words().marks === "each" && ask ? "check:" + ask.dataset.ask : "check-all");
  });
  form().addEventListener("input", (event) => {
    const ask = event.target.closest(".ask");
    if (ask.dataset.kind === "several" && event.target.checked) {
      ask.querySelectorAll("input").forEach((box) => { // "none" excludes the others
        if ((box.value === "0") !== (event.target.value === "0")) box.checked = false;
      });
    }
    clearTimeout(ask.timer);
    ask.timer = setTimeout(() => checkNumbers(ask), 400);
  });
  form().addEventListener("change", (event) => {
    const ask = event.target.closest(".ask");
    checkNumbers(ask);
    const single = ask.dataset.kind === "number" || ask.dataset.kind === "vector" || ask.dataset.kind === "matrix";
    if (words().marks === "each" && single && complete(ask)) send("check:" + ask.dataset.ask);
  });
}

window.addEventListener("popstate", () => location.reload());
prepare();
