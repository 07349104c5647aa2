// @ts-check
// The page in another language, whenever the visitor chooses one: its sentences come from calls/texts on the server.

/** @import { PageData } from "./data.js" */

const REMEMBERED_SECONDS = 365 * 24 * 60 * 60;
const REMEMBERED = "vaani:language";

export class Wording {
  #wanted;

  /** @param {PageData} data whose `texts` are kept in the language that is shown */
  constructor(data) {
    this.data = data;
    this.#wanted = data.language;
  }

  /**
   * Show the page in `language`, and begin with it next time. Where its sentences cannot be had, the page stays as it is.
   *
   * @param {string} language
   */
  async use(language) {
    remember(language);
    if (language === this.#wanted) return;
    const before = this.#wanted;
    this.#wanted = language;
    const response = await fetch(this.data.textsUrl.replace("language-code", language)).catch(() => null);
    const texts = response?.ok ? await response.json().catch(() => null) : null;
    if (language !== this.#wanted) return; // another was tapped meanwhile
    if (!texts) this.#wanted = before; // so that a second tap tries again
    else this.#show(language, texts);
  }

  /**
   * @param {string} language
   * @param {Record<string, string>} raw
   */
  #show(language, raw) {
    const { texts, values } = this.data;
    for (const [key, text] of Object.entries(raw)) texts[key] = fill(text, values);
    document.documentElement.lang = language;
    document.title = texts.pageTitle ?? "";
    for (const place of document.querySelectorAll("[data-text], [data-label]")) {
      if (!(place instanceof HTMLElement)) continue;
      const { text, label } = place.dataset;
      if (text) place.textContent = texts[text] ?? "";
      if (label) place.setAttribute("aria-label", texts[label] ?? "");
      if (label && place instanceof HTMLInputElement) place.placeholder = texts[label] ?? "";
    }
  }
}

/** @param {string} language with which the page begins next time */
function remember(language) {
  document.cookie = `language=${language}; path=/; max-age=${REMEMBERED_SECONDS}; samesite=lax`;
  try {
    localStorage.setItem(REMEMBERED, language); // inside a widget the browser takes no cookie
  } catch {
    // A browser that keeps nothing.
  }
}

/** The language chosen at an earlier visit; empty when there is none, or when the link names the one to begin with. */
export function chosenBefore() {
  if (new URLSearchParams(location.search).has("lang")) return "";
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string | undefined} text with `{name}` where a value goes
 * @param {Record<string, string | number>} values a name that is not among them stays as it is
 */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
