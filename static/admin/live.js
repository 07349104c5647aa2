// @ts-check

/* A page that keeps itself up to date: a socket says that there is news, the page asks for its own part again and puts in
   what has changed. Without the socket it asks by itself, each time it tries for another one. */

const LONGEST_WAIT = 15_000; // ms between two tries for a socket
const SILENCE = 15_000; // ms without a word, of a server that speaks every 5 s, after which the socket counts as lost
const NEAR = 80; // pixels below the screen at which the end still counts as seen

const state = /** @type {HTMLElement} */ (document.getElementById("live"));
const said = /** @type {HTMLElement} */ (document.getElementById("live-said"));
const part = () => /** @type {HTMLElement} */ (document.getElementById("live-part"));

let tries = 0;
let ended = false;
let stale = false;
let asking = false;
/** @type {ReturnType<typeof setTimeout>} */
let silence;

/** @param {"live" | "lost" | "over" | "refused"} now */
function show(now) {
  if (ended || state.dataset.state === now) return;
  state.dataset.state = now;
  for (const words of /** @type {Iterable<HTMLElement>} */ (state.children)) words.hidden = words.dataset.when !== now;
  ended = now === "over" || now === "refused";
}

/**
 * Give `list` the children of `fresh`. What is the same at both ends stays, and with it the focus and the place on the screen.
 * @param {Element} list
 * @param {Element} fresh
 */
function merge(list, fresh) {
  const old = [...list.childNodes];
  const now = [...fresh.childNodes];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head].isEqualNode(now[head])) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail].isEqualNode(now[now.length - 1 - tail])) tail++;
  for (const node of old.slice(head, old.length - tail)) node.remove();
  const after = list.childNodes[head] ?? null;
  for (const node of now.slice(head, now.length - tail)) list.insertBefore(document.importNode(node, true), after);
}

/** Finished turns, by when they began and their words: as a screen reader is to say them, each once. */
function turns() {
  const found = document.querySelectorAll(".call-turn:not([data-draft])");
  return new Map(
    [...found].map((turn) => {
      const words = `${turn.querySelector("b")?.textContent}: ${turn.querySelector(".call-words")?.textContent}`;
      return [`${turn.querySelector("time")?.dateTime} ${words}`, words];
    }),
  );
}

/** @param {Map<string, string>} before */
function read(before) {
  const fresh = [...turns()].filter(([key]) => !before.has(key));
  if (!fresh.length) return;
  said.replaceChildren(...fresh.map(([, words]) => Object.assign(document.createElement("p"), { textContent: words })));
}

/** @param {Document} news */
function put(news) {
  const fresh = news.getElementById("live-part");
  if (!fresh) return;
  const talk = document.getElementById("call-talk");
  const last = talk?.lastElementChild;
  const atEnd = last && last.getBoundingClientRect().bottom < innerHeight + NEAR;
  const before = turns();
  for (const list of part().querySelectorAll("[data-grows]")) {
    const same = news.getElementById(list.id);
    if (same) merge(list, same);
  }
  part().dataset.mark = fresh.dataset.mark;
  if (atEnd) talk?.lastElementChild?.scrollIntoView({ block: "nearest" });
  read(before);
  if ("over" in fresh.dataset) show("over");
}

/** Ask until nothing has become news meanwhile. */
async function refresh() {
  stale = true;
  if (asking) return;
  asking = true;
  while (stale && !ended) {
    stale = false;
    const answer = await fetch("?part").catch(() => null);
    if (answer?.redirected || answer?.status === 403) show("refused");
    else if (answer?.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
  asking = false;
}

function connect() {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + state.dataset.socket);
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      show("lost"); // a browser may take its time to close
      socket.close();
    }, SILENCE);
  };
  listen();
  socket.addEventListener("message", (event) => {
    listen();
    tries = 0;
    show("live");
    if (JSON.parse(event.data).mark !== part().dataset.mark) void refresh();
    if (ended) socket.close();
  });
  socket.addEventListener("close", () => void again());
}

async function again() {
  clearTimeout(silence);
  show("lost");
  if (ended) return;
  const wait = Math.min(1000 * 2 ** tries++, LONGEST_WAIT) * (0.75 + Math.random() / 2); // not all pages at once
  await refresh();
  if (!ended) setTimeout(connect, wait);
}

connect();
