// A person on the phone: a microphone that says SENTENCE when told to, and a diary of all that is heard and seen.
// Each entry is {at, what, text}, `at` in Unix seconds:
//   speaks, spoke      the person begins and stops
//   hears, quiet       the agent's sound begins and stops
//   state, notice      what the page shows changes; a notice's `text` is its code
const LOUD = 0.004; // root mean square, full scale being 1
const PAUSE = 0.5; // seconds of quiet after which the agent has stopped
let entries = [];
const note = (what, text = "", at = Date.now() / 1000) => entries.push({ at, what, text });

const sound = new AudioContext();
const microphone = sound.createMediaStreamDestination();
const sentence = sound.decodeAudioData(Uint8Array.from(atob(SENTENCE), (letter) => letter.charCodeAt(0)).buffer);
navigator.mediaDevices.getUserMedia = async () =>
  new MediaStream(microphone.stream.getAudioTracks().map((track) => track.clone()));

window.speak = async () => {
  const voice = sound.createBufferSource();
  voice.buffer = await sentence;
  voice.connect(microphone);
  voice.onended = () => note("spoke");
  note("speaks");
  voice.start();
};

const ears = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...args) {
    super(...args);
    this.addEventListener("track", ({ track }) => {
      if (track.kind !== "audio") return;
      const ear = sound.createAnalyser();
      ear.fftSize = 2048;
      sound.createMediaStreamSource(new MediaStream([track])).connect(ear);
      ears.push(ear);
    });
  }
};

const samples = new Float32Array(2048);
function loud(ear) {
  ear.getFloatTimeDomainData(samples);
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) > LOUD;
}

let loudAt = 0;
let sounding = false;
const seen = { state: "", notice: "" };

function look(what, text) {
  if (text !== seen[what]) note(what, text);
  seen[what] = text;
}

setInterval(() => {
  const now = Date.now() / 1000;
  if (ears.some(loud)) {
    if (!sounding) note("hears", "", now);
    sounding = true;
    loudAt = now;
  } else if (sounding && now - loudAt > PAUSE) {
    sounding = false;
    note("quiet", "", loudAt);
  }
  look("state", document.getElementById("visitor")?.dataset.state ?? "");
  const notice = document.getElementById("notice");
  look("notice", notice && !notice.hidden ? notice.dataset.code || "notice" : "");
}, 30);

/** What happened since this was last asked, and the lines of the transcript as they stand. */
window.told = () => ({
  diary: entries.splice(0),
  lines: [...document.querySelectorAll("#transcript li")].map((line) => ({
    role: line.dataset.role,
    text: line.querySelector("[data-text]").textContent.trim(),
    final: line.dataset.final === "true",
  })),
});
