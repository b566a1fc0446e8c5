// Keeps every answer as it is typed, and sends it again until the server has it.
import { sortable } from "./order.js";

const { readNumber } = await import(document.querySelector("script[data-numbers]").dataset.numbers);
const form = document.getElementById("paper");
const words = form.dataset;
const kept = document.getElementById("kept");
let waiting = 0;
let sending = false;
let pause = 1000;

const was = (name) => form.elements["was:" + name];
function values() {
  const found = {};
  [...form.elements].forEach((box) => {
    if (!box.name || !was(box.name) || box.name.startsWith("was:")) return;
    if (box.type === "radio" || box.type === "checkbox") found[box.name] = box.checked ? box.value : found[box.name] || "";
    else found[box.name] = box.value;
  });
  return found;
}
function changes() {
  return Object.entries(values()).filter(([name, value]) => value !== was(name).value);
}
function later(milliseconds) {
  clearTimeout(waiting);
  waiting = setTimeout(send, milliseconds);
}
async function send() {
  const changed = changes();
  if (!changed.length || sending) return;
  sending = true;
  const body = new URLSearchParams([["token", form.elements.token.value]]);
  changed.forEach(([name, value]) => { body.append(name, value); body.append("was:" + name, was(name).value); });
  try {
    const answer = await fetch(form.getAttribute("action") + "/keep", { method: "POST", body, keepalive: true });
    if (!answer.ok) throw answer.status;
    changed.forEach(([name, value]) => { was(name).value = value; });
    kept.className = "";
    kept.textContent = words.kept.replace("%(time)s", (await answer.json()).kept);
    pause = 1000;
  } catch (problem) {
    kept.className = "late";
    kept.textContent = problem === 403 ? words.refused : words.unkept;
    pause = Math.min(2 * pause, 30000);
    if (problem !== 403) later(pause);
  } finally {
    sending = false;
  }
  if (changes().length && pause === 1000) later(500);
}

function check(ask) {
  const said = ask.querySelector("output.said");
  if (!said) return;
  let odd = false;
  ask.querySelectorAll("input[data-number]").forEach((box) => {
    const wrong = Boolean(box.value.trim()) && !readNumber(box.value.trim(), words.lang, Boolean(words.expressions));
    if (wrong) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
    odd = odd || wrong;
  });
  said.className = odd ? "said odd" : "said";
  said.textContent = odd ? words.odd : "";
}

if (kept) {
  sortable(form, words);
  form.addEventListener("input", (event) => {
    const ask = event.target.closest(".ask");
    if (ask.dataset.kind === "several" && event.target.checked) {
      ask.querySelectorAll("input[type=checkbox]").forEach((box) => { // "none" excludes the others
        if ((box.value === "0") !== (event.target.value === "0")) box.checked = false;
      });
    }
    clearTimeout(ask.timer);
    ask.timer = setTimeout(() => check(ask), 400);
    later(700);
  });
  form.addEventListener("change", (event) => { check(event.target.closest(".ask")); later(50); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("online", send);
}
const focus = document.querySelector("#missing, :target");
if (focus) focus.focus();
