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

/** The server said no, or nothing. `detail` is its own sentence for the visitor, if it had one. */
export class Refusal extends Error {
  /**
   * @param {"away" | "busy" | "paused" | "refused" | "offline" | "broken"} kind
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
  if (body.code === "no_worker") throw new Refusal("away", body.detail, retryAfter);
  // Nobody watches a clock until tomorrow.
  if (body.code === "daily_limit") throw new Refusal("broken", body.detail);
  // Of what there is too little, the visitor need not know.
  if (response.status === 503 && retryAfter) throw new Refusal("busy", body.detail, retryAfter);
  if (body.code === "agent_paused") throw new Refusal("paused", body.detail);
  if (response.status < 500) throw new Refusal("refused", body.detail, retryAfter);
  throw new Refusal("broken", body.detail, retryAfter);
}
