/** Commands that carry an id: once per press, however often the press is repeated for lack of an answer. */

import { ApiError, api, commandId } from "./api.js";

/**
 * Command ids of presses that were not answered.
 * @type {Map<string, string>}
 */
const unanswered = new Map();

/**
 * Sends a command. Pressing again after a lost answer repeats the same command, so that it does not become a
 * second mail.
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {typeof api} [send]
 * @returns {Promise<any>}
 */
export async function pressed(path, body, send = api) {
  const press = `${path} ${JSON.stringify(body)}`;
  const id = unanswered.get(press) ?? commandId();
  unanswered.set(press, id);
  try {
    const answer = await send("POST", path, { ...body, commandId: id });
    unanswered.delete(press);
    return answer;
  } catch (error) {
    if (error instanceof ApiError && !error.unanswered) unanswered.delete(press);
    throw error;
  }
}
