// @ts-check
// After the call: what was understood, a number that can be put right, and the conversation to take along.

import { element } from "./data.js";
import { tellLead } from "./embed.js";
import { asRead, labelOf } from "./values.js";
import { fill } from "./wording.js";

/** @import { PageData } from "./data.js" */

/**
 * @typedef {object} Field
 * @property {string} key
 * @property {string} label staff's own word for it
 * @property {string} value as it is kept, a phone number with spaces; empty for one that was not understood
 * @property {string} kind
 * @property {boolean} onlyOfKind whether the agent asks for no other of that kind
 * @property {boolean} correctable
 */

/** @typedef {{row: HTMLElement, label: HTMLElement, shown: HTMLElement, correct: HTMLButtonElement}} Row */

/** @typedef {{id: string, visitorKey: string}} Ended */

const WAITS_MS = [1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]; // half a minute: reading a call takes some
const PATIENCE_MS = 10_000;

export class Summary {
  #place = element("after");
  #list = element("understood");
  #form = /** @type {HTMLFormElement} */ (element("correction"));
  #phone = /** @type {HTMLInputElement} */ (element("correction-phone"));
  #fault = element("correction-fault");
  #status = element("after-status");
  /** @type {Ended | null} */
  #call = null;
  /** @type {Map<string, Row>} by the field's key: a row stays, for a thumb or the keyboard may be on it */
  #rows = new Map();
  /** @type {Row | null} whose value is being corrected */
  #open = null;
  #sending = false;

  /**
   * @param {PageData} data
   * @param {HTMLElement} transcript the list of lines
   */
  constructor(data, transcript) {
    this.data = data;
    this.transcript = transcript;
    element("copy").addEventListener("click", () => void this.#copy());
    element("correction-cancel").addEventListener("click", () => {
      this.#close();
      this.#open?.correct.focus(); // the pressed button is gone
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  /**
   * Show what is known of a call that is over, and what comes to be known in the next half minute.
   *
   * @param {Ended} call
   */
  async show(call) {
    this.#call = call;
    this.#place.hidden = false;
    element("copy").hidden = !this.transcript.children.length;
    this.#paint([], false);
    this.#say("summaryWait");
    for (const wait of WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#call !== call) return;
      const summary = await this.#ask();
      if (this.#call !== call) return;
      if (summary?.leadId) tellLead(call.id, summary.leadId);
      if (summary && this.#form.hidden) this.#paint(summary.fields, summary.ready);
      if (summary?.ready) break;
    }
    this.#say("");
  }

  hide() {
    this.#call = null;
    this.#place.hidden = true;
    this.#close();
  }

  async #ask() {
    const response = await this.#fetch(this.data.summaryUrl, {}).catch(() => null);
    return response?.ok ? await response.json().catch(() => null) : null;
  }

  /**
   * @param {Field[]} fields
   * @param {boolean} ready
   */
  #paint(fields, ready) {
    element("understood-title").hidden = !fields.length;
    for (const [key, { row }] of this.#rows) if (!fields.some((field) => field.key === key)) row.remove();
    for (const [at, field] of fields.entries()) {
      const { row, label, shown, correct } = this.#row(field.key);
      label.textContent = labelOf(field, this.data.texts);
      shown.textContent = asRead(field, this.data.texts) || "–";
      correct.textContent = this.data.texts.correct ?? "";
      correct.value = field.value;
      correct.hidden = !field.correctable;
      const there = this.#list.children[at] ?? null;
      if (there !== row) this.#list.insertBefore(row, there);
    }
    if (ready) this.#say("");
  }

  /** @param {string} key */
  #row(key) {
    const known = this.#rows.get(key);
    if (known) return known;
    const made = newRow(key);
    this.#rows.set(key, made);
    made.correct.addEventListener("click", () => {
      this.#open = made;
      this.#phone.value = made.correct.value;
      this.#complain("");
      this.#form.hidden = false;
      this.#phone.focus();
    });
    return made;
  }

  async #send() {
    if (this.#sending || !this.#call) return;
    this.#sending = true;
    const { texts } = this.data;
    try {
      const response = await this.#fetch(this.data.phoneUrl, {
        method: "POST",
        body: JSON.stringify({ phone: this.#phone.value }),
      });
      const answer = await response.json();
      if (!response.ok) return this.#complain(answer.code === "bad_phone" ? texts.phoneWrong : texts.callbackNotSent);
      if (this.#open) this.#open.shown.textContent = this.#open.correct.value = answer.shown;
      this.#close();
      this.#status.textContent = fill(texts.corrected, { phone: answer.shown });
      this.#status.focus(); // the pressed button is gone
    } catch {
      this.#complain(texts.callbackNotSent);
    } finally {
      this.#sending = false;
    }
  }

  /** Hand the conversation to the clipboard, or where that is not allowed as a file. */
  async #copy() {
    const lines = [...this.transcript.querySelectorAll("li")].map((line) =>
      [...line.querySelectorAll(".sr-only, [data-text]")].map((part) => part.textContent).join(""),
    );
    const conversation = lines.join("\n");
    try {
      await navigator.clipboard.writeText(conversation);
      this.#say("copied");
    } catch {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([conversation], { type: "text/plain" }));
      link.download = `${this.data.agentName}.txt`;
      link.click();
      URL.revokeObjectURL(link.href);
      this.#say("saved");
    }
  }

  #close() {
    this.#form.hidden = true;
    this.#complain("");
  }

  /** @param {string} key of the page's texts; empty for silence */
  #say(key) {
    this.#status.textContent = this.data.texts[key] ?? "";
  }

  /** @param {string | undefined} fault */
  #complain(fault) {
    this.#fault.textContent = fault ?? "";
    this.#phone.setAttribute("aria-invalid", String(Boolean(fault)));
    if (fault) this.#phone.focus();
  }

  /**
   * @param {string} address
   * @param {RequestInit} how
   */
  #fetch(address, how) {
    const { id = "", visitorKey = "" } = this.#call ?? {};
    return fetch(address.replace("call-id", id), {
      ...how,
      headers: { Authorization: `Bearer ${visitorKey}`, "Content-Type": "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }
}

/**
 * @param {string} key
 * @returns {Row}
 */
function newRow(key) {
  const row = document.createElement("div");
  const label = document.createElement("dt");
  const value = document.createElement("dd");
  const shown = document.createElement("span");
  const correct = document.createElement("button");
  row.dataset.field = key;
  label.dir = shown.dir = "auto";
  correct.type = "button";
  correct.className = "after-correct";
  correct.dataset.text = "correct";
  value.append(shown, correct);
  row.append(label, value);
  return { row, label, shown, correct };
}
