// @ts-check
// How a call came to its end, as the visitor is told.

import { DisconnectReason } from "../built/livekit-client.mjs";
import { Refusal } from "./admission.js";
import { NoMicrophone } from "./microphone.js";

/**
 * `title` and `text` are keys of the page's texts; `detail` is the server's own sentence, said instead
 * of `text`. `typing` says whether the same call could be made without a microphone, `sorry` whether we failed the
 * visitor, who may then leave a number.
 *
 * @typedef {object} Outcome
 * @property {"ended" | "failed"} state
 * @property {string} title
 * @property {string} text
 * @property {string} [detail]
 * @property {number} [retryAfter] seconds
 * @property {boolean} [typing]
 * @property {boolean} [sorry]
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
export const HUNG_UP = { state: "ended", title: "endedTitle", text: "endedByVisitor" };

/**
 * A call that could not begin.
 *
 * @param {unknown} error
 * @returns {Outcome}
 */
export function fromError(error) {
  if (error instanceof NoMicrophone) return { ...failed(error.text), typing: true };
  if (!(error instanceof Refusal)) return { ...failed("noConnection"), sorry: true };
  const { kind, detail, retryAfter } = error;
  switch (kind) {
    case "away":
      return { state: "failed", title: "awayTitle", text: "away", retryAfter, sorry: true };
    case "busy":
      return { state: "failed", title: "busyTitle", text: "busy", retryAfter, sorry: true };
    case "offline":
      return failed("offline");
    default:
      return { ...failed("unknown"), detail, retryAfter, sorry: kind !== "refused" };
  }
}

/**
 * A room that closed without the visitor's doing.
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
      return answered ? { state: "ended", title: "endedTitle", text: "endedByAgent" } : NOBODY_CAME;
    case DisconnectReason.DUPLICATE_IDENTITY:
      return { state: "ended", title: "endedTitle", text: "elsewhere" };
    default:
      return answered ? lost("lost") : { ...failed("noConnection"), sorry: true };
  }
}
