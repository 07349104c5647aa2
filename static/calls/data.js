// @ts-check
// What the server hands to the page. `_page_data` in calls/views.py writes it.

/** @typedef {Record<string, string>} Texts */

/**
 * @typedef {object} PageData
 * @property {string} agentId
 * @property {string} agentName
 * @property {{code: string, name: string, ownName: string}[]} languages
 * @property {{id: string, name: string, gender: "female" | "male"}[]} voices
 * @property {string} language with which the page begins
 * @property {string} defaultVoice
 * @property {boolean} textChat
 * @property {boolean} sandbox
 * @property {string} tokenUrl
 * @property {string} waitsUrl where the waits that the page measured are sent, `call-id` standing for the call's id
 * @property {string} meterUrl the script that runs in the sound thread, which no other may contain
 * @property {string} summaryUrl what was understood in a call; `call-id` stands for it here and below
 * @property {string} phoneUrl where a phone number is put right
 * @property {string} transcriptUrl what was said so far in a call
 * @property {"visitor" | "trial"} mode a trial is staff talking to a draft
 * @property {string} csrfToken empty for visitors, who are nobody to the server
 * @property {string} callUrl the call's page in the admin, `call-id` standing for its id; empty for who may not see it
 * @property {string} callbackUrl where a number to call back is sent
 * @property {string} voiceUrl sound of a voice, `voice-id` and `language-code` standing for voice and language
 * @property {string} apologyUrl sound of an apology, `language-code` standing for its language
 * @property {Record<string, string>} apologies what a visitor whom nobody can talk to is told, by language
 * @property {string} textsUrl the page's sentences in another language, `language-code` standing for it
 * @property {Record<string, string>} values what `{name}` and other words in braces stand for, as far as the server knows
 * @property {string} termsVersion names what the agent adds to the words by which visitors agree: its values and own text
 * @property {Texts} texts in the language that is shown, kept so by static/calls/wording.js
 */

/**
 * What the visitor chose before calling.
 *
 * @typedef {object} Choice
 * @property {string} language
 * @property {string} voice
 * @property {string} userName
 * @property {{version: string, recording: boolean, callback: boolean}} [consent]
 * @property {string} [visitorKey] of a call that was cut off and is gone on with
 * @property {boolean} [typed] whether the call has no sound at all
 */

/** @returns {PageData} */
export function readPageData() {
  return JSON.parse(element("page-data").textContent ?? "");
}

/**
 * The element with `id`, which the page's template promises.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page lacks #${id}`);
  return found;
}
