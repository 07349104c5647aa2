// @ts-check
// A button and a panel on any site's page, from which its visitors call an agent of ours: docs/integrator.md.
// It leaves the page alone: what it draws is in a shadow root, its styles are a sheet of that root, its frame comes
// from the host this script came from, and it knows of the call only what static/calls/embed.js tells.

(() => {
  /** On the button, on the cross, on the cross in a call, where there is no panel, and on the way round. */
  const TEXTS = /** @type {Record<string, [string, string, string, string, string]>} */ ({
    "en-IN": ["Talk to us", "Close", "Hang up and close", "The call cannot be opened on this page.", "Open it in a new tab"],
    "hi-IN": ["हमसे बात करें", "बंद करें", "कॉल काटें और बंद करें", "इस पेज पर कॉल नहीं खुल सकी।", "नए टैब में खोलें"],
    "ta-IN": ["எங்களுடன் பேசுங்கள்", "மூடு", "அழைப்பை முடித்து மூடு", "இந்தப் பக்கத்தில் அழைப்பைத் திறக்க முடியவில்லை.", "புதிய தாவலில் திற"],
    "te-IN": ["మాతో మాట్లాడండి", "మూసివేయండి", "కాల్ ముగించి మూసివేయండి", "ఈ పేజీలో కాల్ తెరవలేకపోయాం.", "కొత్త ట్యాబ్‌లో తెరవండి"],
    "bn-IN": ["আমাদের সঙ্গে কথা বলুন", "বন্ধ করুন", "কল কেটে বন্ধ করুন", "এই পাতায় কল খোলা গেল না।", "নতুন ট্যাবে খুলুন"],
    "mr-IN": ["आमच्याशी बोला", "बंद करा", "कॉल संपवून बंद करा", "या पानावर कॉल उघडता आला नाही.", "नव्या टॅबमध्ये उघडा"],
    "gu-IN": ["અમારી સાથે વાત કરો", "બંધ કરો", "કૉલ કાપીને બંધ કરો", "આ પેજ પર કૉલ ખૂલી શક્યો નહીં.", "નવી ટૅબમાં ખોલો"],
    "kn-IN": ["ನಮ್ಮೊಂದಿಗೆ ಮಾತನಾಡಿ", "ಮುಚ್ಚಿ", "ಕರೆ ಮುಗಿಸಿ ಮುಚ್ಚಿ", "ಈ ಪುಟದಲ್ಲಿ ಕರೆಯನ್ನು ತೆರೆಯಲಾಗಲಿಲ್ಲ.", "ಹೊಸ ಟ್ಯಾಬ್‌ನಲ್ಲಿ ತೆರೆಯಿರಿ"],
    "ml-IN": ["ഞങ്ങളോട് സംസാരിക്കൂ", "അടയ്ക്കുക", "കോൾ അവസാനിപ്പിച്ച് അടയ്ക്കുക", "ഈ പേജിൽ കോൾ തുറക്കാനായില്ല.", "പുതിയ ടാബിൽ തുറക്കുക"],
    "pa-IN": ["ਸਾਡੇ ਨਾਲ ਗੱਲ ਕਰੋ", "ਬੰਦ ਕਰੋ", "ਕਾਲ ਕੱਟ ਕੇ ਬੰਦ ਕਰੋ", "ਇਸ ਪੰਨੇ ’ਤੇ ਕਾਲ ਨਹੀਂ ਖੁੱਲ੍ਹ ਸਕੀ।", "ਨਵੀਂ ਟੈਬ ਵਿੱਚ ਖੋਲ੍ਹੋ"],
    "or-IN": ["ଆମ ସହ କଥା ହୁଅନ୍ତୁ", "ବନ୍ଦ କରନ୍ତୁ", "କଲ୍ କାଟି ବନ୍ଦ କରନ୍ତୁ", "ଏହି ପୃଷ୍ଠାରେ କଲ୍ ଖୋଲିପାରିଲା ନାହିଁ।", "ନୂଆ ଟ୍ୟାବ୍‌ରେ ଖୋଲନ୍ତୁ"],
  });
  const COLOUR = "#0b6e75";
  const PHONE =
    "M6.6 10.8a15.1 15.1 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1" +
    "A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z";
  const CROSS = "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z";
  const REFUSED_MS = 2_000; // after the frame has loaded, without a word from our page: a browser's own error stands in it
  const LOST_MS = 15_000; // the frame has not even loaded
  const PARTING_MS = 1_000; // in which our page has hung up and said so
  const STYLES = `
    :host { all: initial !important; }
    @media print { :host { display: none !important; } }
    * { box-sizing: border-box; font: 500 16px/1.3 system-ui, sans-serif; }
    button, a { cursor: pointer; }
    button { border: 0; color: var(--on-colour); background: var(--colour); }
    :focus-visible { outline: 3px solid var(--colour); outline-offset: 3px; }
    svg { flex: none; width: 24px; height: 24px; fill: currentColor; }
    .button {
      position: fixed; z-index: 2147483646; bottom: calc(20px + env(safe-area-inset-bottom) + var(--lift));
      display: flex; align-items: center; gap: 10px; min-height: 56px; max-width: calc(100vw - 40px); padding: 8px 22px 8px 18px;
      border-radius: 28px; box-shadow: 0 2px 12px rgb(0 0 0 / .3); text-align: start;
    }
    .right { right: 20px; }
    .left { left: 20px; }
    dialog {
      position: fixed; z-index: 2147483647; inset: auto; bottom: calc(88px + var(--lift)); margin: 0; padding: 0; border: 0;
      width: 380px; max-width: calc(100vw - 40px); height: 640px; max-height: calc(100dvh - 100px - var(--lift)); overflow: hidden;
      border-radius: 16px; color: #1b2423; background: #f7f5f0; box-shadow: 0 8px 40px rgb(0 0 0 / .35);
    }
    dialog[open] { display: flex; flex-direction: column; }
    dialog.right { right: 20px; }
    dialog.left { left: 20px; }
    header { display: flex; align-items: center; justify-content: space-between; padding-inline-start: 16px;
      color: var(--on-colour); background: var(--colour); }
    header button { display: flex; padding: 12px; }
    header button:focus-visible { outline-color: currentColor; outline-offset: -5px; }
    .inside { position: relative; flex: 1; min-height: 0; }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; }
    [data-state="waiting"] iframe, [data-state="failed"] iframe { visibility: hidden; }
    .failed, .waiting { display: none; position: absolute; inset: 0; flex-direction: column; align-items: center;
      justify-content: center; gap: 16px; margin: 0; padding: 24px; text-align: center; }
    [data-state="waiting"] .waiting, [data-state="failed"] .failed { display: flex; }
    .waiting::after { content: ""; width: 40px; height: 40px; border-radius: 50%; border: 4px solid var(--colour);
      border-inline-start-color: transparent; animation: turn 1s linear infinite; }
    .failed p { margin: 0; }
    .failed a { color: inherit; }
    @keyframes turn { to { transform: rotate(1turn); } }
    @media (prefers-reduced-motion: reduce) { .waiting::after { animation: none; } }
    @media (max-width: 480px) {
      dialog { inset: 0 !important; width: 100%; max-width: none; height: 100dvh; max-height: none; border-radius: 0; }
    }
    @media (forced-colors: active) { .button, dialog, header { border: 1px solid; } }
  `;

  /** @param {string} sentence */
  const warn = (sentence) => console.warn(`vaani: ${sentence}`);

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || !script.src) {
    warn("Load widget.js by a plain script tag with its address, not as a module or inline.");
    return;
  }
  const base = new URL(script.src).origin;
  const wanted = script.dataset;
  const agent = wanted.agent ?? "";
  if (!/^[\w-]{1,60}$/.test(agent)) {
    warn("data-agent must be an agent's id, so there is no button.");
    return;
  }
  if (document.querySelector(`vaani-widget[data-agent="${agent}"]`)) return; // loaded twice, by a tag manager say

  const language = choice("language", "", Object.keys(TEXTS));
  const side = choice("position", "right", ["right", "left"]);
  const [talk, close, hangUp, noPanel, newTab] = TEXTS[language || "en-IN"] ?? [];
  const asked = language && `?lang=${language}`;

  /**
   * What the tag says, if it is one of `allowed`, else `otherwise`.
   *
   * @param {string} name
   * @param {string} otherwise
   * @param {string[]} allowed
   */
  function choice(name, otherwise, allowed) {
    const value = wanted[name];
    if (!value || allowed.includes(value)) return value || otherwise;
    warn(`data-${name}="${value}" is none of ${allowed.join(", ")}.`);
    return otherwise;
  }

  /** The tag's colour, and black or white for letters on it, whichever is read more easily. */
  function colours() {
    let colour = wanted.colour || COLOUR;
    if (!/^#([\da-f]{3}|[\da-f]{6})$/i.test(colour)) {
      warn(`data-colour="${colour}" is not written like ${COLOUR}.`);
      colour = COLOUR;
    }
    const pairs = colour.length === 4 ? colour.replace(/[\da-f]/gi, "$&$&") : colour;
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(pairs.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)); // as WCAG counts contrast
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    return { colour, letters: light > 0.179 ? "#000" : "#fff" };
  }

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   * @param {Record<string, string>} attributes
   * @param {(Node | string)[]} children
   */
  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** @param {string} shape */
  function icon(shape) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg?.setAttribute("viewBox", "0 0 24 24");
    svg?.setAttribute("aria-hidden", "true");
    path?.setAttribute("d", shape);
    svg?.append(path ?? "");
    return svg ?? "";
  }

  const { colour, letters } = colours();
  const lang = language || "en-IN";
  const host = document.createElement("vaani-widget");
  Object.assign(host.dataset, { agent, position: side });
  const root = host.attachShadow({ mode: "open" });
  const button = make(
    "button",
    { type: "button", class: `button ${side}`, lang, "aria-haspopup": "dialog", "aria-expanded": "false" },
    icon(PHONE),
    make("span", {}, talk ?? ""),
  );
  const cross = make("button", { type: "button", "aria-label": close ?? "" }, icon(CROSS));
  const inside = make(
    "div",
    { class: "inside", "data-state": "waiting" },
    make("div", { class: "waiting" }),
    make(
      "div",
      { class: "failed", role: "alert" },
      make("p", {}, noPanel ?? ""),
      make("a", { href: `${base}/a/${agent}${asked}`, target: "_blank", rel: "noopener" }, newTab ?? ""),
    ),
  );
  const panel = make(
    "dialog",
    { class: side, lang, "aria-label": talk ?? "" },
    make("header", {}, make("span", {}, talk ?? ""), cross),
    inside,
  );

  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  let callId = ""; // of the call under way
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;

  /** @param {string} state */
  function go(state) {
    clearTimeout(clock);
    inside.dataset.state = state;
  }

  function fail() {
    go("failed");
    warn(`The agent's page did not open. Is ${location.origin} one of its sites? They are on the agent's page, under “Share”.`);
  }

  /** @param {string} id */
  function calling(id) {
    callId = id;
    cross.setAttribute("aria-label", (id ? hangUp : close) ?? "");
  }

  /**
   * Tell the page around.
   *
   * @param {"opened" | "started" | "ended" | "lead"} what
   * @param {string} id
   * @param {{leadId?: number}} more
   */
  function tell(what, id, more = {}) {
    document.dispatchEvent(new CustomEvent(`vaani:${what}`, { detail: { agentId: agent, callId: id, ...more } }));
  }

  function open() {
    frame = make("iframe", {
      src: `${base}/embed/${agent}${asked}`,
      title: talk ?? "",
      allow: "microphone; autoplay; screen-wake-lock; clipboard-write; speaker-selection",
      referrerpolicy: "origin", // by which Firefox lets the page know whom to tell
    });
    go("waiting");
    clock = setTimeout(fail, LOST_MS);
    frame.addEventListener("load", () => {
      if (inside.dataset.state !== "waiting") return;
      clearTimeout(clock);
      clock = setTimeout(fail, REFUSED_MS);
    });
    inside.append(frame);
    button.setAttribute("aria-expanded", "true");
    if (matchMedia("(max-width: 480px)").matches) panel.showModal();
    else panel.show();
  }

  // The frame goes with the panel, so that no microphone stays open where nobody sees it.
  panel.addEventListener("close", () => {
    frame?.remove();
    frame = null;
    clearTimeout(clock);
    button.setAttribute("aria-expanded", "false");
    button.focus();
    if (callId) tell("ended", callId);
    calling("");
  });
  panel.addEventListener("cancel", (event) => {
    if (callId) event.preventDefault();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !callId) panel.close();
  });
  cross.addEventListener("click", () => {
    if (!callId) return panel.close();
    // Our page hangs up itself: a call that goes with its frame was cut off, and is offered to go on with.
    frame?.contentWindow?.postMessage({ type: "vaani:hang-up" }, base);
    go("parting");
    clock = setTimeout(() => panel.close(), PARTING_MS);
  });
  button.addEventListener("click", () => {
    if (!panel.open) open();
    else if (callId) frame?.focus();
    else panel.close();
  });

  window.addEventListener("message", ({ origin, source, data }) => {
    if (!frame || origin !== base || source !== frame.contentWindow) return;
    const id = String(data?.callId ?? "");
    if (data?.type === "vaani:opened") {
      go("opened");
      if (root.activeElement) frame.focus(); // unless the visitor has gone elsewhere meanwhile
      tell("opened", "");
    } else if (data?.type === "vaani:started") {
      calling(id);
      tell("started", id);
    } else if (data?.type === "vaani:ended") {
      calling("");
      tell("ended", id);
      if (inside.dataset.state === "parting") panel.close();
    } else if (data?.type === "vaani:lead") {
      tell("lead", id, { leadId: Number(data.leadId) });
    } else if (data?.type === "vaani:close") {
      panel.close();
    }
  });

  function draw() {
    const below = document.querySelectorAll(`vaani-widget[data-position="${side}"]`).length;
    for (const part of [button, panel]) {
      part.style.setProperty("--colour", colour);
      part.style.setProperty("--on-colour", letters);
      part.style.setProperty("--lift", `${68 * below}px`);
    }
    try {
      const sheet = new CSSStyleSheet(); // which a site's own policy on styles lets pass
      sheet.replaceSync(STYLES);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", {}, STYLES));
    }
    root.append(button, panel);
    document.body.append(host);
  }

  if (document.body) draw();
  else document.addEventListener("DOMContentLoaded", draw);
})();
