// @ts-check
// The form in which a visitor whom nobody can talk to leaves a name and a number.

import { element } from "./data.js";
import { fill } from "./wording.js";

/** @import { PageData } from "./data.js" */

/**
 * Who is asked for a number.
 *
 * @typedef {object} Asked
 * @property {string} language
 * @property {string} name already known, or empty
 * @property {string} visitorKey of the call that failed; empty when none was admitted
 */

const PATIENCE_MS = 15_000;

export class CallbackForm {
  #form = element("callback");
  #intro = element("callback-intro");
  #done = element("callback-done");
  #name = /** @type {HTMLInputElement} */ (element("callback-name"));
  #phone = /** @type {HTMLInputElement} */ (element("callback-phone"));
  /** @type {Asked} */
  #asked = { language: "", name: "", visitorKey: "" };
  #sending = false;

  /** @param {PageData} data */
  constructor(data) {
    this.data = data;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  /**
   * Show the form, or, when a number was left before, what came of it.
   *
   * @param {Asked} asked
   */
  offer(asked) {
    this.#asked = asked;
    this.#name.value ||= asked.name;
    this.#intro.textContent = this.data.apologies[asked.language] ?? "";
    this.#intro.lang = asked.language;
    const left = this.#done.textContent !== "";
    this.#form.hidden = left;
    this.#done.hidden = !left;
  }

  withdraw() {
    this.#form.hidden = this.#done.hidden = true;
  }

  async #send() {
    const { texts } = this.data;
    const nameOk = this.#judge(this.#name, this.#name.value.trim() ? "" : texts.nameMissing);
    const phoneOk = this.#judge(this.#phone, this.#phone.value.trim() ? "" : texts.phoneWrong);
    this.#complain("");
    if (!nameOk || !phoneOk) return (nameOk ? this.#phone : this.#name).focus();
    if (this.#sending) return;
    this.#sending = true;
    try {
      const response = await this.#post();
      const body = await response.json().catch(() => ({}));
      if (response.ok) this.#thank(body.phone);
      else if (body.code === "bad_phone") this.#refuse();
      else if (response.status === 429) this.#complain(texts.callbackTooMany);
      else this.#complain(response.status < 500 ? texts.changed : texts.unknown);
    } catch {
      this.#complain(texts.callbackNotSent);
    } finally {
      this.#sending = false;
    }
  }

  #post() {
    return fetch(this.data.callbackUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, application/problem+json" },
      body: JSON.stringify({
        agentId: this.data.agentId,
        name: this.#name.value,
        phone: this.#phone.value,
        language: this.#asked.language,
        consent: { version: `callback-${this.data.texts.consentVersion}`, callback: true },
        visitorKey: this.#asked.visitorKey,
      }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }

  /** @param {string} phone as it will be called */
  #thank(phone) {
    const shown = phone.replace(/^(\+91)(\d{5})(\d{5})$/, "$1\u00a0$2\u00a0$3");
    this.#done.textContent = fill(this.data.texts.callbackSent, { phone: shown });
    this.#form.hidden = true;
    this.#done.hidden = false;
    this.#done.focus(); // the pressed button is gone
  }

  #refuse() {
    this.#judge(this.#phone, this.data.texts.phoneWrong);
    this.#phone.focus();
  }

  /**
   * Say beside a field what is wrong with it. Gives whether nothing is.
   *
   * @param {HTMLInputElement} field
   * @param {string | undefined} fault
   */
  #judge(field, fault) {
    field.setAttribute("aria-invalid", String(Boolean(fault)));
    element(`${field.id}-fault`).textContent = fault ?? "";
    return !fault;
  }

  /** @param {string | undefined} fault of the sending as a whole */
  #complain(fault) {
    element("callback-fault").textContent = fault ?? "";
  }
}
