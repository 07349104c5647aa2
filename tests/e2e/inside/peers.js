// Keeps the page's WebRTC connections at hand, so that a test can measure sound in both directions.
window.peers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...args) {
    super(...args);
    window.peers.push(this);
  }
};

/** Sound energy sent by the microphone and received from the agent, since the call began. */
window.soundEnergy = async () => {
  const sum = { sent: 0, received: 0 };
  for (const peer of window.peers) {
    for (const report of (await peer.getStats()).values()) {
      if (report.kind !== "audio") continue;
      if (report.type === "media-source") sum.sent += report.totalAudioEnergy ?? 0;
      if (report.type === "inbound-rtp") sum.received += report.totalAudioEnergy ?? 0;
    }
  }
  return sum;
};

/** Transports in use by the media of the call: "udp" or "tcp". */
window.transports = async () => {
  const used = new Set();
  for (const peer of window.peers) {
    const stats = await peer.getStats();
    for (const report of stats.values()) {
      const pair = report.type === "transport" && stats.get(report.selectedCandidatePairId);
      if (pair) used.add(stats.get(pair.localCandidateId).protocol);
    }
  }
  return [...used].sort();
};
