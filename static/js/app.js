/* Everything here is an extra: each page works without it. Hooks are data-vs-* attributes. */
import { initAll as initGovuk } from "../build/govuk/govuk-frontend.min.js";
import { initAll as initMoj } from "../build/moj/moj-frontend.min.js";
import { withoutUnseen } from "./unseen.js";

/* Take out what was pasted in and cannot be seen, before it is sent. */
function cleanBeforeSending(event) {
  for (const control of event.target.elements) {
    const typed = control.tagName === "TEXTAREA" || (control.tagName === "INPUT" && control.type !== "file");
    const cleaned = typed ? withoutUnseen(control.value) : control.value;
    if (cleaned !== control.value) {
      control.value = cleaned;
    }
  }
}

/* GOV.UK marks a choice that reveals more with aria-expanded, which ARIA does not allow on radios and checkboxes. */
function dropExpandedFromChoices() {
  for (const choice of document.querySelectorAll("input[aria-expanded]")) {
    choice.removeAttribute("aria-expanded");
  }
}

/* What only a script can answer is hidden until there is one. */
function showWhatNeedsScript() {
  for (const control of document.querySelectorAll("[data-vs-needs-script]")) {
    control.hidden = false;
  }
  for (const button of document.querySelectorAll("[data-vs-print]")) {
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-vs-sign-in]")) {
    button.addEventListener("click", () => fillIn(button.dataset.vsSignIn, button.dataset.vsPassword));
  }
}

/* Demonstration: fill in the sign-in of one of the made-up people. */
function fillIn(login, password) {
  document.querySelector("input[name=login]").value = login;
  const box = document.querySelector("input[name=password]");
  box.value = password;
  box.form.querySelector("button[type=submit]").focus();
}

/* The figures behind a chart, and what a person folded away, belong on paper too. */
function openDetailsForPrint() {
  const closed = [];
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("main details:not([open])")) {
      details.open = true;
      closed.push(details);
    }
  });
  window.addEventListener("afterprint", () => {
    while (closed.length) {
      closed.pop().open = false;
    }
  });
}

const WARNING = 5 * 60; // seconds before the session ends

/* A page left open says so before its session ends; whoever is still typing stays signed in, so that no words are lost. */
function watchSession() {
  const box = document.querySelector("[data-vs-session]");
  if (!box) {
    return;
  }
  const [soon, over] = box.querySelectorAll("[data-vs-session-words]");
  let typed = false;
  let timer;
  const wait = (then, seconds) => {
    clearTimeout(timer);
    timer = setTimeout(then, Math.max(seconds, 1) * 1000);
  };
  const show = (words) => {
    box.hidden = words === null;
    for (const one of [soon, over]) {
      one.hidden = one !== words;
    }
  };
  const begin = () => {
    show(null);
    wait(warn, box.dataset.vsSession - WARNING);
  };
  const renew = () =>
    fetch(box.dataset.vsRenew, { method: "HEAD", redirect: "manual" }).then(
      (answer) => (answer.ok ? begin() : show(over)),
      () => wait(renew, 20),
    );
  const warn = () => {
    if (typed) {
      typed = false;
      renew();
    } else {
      show(soon);
      wait(() => show(over), WARNING);
    }
  };
  document.addEventListener("input", () => {
    typed = true;
  });
  soon.querySelector("button").addEventListener("click", renew);
  begin();
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initGovuk();
initMoj();
dropExpandedFromChoices();
showWhatNeedsScript();
openDetailsForPrint();
watchSession();
document.addEventListener("submit", cleanBeforeSending, true);
document.addEventListener("click", dropExpandedFromChoices);
window.addEventListener("pageshow", dropExpandedFromChoices);
