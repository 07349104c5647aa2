// @ts-check
// What keeps this browser from calling, and where the visitor gets out of it: another app, or an address that is safe.

import { element } from "./data.js";

/** @import { Texts } from "./data.js" */

/**
 * `text` and `label` are keys of the page's texts: what is the matter, and what the link to `href` says. Without `href`
 * there is only the page's own address to copy. `fatal` is what cannot even be tried.
 *
 * @typedef {object} Obstacle
 * @property {string} text
 * @property {string} [href]
 * @property {string} [label]
 * @property {boolean} fatal
 */

// Signs of the browsers inside other apps, which often have no microphone: Facebook, Messenger, Instagram, LINE,
// WhatsApp, Snapchat, TikTok, X, LinkedIn, Telegram, and whatever Android app shows a page in a frame of its own.
const APPS =
  /\bFB(AN|AV|_IAB|IOS)\b|Instagram|\bLine\/|WhatsApp|Snapchat|BytedanceWebview|musical_ly|Twitter|LinkedInApp|Telegram|; wv\)/;
const APPLE = /iPhone|iPad|iPod/;

/** @returns {Obstacle | null} */
export function findObstacle() {
  const agent = navigator.userAgent;
  const here = address();
  if (!window.isSecureContext) {
    return { text: "insecure", href: secured(here).href, label: "openSecure", fatal: true };
  }
  const fatal = !navigator.mediaDevices?.getUserMedia || !window.RTCPeerConnection;
  const inApp = APPS.test(agent);
  if (!inApp && !fatal) return null;
  if (APPLE.test(agent)) return { text: inApp ? "inAppApple" : "unsupportedApple", fatal };
  const text = inApp ? "inApp" : "unsupported";
  if (!/Android/.test(agent)) return { text, fatal };
  return { text, href: inChrome(here), label: "openChrome", fatal };
}

/** Shows an obstacle wherever the page has a place for it. */
export class WayOut {
  #place = element("way-out");
  #link = /** @type {HTMLAnchorElement} */ (element("way-out-link"));
  #address = /** @type {HTMLInputElement} */ (element("way-out-address"));
  #copy = element("way-out-copy");

  /**
   * @param {Texts} texts
   * @param {(text: string) => void} say tells people who do not see the screen
   */
  constructor(texts, say) {
    this.texts = texts;
    this.say = say;
    this.#copy.addEventListener("click", () => void this.#take());
  }

  /**
   * @param {Obstacle} obstacle
   * @param {HTMLElement} next before which it stands
   */
  show({ text, href, label }, next) {
    const why = element("way-out-why");
    why.dataset.text = text; // so that it changes with the language
    why.textContent = this.texts[text] ?? "";
    this.#link.hidden = !href;
    this.#link.href = href ?? "";
    this.#link.dataset.text = label ?? "";
    this.#link.textContent = this.texts[label ?? ""] ?? "";
    this.#link.target = window.parent === window ? "" : "_blank"; // not inside a widget
    this.#address.value = address().href;
    this.#address.hidden = this.#copy.hidden = Boolean(href);
    this.#place.hidden = false;
    next.before(this.#place);
  }

  hide() {
    this.#place.hidden = true;
  }

  async #take() {
    try {
      await navigator.clipboard.writeText(this.#address.value);
    } catch {
      this.#address.select(); // apps that forbid the one may allow the other
      document.execCommand("copy");
    }
    this.#copy.textContent = this.texts.copied ?? "";
    this.say(this.texts.copied ?? "");
  }
}

/** The page's own address, which inside a widget is not that of its frame. */
function address() {
  const url = new URL(location.href);
  url.pathname = url.pathname.replace(/^\/embed\//, "/a/");
  url.hash = "";
  return url;
}

/** @param {URL} url */
function secured(url) {
  const safe = new URL(url);
  safe.protocol = "https:";
  if (url.protocol === "http:") safe.port = ""; // which speaks no https
  return safe;
}

/**
 * The address by which Android opens a page in Chrome, or, where there is none, in the usual browser.
 *
 * @param {URL} url
 */
function inChrome({ host, pathname, search, protocol, href }) {
  const otherwise = encodeURIComponent(href);
  const how = `scheme=${protocol.slice(0, -1)};package=com.android.chrome;S.browser_fallback_url=${otherwise}`;
  return `intent://${host}${pathname}${search}#Intent;${how};end`;
}
