// @ts-check
// One call, from the tap to the end. Knows LiveKit and the server; knows nothing of the page but its listener.

import { LogLevel, Room, RoomEvent, Track, setLogLevel } from "livekit-client";
import { askAdmission } from "./admission.js";
import { Microphone } from "./microphone.js";
import { HUNG_UP, NOBODY_CAME, NO_CONNECTION, PARTED, fromDisconnect, fromError, lost } from "./outcome.js";
import { Pulse } from "./pulse.js";
import { Waits, postWaits } from "./waits.js";

/** @import { RemoteParticipant, RemoteTrack, TextStreamReader } from "livekit-client" */
/** @import { Choice, PageData } from "./data.js" */
/** @import { Trouble } from "./microphone.js" */
/** @import { Line } from "./transcript.js" */
/** @import { Outcome } from "./outcome.js" */

/** @typedef {"connecting" | "waiting" | "live"} Stage */

/**
 * @typedef {object} CallListener
 * @property {(stage: Stage, text: string) => void} onStage `text` is the key of what to say of it
 * @property {(state: string) => void} onAgentState initializing, listening, thinking or speaking
 * @property {(id: string, line: Line) => void} onLine
 * @property {(notice: {code: string, text: string, seconds?: number}) => void} onNotice
 * @property {(side: "agent" | "visitor", track: MediaStreamTrack) => void} onSound
 * @property {(speaking: boolean) => void} onSpeaking the visitor begins to speak, or what began was only a noise
 * @property {(trouble: Trouble) => void} onMicrophone
 * @property {(weak: boolean) => void} onConnection
 * @property {(blocked: boolean) => void} onPlaybackBlocked
 * @property {(outcome: Outcome) => void} onEnd
 */

// LiveKit calls the plain end of a room an error. What matters is told to the visitor.
setLogLevel(LogLevel.silent);

const AGENT_WAIT_MS = 12_000; // the promise to the visitor: told what to do by then
const SLOW_MS = 8_000; // the same, for a visitor in a call who has spoken
const LOST_MS = 25_000; // a call that could not be brought back by then is over: the room waits no longer either
const STATE = "lk.agent.state";
const SEGMENT = "lk.segment_id";
const FINAL = "lk.transcription_final";

export class Call {
  id = ""; // empty until the server has admitted it
  #room;
  visitorKey = "";
  #waits;
  /** @type {Microphone | null} */
  #microphone = null;
  /** @type {HTMLMediaElement[]} */
  #players = [];
  #over = false;
  #live = false;
  #answered = false;
  #parted = false; // the agent has said goodbye
  #typedLines = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #clock;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reconnecting;
  #weak = { room: false, pulse: false };
  #pulse = new Pulse(
    () => this.#room.engine.pcManager?.publisher.getStats(),
    (lost) => this.#tellConnection("pulse", lost),
  );

  /**
   * @param {PageData} data
   * @param {Choice} choice
   * @param {CallListener} listener
   * @param {HTMLElement} place where players of sound are put
   */
  constructor(data, choice, listener, place) {
    this.data = data;
    this.choice = choice;
    this.listener = listener;
    this.place = place;
    this.#waits = new Waits(
      data.meterUrl,
      (waits) => postWaits(data.waitsUrl.replace("call-id", this.id), this.visitorKey, waits),
      (speaking) => listener.onSpeaking(speaking),
      () => this.#expectAnswer(),
      () => this.#expectNothing(),
    );
    // Who loads the page anew can go on with the call; a widget's panel that closes, or a trial's page, hangs up.
    const hangsUp = window.parent !== window || data.mode === "trial";
    this.#room = new Room({ disconnectOnPageLeave: hangsUp });
  }

  /**
   * Call. Never throws: what goes wrong is told to `onEnd`.
   *
   * @param {{silent: boolean}} how silent calls have no microphone; their visitor types
   */
  async start({ silent }) {
    this.#watchRoom();
    try {
      if (!silent) {
        this.listener.onStage("connecting", "askingMicrophone");
        this.#microphone = await Microphone.open();
        if (this.#leftMeanwhile()) return;
      }
      this.listener.onStage("connecting", "connecting");
      const admission = await askAdmission(this.data, this.choice);
      this.id = admission.callId;
      this.visitorKey = admission.visitorKey;
      if (this.#over) return;
      this.#clock = setTimeout(() => this.#finish(NO_CONNECTION), AGENT_WAIT_MS);
      await this.#room.connect(admission.url, admission.token);
      if (this.#over) return;
      this.#pulse.start();
      if (this.#microphone) await this.#publish(this.#microphone);
      void this.enableSound();
    } catch (error) {
      this.#finish(fromError(error));
      return;
    }
    if (!this.#over && !this.#live) this.#waitForAgent("waiting", () => NOBODY_CAME);
  }

  hangUp() {
    this.#finish(HUNG_UP);
  }

  /** The page is looked at again, or a phone call is over: what the browser had stopped goes on. */
  wake() {
    this.#waits.wake();
    if (this.#live) void this.enableSound();
  }

  /**
   * Let the agent be heard from another speaker, one of `navigator.mediaDevices`. Throws when the browser refuses.
   *
   * @param {string} deviceId
   */
  async hearFrom(deviceId) {
    await this.#room.switchActiveDevice("audiooutput", deviceId);
  }

  /** Start the sound where the browser held it back. Call from a tap. */
  async enableSound() {
    try {
      await this.#room.startAudio();
    } catch {
      this.listener.onPlaybackBlocked(true);
    }
  }

  /** @param {boolean} muted */
  async setMuted(muted) {
    this.#waits.forget();
    await this.#microphone?.setMuted(muted);
  }

  /**
   * Say something by typing. Throws when it could not be sent.
   *
   * @param {string} text
   */
  async type(text) {
    await this.#room.localParticipant.sendText(text, { topic: "lk.chat" });
    this.#typedLines += 1;
    this.listener.onLine(`typed-${this.#typedLines}`, { role: "visitor", text, final: true, typed: true });
    this.#expectAnswer();
  }

  /** @param {Microphone} microphone */
  async #publish(microphone) {
    await this.#room.localParticipant.publishTrack(microphone.track, { source: Track.Source.Microphone });
    microphone.watch({
      onSound: (sound) => {
        this.listener.onSound("visitor", sound);
        void this.#waits.listen("visitor", sound);
      },
      onTrouble: (trouble) => {
        this.listener.onMicrophone(trouble);
        if (!trouble) this.wake();
      },
      onChanged: () => this.listener.onNotice({ code: "microphone_changed", text: "" }),
    });
  }

  #watchRoom() {
    const room = this.#room;
    room
      .on(RoomEvent.TrackSubscribed, (track, _publication, participant) => this.#play(track, participant))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#stopPlaying(track))
      .on(RoomEvent.ParticipantAttributesChanged, (_changed, participant) => {
        if (participant.isAgent) this.#tellAgentState(participant.attributes);
      })
      .on(RoomEvent.ParticipantDisconnected, (participant) => {
        if (!participant.isAgent || !this.#live) return;
        if (this.#parted) return this.#finish(PARTED);
        // A lost agent is replaced within seconds.
        this.#waitForAgent("waiting", () => lost("agentLost"), "returning");
      })
      .on(RoomEvent.SignalReconnecting, () => this.#tellConnection("room", true))
      .on(RoomEvent.Reconnecting, () => this.#tellConnection("room", true))
      .on(RoomEvent.Reconnected, () => this.#tellConnection("room", false))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.listener.onPlaybackBlocked(!room.canPlaybackAudio))
      .on(RoomEvent.Disconnected, (reason) => {
        if (room.localParticipant.identity) this.#finish(this.#parted ? PARTED : fromDisconnect(reason, this.#answered));
      });
    room.registerTextStreamHandler("lk.transcription", (reader, { identity }) => void this.#hear(reader, identity));
    room.registerTextStreamHandler("vaani.notice", (reader) => void this.#takeNotice(reader));
  }

  /**
   * @param {Stage} stage
   * @param {() => Outcome} otherwise
   * @param {string} text
   */
  #waitForAgent(stage, otherwise, text = stage) {
    this.#live = false;
    this.#expectNothing();
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.#finish(otherwise()), AGENT_WAIT_MS);
    this.listener.onStage(stage, text);
  }

  /**
   * @param {"room" | "pulse"} who says so
   * @param {boolean} weak
   */
  #tellConnection(who, weak) {
    const before = this.#weak.room || this.#weak.pulse;
    this.#weak[who] = weak;
    const now = this.#weak.room || this.#weak.pulse;
    if (now === before || this.#over) return;
    if (now) this.#reconnecting = setTimeout(() => this.#finish(lost("lost")), LOST_MS);
    else clearTimeout(this.#reconnecting);
    this.#expectNothing();
    this.listener.onConnection(now);
  }

  /** The visitor has spoken. An agent that hangs cannot say so itself, so after a while the page does. */
  #expectAnswer() {
    if (!this.#live) return;
    this.#patience ??= setTimeout(() => this.listener.onNotice({ code: "slow", text: "" }), SLOW_MS);
  }

  #expectNothing() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #agentCame() {
    if (this.#live || this.#over) return;
    clearTimeout(this.#clock);
    this.#live = this.#answered = true;
    this.listener.onStage("live", this.#microphone ? "connected" : "connectedTyping");
    for (const participant of this.#room.remoteParticipants.values()) {
      if (participant.isAgent) this.#tellAgentState(participant.attributes);
    }
  }

  /** @param {Readonly<Record<string, string>>} attributes */
  #tellAgentState(attributes) {
    const state = attributes[STATE];
    if (state === "speaking") this.#expectNothing();
    if (state && this.#live) this.listener.onAgentState(state);
  }

  /**
   * @param {RemoteTrack} track
   * @param {RemoteParticipant} participant
   */
  #play(track, participant) {
    if (track.kind !== Track.Kind.Audio || this.#over) return;
    const player = track.attach();
    player.dataset.player = participant.isAgent ? "agent" : "other";
    this.#players.push(player);
    this.place.append(player);
    if (!participant.isAgent) return;
    this.listener.onSound("agent", track.mediaStreamTrack);
    void this.#waits.listen("agent", track.mediaStreamTrack);
    this.#agentCame();
  }

  /** @param {RemoteTrack} track */
  #stopPlaying(track) {
    for (const player of track.detach()) player.remove();
  }

  /**
   * One stream of words. The agent's reply comes word by word in one stream; what the visitor said comes
   * whole, in a new stream of the same segment whenever it is understood better.
   *
   * @param {TextStreamReader} reader
   * @param {string} identity of who is speaking
   */
  async #hear(reader, identity) {
    const role = identity === this.#room.localParticipant.identity ? "visitor" : "agent";
    if (role === "agent") this.#agentCame();
    const id = reader.info.attributes?.[SEGMENT] ?? reader.info.id;
    let text = "";
    const put = (/** @type {boolean} */ final) => {
      if (text.trim()) this.listener.onLine(id, { role, text: text.trim(), final, typed: false });
    };
    try {
      for await (const words of reader) {
        text += words;
        put(false);
      }
    } catch {
      return; // The speaker was lost in mid-sentence: the words so far stand.
    }
    put(reader.info.attributes?.[FINAL] === "true");
  }

  /** @param {TextStreamReader} reader */
  async #takeNotice(reader) {
    try {
      const { code = "", text = "", seconds = 0 } = JSON.parse(await reader.readAll());
      this.#expectNothing();
      if (code === "goodbye") this.#parted = true;
      else this.listener.onNotice({ code, text, seconds });
    } catch {
      // Not a notice this page can read.
    }
  }

  /** Whether the visitor hung up while the browser was asking, so that the microphone is not kept open. */
  #leftMeanwhile() {
    if (this.#over) this.#microphone?.stop();
    return this.#over;
  }

  /** @param {Outcome} outcome */
  #finish(outcome) {
    if (this.#over) return;
    this.#over = true;
    this.#live = false;
    this.#expectNothing();
    clearTimeout(this.#clock);
    clearTimeout(this.#reconnecting);
    this.#pulse.stop();
    this.#waits.close();
    this.#microphone?.stop();
    for (const player of this.#players) player.remove();
    void this.#room.disconnect();
    this.listener.onEnd(outcome);
  }
}
