/** Getting camera and microphone (W3C mediacapture-streams), and what exactly is in the way when one can't be had. */

/** @typedef {import("./peer.js").Kind} Kind */
/** @typedef {import("./peer.js").Tracks} Tracks */

/**
 * Why a device gives nothing: the person or the system said no; there is none; another program has it; it was
 * unplugged; a phone call or the system holds it; it gives only silence; anything else.
 * @typedef {"refused" | "missing" | "taken" | "unplugged" | "interrupted" | "silent" | "failed"} Trouble
 */

/** @typedef {{tracks: Tracks, trouble: Record<Kind, Trouble | null>}} Capture */

const PERMISSIONS = { audio: "microphone", video: "camera" };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
const FRONT = { facingMode: "user" };

/**
 * Why this page can't ask for devices at all; null when it can.
 * @returns {"in_app_browser" | "insecure" | "unsupported" | null}
 */
export function obstacle() {
  if (typeof navigator.mediaDevices?.getUserMedia === "function") return null;
  if (isInAppBrowser(navigator.userAgent)) return "in_app_browser";
  return window.isSecureContext ? "unsupported" : "insecure";
}

/**
 * Whether a page was opened inside a mail or chat app. Those say so, are a bare Android WebView, or lack the
 * word "Safari" that the real one on iOS has.
 * @param {string} userAgent
 */
export function isInAppBrowser(userAgent) {
  if (/\bFB(AN|AV|_IAB)|Instagram|\bLine\/|MicroMessenger|\bGSA\/|Outlook|Teams\/|; wv\)/.test(userAgent))
    return true;
  return /iPhone|iPad|iPod/.test(userAgent) && !/Safari\//.test(userAgent);
}

/**
 * What the browser's permission is, where it tells.
 * @param {Kind} kind
 * @returns {Promise<PermissionState | "unknown">}
 */
export async function permission(kind) {
  try {
    const status = await navigator.permissions.query({
      name: /** @type {PermissionName} */ (PERMISSIONS[kind]),
    });
    return status.state;
  } catch {
    return "unknown";
  }
}

/**
 * What the name of a failure of getUserMedia means.
 * @param {unknown} error
 * @returns {Trouble}
 */
export function troubleOf(error) {
  switch (/** @type {{name?: string}} */ (error)?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "taken";
    default:
      return "failed";
  }
}

/**
 * Asks for the devices; what one of them lacks does not cost the other.
 * @param {Record<Kind, boolean>} wanted
 * @param {MediaTrackConstraints} [camera] which camera; the front one if left out
 * @returns {Promise<Capture>}
 */
export async function capture(wanted, camera = FRONT) {
  const both = wanted.audio && wanted.video;
  if (!both) return captureEach(wanted, camera);
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: AUDIO,
      video: { ...VIDEO, ...camera },
    });
    const [audio = null] = stream.getAudioTracks();
    const [video = null] = stream.getVideoTracks();
    return { tracks: { audio, video }, trouble: { audio: null, video: null } };
  } catch (error) {
    if (troubleOf(error) !== "refused") return captureEach(wanted, camera);
    // To ask again for one alone would be a second question after a no. Only what is allowed already is taken.
    const allowed = {
      audio: (await permission("audio")) === "granted",
      video: (await permission("video")) === "granted",
    };
    const some = allowed.audio && allowed.video ? nothing() : await captureEach(allowed, camera);
    return {
      tracks: some.tracks,
      trouble: {
        audio: some.tracks.audio === null ? (some.trouble.audio ?? "refused") : null,
        video: some.tracks.video === null ? (some.trouble.video ?? "refused") : null,
      },
    };
  }
}

/** @returns {Capture} */
function nothing() {
  return { tracks: { audio: null, video: null }, trouble: { audio: null, video: null } };
}

/**
 * @param {Record<Kind, boolean>} wanted
 * @param {MediaTrackConstraints} camera
 * @returns {Promise<Capture>}
 */
async function captureEach(wanted, camera) {
  const found = nothing();
  for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
    if (!wanted[kind]) continue;
    try {
      found.tracks[kind] = await captureOne(kind, kind === "audio" ? AUDIO : { ...VIDEO, ...camera });
    } catch (error) {
      found.trouble[kind] = troubleOf(error);
    }
  }
  return found;
}

/**
 * @param {Kind} kind
 * @param {MediaTrackConstraints} constraints
 * @returns {Promise<MediaStreamTrack>}
 */
async function captureOne(kind, constraints) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ [kind]: constraints });
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "OverconstrainedError") throw error;
    stream = await navigator.mediaDevices.getUserMedia({ [kind]: true });
  }
  const [track] = stream.getTracks();
  if (track === undefined) throw new DOMException("no track", "NotFoundError");
  return track;
}
