/** Requests to the server: JSON both ways, every failure one kind of error. */

import { checkServerTime } from "./clock.js";
import { hasText, text } from "./texts.js";

const PATIENCE_MS = 20_000;

/** Why a request failed. `code` is the server's (RFC 9457 problem), or `offline` when none answered. */
export class ApiError extends Error {
  /**
   * @param {number} status the HTTP status, 0 when there was no answer
   * @param {string} code
   * @param {string} detail
   * @param {Record<string, any>} body
   */
  constructor(status, code, detail, body) {
    super(`${status} ${code}`);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.body = body;
  }

  /** Whether nobody knows if the command was carried out: it may be repeated with the same command id. */
  get unanswered() {
    return this.status === 0 || this.status >= 500;
  }
}

/**
 * A name for one press of a button; a repeat of the same press carries the same one.
 * @returns {string}
 */
export function commandId() {
  return crypto.randomUUID();
}

/**
 * The sentence to show for a failure, in the page's language.
 * @param {unknown} error
 * @returns {string}
 */
export function sentence(error) {
  const code = error instanceof ApiError ? error.code : "internal";
  const key = `error.${code}`;
  return text(hasText(key) ? key : "error.internal");
}

/**
 * `unattended`: the page asks by itself, nobody is known to sit before it, so that it does not put off the idle
 * sign-out.
 * @typedef {{ifMatch?: string, keepalive?: boolean, unattended?: boolean}} Options
 */

/**
 * @param {string} method
 * @param {unknown} body
 * @param {Options} options
 * @returns {RequestInit}
 */
function request(method, body, options) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["Content-Type"] = "application/json";
  if (options.ifMatch !== undefined) headers["If-Match"] = options.ifMatch;
  if (options.unattended) headers["X-Unattended"] = "1";
  return {
    method,
    headers,
    body: method === "GET" ? null : JSON.stringify(body ?? {}),
    cache: "no-store",
    credentials: "same-origin",
    keepalive: options.keepalive ?? false,
  };
}

/**
 * Asks the server and answers with its JSON; null when it has nothing to say.
 * @param {"GET" | "POST" | "PUT"} method
 * @param {string} path below `/api/v1`, as in `/visits/17`
 * @param {unknown} [body]
 * @param {Options} [options]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function api(method, path, body, options = {}) {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), PATIENCE_MS);
  /** @type {Response} */
  let answer;
  /** @type {string} */
  let content;
  try {
    answer = await fetch(`/api/v1${path}`, { ...request(method, body, options), signal: deadline.signal });
    content = await answer.text();
  } catch {
    throw new ApiError(0, "offline", "", {});
  } finally {
    clearTimeout(timer);
  }
  checkServerTime(answer.headers.get("date"));
  const parsed = parse(content);
  if (answer.ok) return parsed;
  throw new ApiError(answer.status, parsed?.code ?? "internal", parsed?.detail ?? "", parsed ?? {});
}

/**
 * @param {string} content
 * @returns {any} null when it is not JSON, as from a proxy in between
 */
function parse(content) {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
