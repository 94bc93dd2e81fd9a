/** What a call page knows: facts in, a new view out. Nothing here does anything. */

/** @typedef {import("../protocol.js").Snapshot} Snapshot */
/** @typedef {import("../protocol.js").Facts} Facts */
/** @typedef {import("../protocol.js").Role} Role */

/**
 * `entering` until the first snapshot; `open`; `left` by this person; `over` for good; `replaced` by another page;
 * `elsewhere`: the call is open on another page, which one is to be used?; `refused` with `refusal`.
 * @typedef {"entering" | "open" | "left" | "over" | "replaced" | "elsewhere" | "refused"} Phase
 */

/**
 * @typedef {object} View
 * @property {Role} role
 * @property {Phase} phase
 * @property {string | null} refusal the code, while `refused`
 * @property {boolean} online whether signaling works at this moment
 * @property {import("../protocol.js").State} state
 * @property {number} rev
 * @property {string | null} pair
 * @property {import("../protocol.js").PeerInfo} peer
 * @property {import("../protocol.js").VisitInfo | null} visit null before the first snapshot
 * @property {import("./peer.js").Path | null} path null: there is no peer connection
 * @property {import("../protocol.js").Grade | null} grade of this person's connection
 * @property {boolean} stalled the other's picture stands still
 * @property {string | null} talkingSince
 */

/**
 * @param {Role} role
 * @returns {View}
 */
export function initialView(role) {
  return {
    role,
    phase: "entering",
    refusal: null,
    online: false,
    state: "invited",
    rev: -1,
    pair: null,
    peer: { name: "", presence: "never", media: null, grade: null },
    visit: null,
    path: null,
    grade: null,
    stalled: false,
    talkingSince: null,
  };
}

/**
 * @param {View} view
 * @param {Snapshot} snapshot
 * @returns {View}
 */
export function withSnapshot(view, { state, rev, pair, peer, visit }) {
  return { ...view, ...phaseOf(view, state), state, rev, pair: pair ?? view.pair, peer, visit };
}

/**
 * Takes one fact; what is older than the view changes nothing.
 * @template {keyof Facts} Name
 * @param {View} view
 * @param {Name} name
 * @param {Parameters<Facts[Name]>[0]} fact
 * @returns {View}
 */
export function withFact(view, name, fact) {
  const change = /** @type {Record<string, ((view: View, fact: any) => Partial<View>) | undefined>} */ (
    CHANGES
  )[name];
  return change === undefined ? view : { ...view, ...change(view, fact) };
}

const CHANGES = {
  /**
   * @param {View} view
   * @param {import("../protocol.js").SessionChanged} fact
   */
  session_changed: (view, { rev, state }) => (rev > view.rev ? { rev, state, ...phaseOf(view, state) } : {}),
  /**
   * @param {View} view
   * @param {import("../protocol.js").PeerChanged} fact
   */
  peer_changed: (view, { role, presence, pair, name }) => {
    if (role === view.role) return pair === null ? {} : { pair };
    const gone = presence === "closed" || presence === "left" || presence === "never";
    const known = gone ? { media: null, grade: null } : {};
    return {
      pair: pair ?? view.pair,
      peer: { ...view.peer, presence, name: name ?? view.peer.name, ...known },
    };
  },
  /**
   * @param {View} view
   * @param {import("../protocol.js").PeerMedia} fact
   */
  peer_media: (view, { camera, microphone }) => ({ peer: { ...view.peer, media: { camera, microphone } } }),
  /**
   * @param {View} view
   * @param {import("../protocol.js").PeerQuality} fact
   */
  peer_quality: (view, { grade }) => ({ peer: { ...view.peer, grade } }),
  /**
   * @param {View} view
   * @param {import("../protocol.js").InviteChanged} fact
   */
  invite_changed: (view, { lastInvite }) => {
    return view.visit === null ? {} : { visit: { ...view.visit, lastInvite } };
  },
  replaced: () => ({ phase: "replaced" }),
  /**
   * @param {View} _view
   * @param {import("../protocol.js").LegClosed} fact
   */
  leg_closed: (_view, { code }) => ({ phase: "refused", refusal: code }),
};

/**
 * @param {View} view
 * @param {import("../protocol.js").State} state
 * @returns {{phase: Phase}}
 */
function phaseOf(view, state) {
  if (state === "terminated") return { phase: "over" };
  return { phase: view.phase === "entering" || view.phase === "elsewhere" ? "open" : view.phase };
}

/**
 * @param {View} view
 * @param {string} code why the server won't have this page
 * @returns {View}
 */
export function withRefusal(view, code) {
  if (code === "session_over" || code === "link_over") return { ...view, phase: "over", state: "terminated" };
  if (code === "leg_replaced") return { ...view, phase: "replaced" };
  if (code === "call_open_elsewhere") return { ...view, phase: "elsewhere" };
  return { ...view, phase: "refused", refusal: code };
}
