// @ts-check
// Asking the server for a place: a token for a room of one's own.

/** @import { Choice, PageData } from "./data.js" */

/**
 * @typedef {object} Admission
 * @property {string} token
 * @property {string} url
 * @property {string} room
 * @property {string} callId
 * @property {string} visitorKey
 */

const PATIENCE_MS = 15_000;

/**
 * Why there is no place: nobody is at work, all are taken, the day's calls are used up, the agent is paused or no longer
 * published, the page asks for what is no longer offered, or nothing was answered, or nothing sensible.
 *
 * @typedef {"away" | "busy" | "limit" | "paused" | "gone" | "refused" | "offline" | "broken"} Kind
 */

/** The server said no, or nothing. `detail` is its own sentence in English, if it had one. */
export class Refusal extends Error {
  /**
   * @param {Kind} kind
   * @param {string} detail
   * @param {number} retryAfter in seconds; 0 when the server named no time
   */
  constructor(kind, detail = "", retryAfter = 0) {
    super(detail || kind);
    this.kind = kind;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {PageData} data
 * @param {Choice} choice
 * @returns {Promise<Admission>}
 */
export async function askAdmission(data, choice) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json", Accept: "application/json, application/problem+json" };
  if (data.csrfToken) headers["X-CSRFToken"] = data.csrfToken;
  let response;
  try {
    response = await fetch(data.tokenUrl, {
      method: "POST",
      headers,
      body: JSON.stringify({ agentId: data.agentId, ...choice }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Refusal("offline");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  throw new Refusal(kindOf(response.status, body.code, retryAfter), body.detail, retryAfter);
}

/** @type {Record<string, Kind>} */
const CODES = { no_worker: "away", daily_limit: "limit", agent_paused: "paused", unknown_agent: "gone" };

/**
 * @param {number} status
 * @param {string} code
 * @param {number} retryAfter
 * @returns {Kind}
 */
function kindOf(status, code, retryAfter) {
  if (CODES[code]) return CODES[code];
  // Of what there is too little, the visitor need not know.
  if (retryAfter) return "busy";
  return status < 500 ? "refused" : "broken";
}
