// @ts-check
// The page inside a widget: tells the site around it that it is open, when a call begins and ends, and that it brought a
// lead. Its messages name the call and the lead, and hold nothing of what is said. static/root/widget.js hears them.

/** @returns {string} origin of the site around this page, empty where there is none that may hear of calls */
function siteAround() {
  const data = document.getElementById("embed-data");
  if (!data || window.parent === window) return "";
  // Firefox lacks the first, so the widget asks for the second.
  const around = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  const allowed = [location.origin, ...JSON.parse(data.textContent ?? "").origins];
  return allowed.includes(around) ? around : "";
}

const site = siteAround();
let callId = "";
let leadOf = ""; // the call of which a lead was told

/**
 * @param {"opened" | "started" | "ended" | "lead" | "close"} what
 * @param {{callId: string, leadId?: number}} about
 */
function tell(what, about = { callId }) {
  if (site) window.parent.postMessage({ type: `vaani:${what}`, ...about }, site);
}

/**
 * The agent is there. Said once a call, however often it is lost and comes back.
 *
 * @param {string} id
 */
export function tellStarted(id) {
  if (callId === id) return;
  callId = id;
  tell("started");
}

export function tellEnded() {
  if (callId) tell("ended");
  callId = "";
}

/**
 * The call that is over brought a lead. Said once a call.
 *
 * @param {string} ended its id
 * @param {number} leadId
 */
export function tellLead(ended, leadId) {
  if (leadOf !== ended) tell("lead", { callId: ended, leadId });
  leadOf = ended;
}

/**
 * The site around may end a call before it takes the page away, which by itself only cuts it off.
 *
 * @param {() => void} hangUp
 */
export function hearHangUp(hangUp) {
  window.addEventListener("message", ({ origin, source, data }) => {
    if (site && origin === site && source === window.parent && data?.type === "vaani:hang-up") hangUp();
  });
}

if (site) {
  tell("opened");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !callId) tell("close"); // it must not hang up
  });
}
