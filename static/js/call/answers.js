/** Commands of a connection and their answers: every failure is one kind of error. */

import { ApiError } from "../ui/api.js";

/** @typedef {import("../protocol.js").Facts} Facts */
/** @typedef {import("../protocol.js").Commands} Commands */
/** @typedef {import("../vendor/socket.io.esm.min.js").Socket<Facts, Commands>} Socket */
/** @typedef {Exclude<keyof Commands, "signal" | "watch">} CommandName */

const ANSWER_MS = 8000;

/** Why a command was refused; `code` is the server's, or `offline` when no answer came. */
export class CommandError extends Error {
  /**
   * @param {string} code
   * @param {Record<string, unknown>} [body]
   */
  constructor(code, body = {}) {
    super(code);
    this.name = "CommandError";
    this.code = code;
    this.body = body;
  }
}

/**
 * Sends a command and waits for its answer.
 * @param {Socket} socket
 * @param {CommandName} name
 * @param {object} body
 * @returns {Promise<any>}
 * @throws {CommandError}
 */
export async function ask(socket, name, body) {
  /** @type {any} */
  let answer;
  try {
    answer = await socket.timeout(ANSWER_MS).emitWithAck(name, body);
  } catch {
    throw new CommandError("offline");
  }
  if (answer?.ok === true) return answer;
  throw new CommandError(codeOf(answer?.error) ?? "internal", answer?.error ?? {});
}

/**
 * The code that a refusal names.
 * @param {unknown} data
 * @returns {string | null}
 */
export function codeOf(data) {
  const code = /** @type {{code?: unknown} | null | undefined} */ (data)?.code;
  return typeof code === "string" ? code : null;
}

/**
 * What went wrong, as a code.
 * @param {unknown} error
 * @returns {{code: string, body: Record<string, unknown>}}
 */
export function readFailure(error) {
  if (error instanceof CommandError || error instanceof ApiError)
    return { code: error.code, body: error.body };
  // A fault of this page: seen by whoever looks, and no reason to lose the call.
  reportError(error);
  return { code: "internal", body: {} };
}
