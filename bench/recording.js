// Keeps the loudest sample of every millisecond of both sides of the call, apart from anything the page does.
// `recording()` answers {clock, visitor, agent}: the Unix time in milliseconds at which each 50 ms were over, and 0 to 32767
// a millisecond. On a busy machine the sound stands still at times, so its own clock falls behind.
const CODE = `
  registerProcessor("recording", class extends AudioWorkletProcessor {
    #size = sampleRate / 1000;
    #peaks = [0, 0];
    #filled = 0;
    #batch = [];
    process(inputs) {
      for (let at = 0; at < 128; at++) {
        inputs.forEach(([samples], side) => {
          this.#peaks[side] = Math.max(this.#peaks[side], Math.abs(samples?.[at] ?? 0));
        });
        if (++this.#filled >= this.#size) {
          this.#filled -= this.#size;
          this.#batch.push(this.#peaks.map((peak) => Math.round(peak * 32767)));
          this.#peaks = [0, 0];
          if (this.#batch.length === 50) this.port.postMessage(this.#batch.splice(0));
        }
      }
      return true;
    }
  });`;
const clock = [];
const sides = [[], []];
let context;
let node;

const started = (async () => {
  await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
  context = new AudioContext();
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([CODE], { type: "text/javascript" })));
  node = new AudioWorkletNode(context, "recording", { numberOfInputs: 2 });
  node.port.onmessage = ({ data }) => {
    clock.push(Date.now());
    for (const peaks of data) peaks.forEach((peak, side) => sides[side].push(peak));
  };
  node.connect(context.destination);
  await context.resume();
})();

async function record(track, side) {
  await started;
  context.createMediaStreamSource(new MediaStream([track])).connect(node, 0, side);
}

const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await open(wish);
  for (const track of stream.getAudioTracks()) void record(track, 0);
  return stream;
};
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...args) {
    super(...args);
    this.addEventListener("track", ({ track }) => track.kind === "audio" && void record(track, 1));
  }
};
window.recording = () => ({ clock, visitor: sides[0], agent: sides[1] });
