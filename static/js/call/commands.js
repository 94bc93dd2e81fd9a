/**
 * Commands that must be carried out exactly once, also when they are given without a network: kept in the tab's
 * session storage with their id until the server has answered. A repeat with the same id answers the same.
 */

import { ApiError, api } from "../ui/api.js";
import { pause } from "./pause.js";

/** @typedef {"hang_up" | "end_session"} CommandName */
/** @typedef {{name: CommandName, commandId: string, legId: string, generation: number}} KeptCommand */

const PAUSES_MS = [500, 1000, 2000, 4000, 8000];
const PATHS = { hang_up: "hang-up", end_session: "session/end" };

/** @param {string} visitId */
const keyOf = (visitId) => `command:${visitId}`;

/**
 * The command that still waits for its answer.
 * @param {string} visitId
 * @returns {KeptCommand | null}
 */
export function keptCommand(visitId) {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(visitId)) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Writes a command down before anything is sent.
 * @param {string} visitId
 * @param {CommandName} name
 * @param {{id: string, generation: number | null}} leg
 * @returns {KeptCommand}
 */
export function keepCommand(visitId, name, leg) {
  const command = { name, commandId: crypto.randomUUID(), legId: leg.id, generation: leg.generation ?? 0 };
  sessionStorage.setItem(keyOf(visitId), JSON.stringify(command));
  return command;
}

/**
 * Sends a kept command over HTTP until the server has answered it, and forgets it then.
 * @param {string} visitId
 * @param {KeptCommand} command
 * @param {boolean} [answered] the server has answered it already, over the socket
 * @returns {Promise<ApiError | null>} why it was refused; null when it was carried out
 */
export async function deliverCommand(visitId, command, answered = false) {
  const { name, ...body } = command;
  const refusal = answered ? null : await overHttp(visitId, name, body);
  sessionStorage.removeItem(keyOf(visitId));
  return refusal;
}

/**
 * @param {string} visitId
 * @param {CommandName} name
 * @param {object} body
 * @returns {Promise<ApiError | null>}
 */
async function overHttp(visitId, name, body) {
  for (let round = 0; ; round += 1) {
    try {
      await api("POST", `/visits/${encodeURIComponent(visitId)}/${PATHS[name]}`, body, { keepalive: true });
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.unanswered && error.status !== 429) return error;
    }
    await pause(PAUSES_MS[Math.min(round, PAUSES_MS.length - 1)] ?? 0);
  }
}
