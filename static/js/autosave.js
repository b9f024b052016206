/* Saves what is typed a few seconds after the typing stops, and says so. The page works the same without it: the form goes to
   the same address with the same fields. Words that could not be sent stay in the page, and are sent as soon as that is possible. */
import { withoutUnseen } from "./unseen.js";

const PAUSE = 3000; // after the last key
const AGAIN = 15000; // after the network failed
const MARK = "seen_"; // what the writer was shown of each answer

class Autosave {
  constructor(box) {
    this.form = box.querySelector("form");
    this.writer = box.dataset.vsAutosave;
    this.region = box.querySelector("[data-vs-saved]");
    this.words = this.region.querySelector("[role=status]");
    this.changed = false; // typed since the last sending
    this.unsaved = false; // the last sending did not arrive
    this.unsure = false; // it may have arrived without the page being told
    this.leaving = false;
    this.sending = null;
    this.isGone = false; // the page is no longer this person's: the words are in it and nowhere else
    this.closed = false; // nothing more is written here: the form's own answer says why
  }

  start() {
    this.form.addEventListener("input", () => this.typed());
    this.form.addEventListener("change", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submit(event));
    // another tab is looked at, or this one again: after signing in elsewhere the words are sent
    document.addEventListener("visibilitychange", () => this.flush());
    window.addEventListener("focus", () => this.flush());
    window.addEventListener("online", () => this.flush());
    window.addEventListener("pagehide", () => this.flush());
    window.addEventListener("beforeunload", (event) => this.warn(event));
    for (const button of this.form.querySelectorAll("[data-vs-use]")) {
      button.addEventListener("click", (event) => this.use(event, button));
    }
  }

  typed() {
    this.changed = true;
    if (!this.isGone) {
      this.later(PAUSE);
    }
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  flush() {
    if (!this.leaving && !this.closed && (this.changed || this.unsaved)) {
      this.save();
    }
  }

  warn(event) {
    if (!this.leaving && this.unsaved) {
      event.preventDefault();
    }
  }

  /* One sending at a time: two would look like two writers of one answer. */
  async save() {
    clearTimeout(this.timer);
    if (this.sending) {
      await this.sending;
      if (!this.changed && !this.unsaved) {
        return;
      }
      return this.save();
    }
    this.sending = this.send();
    await this.sending;
    this.sending = null;
    if (this.changed) {
      this.later(PAUSE);
    }
  }

  async send() {
    try {
      if (this.unsure) {
        await this.refresh();
      }
      this.changed = false;
      let answer = await this.post();
      if (answer.status === 403 && !isJson(answer)) {
        await this.refresh(); // signed in again meanwhile: the page's token is another's
        answer = await this.post();
      }
      if (answer.status === 404) {
        this.gone();
        return;
      }
      await this.told(answer);
    } catch (error) {
      this.unsure = true;
      this.failed(error instanceof SignedOut ? "you are signed out." : "the service cannot be reached.", {
        over: error instanceof SignedOut,
      });
    }
  }

  async post() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) {
      if (typeof value === "string" && value !== withoutUnseen(value)) {
        data.set(name, withoutUnseen(value));
      }
    }
    data.set("writer", this.writer);
    this.sent = new FormData(this.form);
    return this.fetch(data);
  }

  async fetch(body) {
    const options = { redirect: "manual" };
    if (body) {
      options.method = "POST";
      options.headers = { Accept: "application/json" };
      options.body = new URLSearchParams(body);
      options.keepalive = options.body.toString().length < 60_000; // a page that closes may still send so much
    }
    const answer = await fetch(location.href, options);
    if (answer.type === "opaqueredirect") {
      throw new SignedOut();
    }
    return answer;
  }

  /* What the page does not know: the token of the session, and whether an answer that it sent now stands. */
  async refresh() {
    const answer = await this.fetch();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-vs-autosave] form");
    if (!now) {
      return;
    }
    this.form.elements.csrfmiddlewaretoken.value = now.elements.csrfmiddlewaretoken.value;
    const stands = new FormData(now);
    for (const name of [...stands.keys()].filter((one) => one.startsWith(MARK))) {
      const key = name.slice(MARK.length);
      if (this.sent && this.form.elements[name] && same(answerTo(stands, key), answerTo(this.sent, key))) {
        this.form.elements[name].value = stands.get(name);
      }
    }
    this.unsure = false;
  }

  async told(answer) {
    const told = isJson(answer) ? await answer.json() : { state: "broken" };
    if (told.state === "closed" || told.state === "broken") {
      this.closed = told.state === "closed";
      this.failed(told.words ?? "the service could not save them.", { again: told.state === "broken" });
      return;
    }
    this.unsaved = false;
    for (const [key, mark] of Object.entries(told.seen)) {
      this.form.elements[MARK + key].value = mark;
    }
    const left = Object.entries(told.left_out).map(([label, why]) => `“${label}”: ${why}`);
    const lines = [`Saved at ${told.at}.`];
    if (told.conflicts.length) {
      lines.push(`Somebody else wrote in “${told.conflicts.join("”, “")}” too. Both answers are kept.`);
    }
    if (left.length) {
      lines.push(`Not saved yet: ${left.join(". ")}.`);
    }
    this.say(lines.join(" "), { conflict: told.conflicts.length > 0 || !this.conflict.hidden });
  }

  /* The section is no longer this person's to open. Nothing more is sent; what is in the boxes is theirs to take. */
  gone() {
    this.changed = false;
    this.isGone = this.closed = this.unsaved = true;
    this.say(
      "Not saved: you can no longer open this section. It was taken back, the PEP was withdrawn, or your access to the child ended. " +
        "What you typed since the last saving is still in the boxes, to copy before you leave this page.",
      { conflict: false },
    );
  }

  failed(why, { over = false, again = !over } = {}) {
    this.unsaved = true;
    this.say(`Not saved yet: ${why} Your words stay on this page.`, { over, conflict: !this.conflict.hidden });
    if (again) {
      this.later(AGAIN);
    }
  }

  get conflict() {
    return this.region.querySelector("[data-vs-saved-conflict]");
  }

  say(words, { over = false, conflict = false } = {}) {
    this.region.classList.add("vs-saved--told");
    this.words.textContent = words;
    this.conflict.hidden = !conflict;
    this.region.querySelector("[data-vs-saved-over]").hidden = !over;
  }

  /* The form's own buttons: what was typed is saved first, so that nothing is sent into a session that is over. */
  async submit(event) {
    if (this.leaving) {
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    if (this.isGone) {
      return; // the answer would be a page without the words
    }
    this.changed = true;
    await this.save();
    if (this.isGone || this.leaving || (this.unsaved && !this.closed)) {
      return;
    }
    this.leaving = true;
    this.form.requestSubmit(button);
  }

  use(event, button) {
    event.preventDefault();
    fill(this.form, button.value, JSON.parse(button.dataset.vsUse));
    button.closest("details").open = false;
    this.typed();
  }
}

class SignedOut extends Error {}

/* Last time's answer into its box: text, the three parts of a date, or what is ticked. */
function fill(form, key, value) {
  const day = form.elements[`${key}-day`];
  if (day) {
    const parts = value.split("-").map(Number);
    ["year", "month", "day"].forEach((part, place) => {
      form.elements[`${key}-${part}`].value = parts[place];
    });
    day.focus();
    return;
  }
  const chosen = [value].flat().map(String);
  const boxes = [...form.querySelectorAll(`[name="${CSS.escape(key)}"]`)];
  for (const box of boxes) {
    if (box.type === "radio" || box.type === "checkbox") {
      box.checked = chosen.includes(box.value);
    } else {
      box.value = chosen.join("\n");
    }
  }
  boxes[0]?.focus();
}

/* All that a form says to a question: a date has three boxes, a list several. */
function answerTo(data, key) {
  return [...data]
    .filter(([name]) => name === key || name.startsWith(`${key}-`))
    .map(([, value]) => value.trim().replaceAll("\r\n", "\n"));
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isJson(answer) {
  return (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
}

for (const box of document.querySelectorAll("[data-vs-autosave]")) {
  new Autosave(box).start();
}
