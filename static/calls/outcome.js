// @ts-check
// How a call came to its end, as the visitor is told.

import { DisconnectReason } from "livekit-client";
import { Refusal } from "./admission.js";
import { NoMicrophone } from "./microphone.js";

/** @import { Kind } from "./admission.js" */

/**
 * `title` and `text` are keys of the page's texts. `typing` says whether the same call could be made without a
 * microphone, `sorry` whether we failed the visitor, who may then leave a number, `stale` whether only the page as it is
 * today can call. `detail` is the server's own sentence in English, for staff.
 *
 * @typedef {object} Outcome
 * @property {"ended" | "failed"} state
 * @property {string} title
 * @property {string} text
 * @property {string} [detail]
 * @property {number} [retryAfter] seconds
 * @property {boolean} [typing]
 * @property {boolean} [sorry]
 * @property {boolean} [stale]
 */

/**
 * @param {string} text
 * @returns {Outcome}
 */
export function failed(text) {
  return { state: "failed", title: "failedTitle", text };
}

/**
 * @param {string} text
 * @returns {Outcome}
 */
export function lost(text) {
  return { state: "ended", title: "lostTitle", text, sorry: true };
}

/** @type {Outcome} */
export const NOBODY_CAME = { ...failed("nobodyCame"), sorry: true };

/** @type {Outcome} */
export const NO_CONNECTION = { ...failed("noConnection"), sorry: true };

/** @type {Outcome} */
export const HUNG_UP = { state: "ended", title: "endedTitle", text: "endedByVisitor" };

/** @type {Outcome} The agent has said goodbye. */
export const PARTED = { state: "ended", title: "endedTitle", text: "endedByAgent" };

/** @type {Record<Kind, Omit<Outcome, "state">>} */
const REFUSED = {
  away: { title: "awayTitle", text: "away", sorry: true },
  busy: { title: "busyTitle", text: "busy", sorry: true },
  limit: { title: "busyTitle", text: "limit", sorry: true },
  paused: { title: "pausedTitle", text: "paused", sorry: true },
  gone: { title: "nobodyTitle", text: "nobody", stale: true },
  refused: { title: "failedTitle", text: "changed", stale: true },
  offline: { title: "failedTitle", text: "offline" },
  broken: { title: "failedTitle", text: "unknown", sorry: true },
};

/**
 * A call that could not begin.
 *
 * @param {unknown} error
 * @returns {Outcome}
 */
export function fromError(error) {
  if (error instanceof NoMicrophone) return { ...failed(error.text), typing: true };
  if (!(error instanceof Refusal)) return NO_CONNECTION;
  const { kind, detail, retryAfter } = error;
  // Nobody watches a clock until tomorrow.
  return { state: "failed", ...REFUSED[kind], detail, retryAfter: kind === "limit" ? 0 : retryAfter };
}

/**
 * A room that closed without the visitor's doing, and without a goodbye.
 *
 * @param {DisconnectReason | undefined} reason
 * @param {boolean} answered whether the agent ever came
 * @returns {Outcome}
 */
export function fromDisconnect(reason, answered) {
  switch (reason) {
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
    case DisconnectReason.PARTICIPANT_REMOVED:
      return answered ? lost("agentLost") : NOBODY_CAME;
    case DisconnectReason.DUPLICATE_IDENTITY:
      return { state: "ended", title: "endedTitle", text: "elsewhere" };
    default:
      return answered ? lost("lost") : NO_CONNECTION;
  }
}
