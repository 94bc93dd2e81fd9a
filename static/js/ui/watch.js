/**
 * The live schedule: a socket that says which visit changed. What changed is read again over HTTP, so that a fact
 * that was missed costs nothing.
 */

import { PROTOCOL } from "../protocol.js";
import { io } from "../vendor/socket.io.esm.min.js";
import { ApiError, api } from "./api.js";
import { setServerTime } from "./clock.js";

const POLL_MS = 30_000;
const RETRY_MS = [1000, 2000, 5000, 10_000, 20_000];
const FACTS = /** @type {const} */ (["visit_changed", "invite_changed", "session_changed", "peer_changed"]);

/**
 * @typedef {object} Watcher
 * @property {(visitId: string | null) => void} onChange a visit changed; null: anything may have
 * @property {(connected: boolean) => void} onConnection
 * @property {() => void} onSignedOut
 */

/**
 * Watches until the page goes.
 * @param {Watcher} watcher
 */
export function watch(watcher) {
  const socket = io(location.origin, {
    path: "/socket.io/",
    transports: ["websocket", "polling"],
    autoConnect: false,
    reconnection: false,
    auth: {},
  });
  let failures = 0;
  /** @type {number | undefined} */
  let timer;

  /** @param {number} delay */
  function connectLater(delay) {
    clearTimeout(timer);
    timer = setTimeout(connect, delay);
  }

  function retry() {
    const delay = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0;
    failures += 1;
    connectLater(delay * (0.75 + Math.random() / 2));
  }

  // A ticket is good for one connection only (DESIGN §4), so that every connection begins here.
  async function connect() {
    if (socket.connected) return;
    try {
      const { ticket, serverTime } = await api("POST", "/watch-ticket", {}, { unattended: true });
      setServerTime(serverTime);
      socket.auth = { ticket };
      socket.connect();
    } catch (error) {
      if (error instanceof ApiError && error.code === "not_signed_in") watcher.onSignedOut();
      else retry();
    }
  }

  socket.on("connect", () => {
    socket.emit("watch", { protocol: PROTOCOL }, (/** @type {{ok?: boolean}} */ answer) => {
      if (!answer.ok) {
        socket.disconnect();
        return;
      }
      failures = 0;
      watcher.onConnection(true);
      watcher.onChange(null);
    });
  });
  socket.on("connect_error", retry);
  socket.on("disconnect", () => {
    watcher.onConnection(false);
    retry();
  });
  socket.on("draining", (fact) => {
    socket.disconnect();
    connectLater(Math.random() * Number(Object(fact).spreadMs ?? 0));
  });
  for (const name of FACTS) {
    socket.on(name, (fact) => watcher.onChange(String(Object(fact).visitId)));
  }
  readAgainOnReturn(watcher, () => socket.connected, connect);
  connect();
}

/**
 * A page that was hidden, asleep or offline reads everything again; one without a socket does so every now and then.
 * @param {Watcher} watcher
 * @param {() => boolean} isConnected
 * @param {() => void} connect
 */
function readAgainOnReturn(watcher, isConnected, connect) {
  const back = () => {
    if (document.visibilityState === "hidden") return;
    watcher.onChange(null);
    if (!isConnected()) connect();
  };
  document.addEventListener("visibilitychange", back);
  addEventListener("online", back);
  addEventListener("pageshow", (event) => {
    if (event.persisted) back();
  });
  setInterval(() => {
    if (!isConnected() && document.visibilityState === "visible") watcher.onChange(null);
  }, POLL_MS);
}
