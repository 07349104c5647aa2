// The microphones of this browser, as a test may use them up: each track that was opened, and what the next asking meets.
window.opened = [];
window.nextFault = "";
const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (open) {
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    if (window.nextFault) throw new DOMException("planted", window.nextFault);
    const stream = await open(wishes);
    window.opened.push(...stream.getAudioTracks());
    return stream;
  };
}

/** Let the microphone in use be pulled out. */
window.pullOut = () => {
  const track = window.opened.at(-1);
  track.stop();
  track.dispatchEvent(new Event("ended")); // which browsers send only when it was not the page that stopped it
};

/** Let the system take the sound away, as for a phone call, or give it back. */
window.phoneCall = (begins) => window.opened.at(-1).dispatchEvent(new Event(begins ? "mute" : "unmute"));

/** Look at another tab, or at this one again. */
window.lookAway = (away) => {
  Object.defineProperty(document, "visibilityState", { value: away ? "hidden" : "visible", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
};

// How often the page asked to keep the screen on, which a browser without one refuses; and the sounds it listens to.
window.locksAsked = 0;
if (window.WakeLock) {
  const lock = WakeLock.prototype.request;
  WakeLock.prototype.request = function (kind) {
    window.locksAsked += 1;
    return lock.call(this, kind);
  };
}
const contexts = [];
window.sounds = () => contexts.filter(({ state }) => state !== "closed");
window.AudioContext = class extends window.AudioContext {
  constructor(...args) {
    super(...args);
    contexts.push(this);
  }
};
