/**
 * How good the connection is, from the page's own measurements (W3C webrtc-stats).
 *
 * This side answers for what it sends: loss on the way out, the delay, and a picture that had to shrink are put
 * down to this person's connection, since homes have far less room upwards than downwards. What comes in badly
 * is what the other page reports of itself.
 */

/** @typedef {import("../protocol.js").Grade} Grade */
/** @typedef {{[member: string]: any, id: string, type: string, kind?: string}} Stats */

/**
 * @typedef {object} Measures of the time since the sample before; null where nothing was measured
 * @property {number | null} loss part of what was sent that did not arrive, 0 to 1
 * @property {number | null} delay there and back, in seconds
 * @property {number | null} room for what is sent, in bits per second, if the picture is limited by it
 * @property {number | null} frames of the other's picture
 * @property {number | null} energy of the own sound
 * @property {number | null} taken frames of the own picture
 */

export const SAMPLE_MS = 2000;
const STEADY_SAMPLES = 2;
const STALLED_SAMPLES = 2;
const SILENT_SAMPLES = 10;
const DARK_SAMPLES = 3;
const STOP_SAMPLES = 3;
const RESUME_SAMPLES = 5;

/**
 * The grade of one sample.
 * @param {Measures} measures
 * @returns {Grade}
 */
export function gradeOf({ loss, delay, room }) {
  if ((loss ?? 0) > 0.1 || (delay ?? 0) > 0.7 || (room ?? Infinity) < 150_000) return "poor";
  if ((loss ?? 0) > 0.03 || (delay ?? 0) > 0.35 || (room ?? Infinity) < 350_000) return "fair";
  return "good";
}

/** Follows one call from sample to sample. */
export class Quality {
  /** @type {Grade} */
  grade = "good";
  /** The other's picture stands still. */
  stalled = false;
  /** The own microphone has given no sound at all for a while, or the own camera no picture. */
  silent = { audio: false, video: false };
  /** Whether the network has room for a picture beside the voice. */
  picture = true;
  /** @type {Map<string, Stats>} */
  #before = new Map();
  /** @type {{grade: Grade, count: number}} */
  #tendency = { grade: "good", count: 0 };
  #still = 0;
  #quiet = 0;
  #dark = 0;
  #bad = 0;
  #well = 0;

  /**
   * Takes a sample.
   * @param {Iterable<Stats> | null} stats null while media has no path
   */
  sample(stats) {
    if (stats === null) {
      this.#settle("lost");
      this.#still = 0;
      return;
    }
    const measures = this.#measure(new Map([...stats].map((one) => [one.id, one])));
    const grade = gradeOf(measures);
    this.#settle(grade);
    this.#still = measures.frames === 0 ? this.#still + 1 : 0;
    this.stalled = this.#still >= STALLED_SAMPLES;
    this.#quiet = measures.energy === 0 ? this.#quiet + 1 : 0;
    this.#dark = measures.taken === 0 ? this.#dark + 1 : 0;
    this.silent = { audio: this.#quiet >= SILENT_SAMPLES, video: this.#dark >= DARK_SAMPLES };
    this.#judgePicture(measures);
  }

  /** A new peer connection counts from zero. */
  startOver() {
    this.#before = new Map();
    this.#still = 0;
    this.stalled = false;
  }

  /**
   * A worse or better grade counts once it lasts; a lost path at once.
   * @param {Grade} grade
   */
  #settle(grade) {
    this.#tendency = { grade, count: this.#tendency.grade === grade ? this.#tendency.count + 1 : 1 };
    if (this.#tendency.count >= STEADY_SAMPLES || grade === "lost" || this.grade === "lost")
      this.grade = grade;
  }

  /** @param {Measures} measures */
  #judgePicture({ loss, room }) {
    const starved = (loss ?? 0) > 0.2 || (room ?? Infinity) < 70_000;
    this.#bad = starved ? this.#bad + 1 : 0;
    this.#well = starved || (loss ?? 0) > 0.08 ? 0 : this.#well + 1;
    if (this.#bad >= STOP_SAMPLES) this.picture = false;
    else if (this.#well >= RESUME_SAMPLES) this.picture = true;
  }

  /**
   * @param {Map<string, Stats>} now
   * @returns {Measures}
   */
  #measure(now) {
    const all = [...now.values()];
    const of = (/** @type {string} */ type) => all.filter((one) => one.type === type);
    const losses = of("remote-inbound-rtp").map(({ fractionLost }) => fractionLost ?? 0);
    const pair = selectedPair(now, all);
    const shrunk = of("outbound-rtp").some((one) => one.qualityLimitationReason === "bandwidth");
    const measures = {
      loss: losses.length === 0 ? null : Math.max(...losses),
      delay: pair?.currentRoundTripTime ?? null,
      room: shrunk ? (pair?.availableOutgoingBitrate ?? null) : null,
      frames: this.#rise(
        of("inbound-rtp").filter(({ kind }) => kind === "video"),
        "framesDecoded",
      ),
      energy: this.#rise(
        of("media-source").filter(({ kind }) => kind === "audio"),
        "totalAudioEnergy",
      ),
      taken: this.#rise(
        of("media-source").filter(({ kind }) => kind === "video"),
        "frames",
      ),
    };
    this.#before = now;
    return measures;
  }

  /**
   * By how much a counter rose; null without one, or without one before.
   * @param {Stats[]} stats
   * @param {string} counter
   * @returns {number | null}
   */
  #rise([one], counter) {
    const now = one?.[counter];
    const before = one === undefined ? undefined : this.#before.get(one.id)?.[counter];
    return typeof now === "number" && typeof before === "number" ? now - before : null;
  }
}

/**
 * The pair of candidates that media takes. Firefox marks it itself; elsewhere the transport names it.
 * @param {Map<string, Stats>} stats
 * @param {Stats[]} all
 * @returns {Stats | undefined}
 */
function selectedPair(stats, all) {
  const transport = all.find(({ type }) => type === "transport");
  const named = stats.get(transport?.selectedCandidatePairId);
  return named ?? all.find((one) => one.type === "candidate-pair" && one.selected === true);
}
