/** Requests of a signed-in employee, and where they go who no longer are. */

import { ApiError, api } from "./api.js";

/** Goes to the sign-in page, which comes back here. */
export function goToSignIn() {
  const here = location.pathname + location.search;
  location.replace(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
}

/**
 * A request of a signed-in employee; goes to the sign-in page when they are no longer signed in.
 * @type {typeof api}
 */
export async function staffApi(method, path, body, options) {
  try {
    return await api(method, path, body, options);
  } catch (error) {
    if (error instanceof ApiError && error.code === "not_signed_in") goToSignIn();
    throw error;
  }
}
