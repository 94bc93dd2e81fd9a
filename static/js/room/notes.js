/** The small notes of a running call: own devices, signaling, weak connections. Each may have one button. */

/** @typedef {import("../call/state.js").View} View */
/** @typedef {import("../call/devices.js").Devices} Devices */
/** @typedef {import("../call/peer.js").Kind} Kind */

/**
 * @typedef {object} Note
 * @property {string} key of the text
 * @property {string} icon
 * @property {Kind | null} retry the device that the note's button tries again
 */

const DEVICES = { audio: "microphone", video: "camera" };

/**
 * @param {View} view
 * @param {Pick<Devices, "trouble">} devices
 * @param {boolean} offline signaling has been away for longer than a moment
 * @returns {Note[]}
 */
export function notesOf(view, devices, offline) {
  /** @type {Note[]} */
  const notes = [];
  if (offline)
    notes.push({
      key: view.path === "connected" ? "note.serverLost" : "note.offline",
      icon: "offline",
      retry: null,
    });
  for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
    const trouble = devices.trouble[kind];
    if (trouble === null) continue;
    notes.push({ key: `device.${DEVICES[kind]}.${trouble}`, icon: `${DEVICES[kind]}-off`, retry: kind });
  }
  const weak = weakSide(view);
  if (weak !== null && view.path === "connected") notes.push({ key: weak, icon: "alert", retry: null });
  return notes;
}

/**
 * Which side's connection is weak.
 * @param {View} view
 * @returns {string | null} the key of its text
 */
export function weakSide({ grade, peer }) {
  const own = grade === "poor";
  const other = peer.grade === "poor" || peer.grade === "lost";
  if (own && other) return "note.bothWeak";
  if (own) return "note.ownWeak";
  return other ? "note.peerWeak" : null;
}

/**
 * The connection's quality in one word and one icon: the weaker side counts.
 * @param {View} view
 * @returns {{key: string, icon: string} | null} null while there is nothing to measure
 */
export function qualityOf({ path, grade, peer }) {
  if (path === null || grade === null) return null;
  if (path !== "connected") return { key: "quality.lost", icon: "bars-0" };
  const grades = [grade, peer.grade ?? "good"];
  if (grades.includes("poor") || grades.includes("lost")) return { key: "quality.poor", icon: "bars-1" };
  if (grades.includes("fair")) return { key: "quality.fair", icon: "bars-2" };
  return { key: "quality.good", icon: "bars-3" };
}

/**
 * What covers the other's picture while there is none to see; null when it is to be seen.
 * @param {View} view
 * @returns {string | null} the key of its text
 */
export function coverOf({ path, peer, stalled }) {
  if (path !== "connected" || peer.media === null) return null;
  if (peer.media.camera === "off") return "cover.cameraOff";
  if (peer.media.camera === "none") return "cover.noCamera";
  return stalled ? "cover.stalled" : null;
}

/**
 * Why the other can't be heard; null when they can.
 * @param {View} view
 * @returns {string | null} the key of its text
 */
export function silenceOf({ path, peer }) {
  if (path !== "connected" || peer.media === null) return null;
  if (peer.media.microphone === "off") return "cover.microphoneOff";
  return peer.media.microphone === "none" ? "cover.noMicrophone" : null;
}
