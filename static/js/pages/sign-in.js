/** Signing in. */

import { ApiError, api, sentence } from "../ui/api.js";
import { setServerTime } from "../ui/clock.js";
import { buttonOf, byId, part, showText } from "../ui/elements.js";
import { loadTexts, preferredLanguage, text } from "../ui/texts.js";

/** @import { Agency } from "../ui/resources.js" */

/**
 * Where to go afterwards: a page of ours, whatever the address says.
 * @returns {string}
 */
function destination() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  try {
    const url = new URL(next, location.origin);
    if (url.origin === location.origin) return url.pathname + url.search;
  } catch {
    // Not an address at all.
  }
  return "/";
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function words(error) {
  const seconds =
    error instanceof ApiError && error.code === "too_many_requests" ? error.body.retryAfter : null;
  return typeof seconds === "number" ? text("signIn.wait", { seconds }) : sentence(error);
}

/** @param {string | null} message */
function showError(message) {
  const wrong = message !== null;
  part("error").hidden = !wrong;
  part("error-text").textContent = message ?? "";
  for (const id of ["email", "password"]) {
    part(id).setAttribute("aria-invalid", String(wrong));
  }
}

async function signIn() {
  const email = byId("email", HTMLInputElement);
  const password = byId("password", HTMLInputElement);
  showError(null);
  if (email.value.trim() === "" || password.value === "") {
    showError(text("signIn.bothNeeded"));
    (email.value.trim() === "" ? email : password).focus();
    return;
  }
  const button = buttonOf("submit");
  button.disabled = true;
  try {
    await api("POST", "/sign-in", { email: email.value.trim(), password: password.value });
    location.replace(destination());
  } catch (error) {
    button.disabled = false;
    showError(words(error));
    if (error instanceof ApiError && error.code === "wrong_credentials") password.select();
  }
}

function listen() {
  part("form").addEventListener("submit", (event) => {
    event.preventDefault();
    void signIn();
  });
  const show = buttonOf("show-password");
  show.addEventListener("click", () => {
    const password = byId("password", HTMLInputElement);
    const visible = password.type === "password";
    password.type = visible ? "text" : "password";
    show.setAttribute("aria-pressed", String(visible));
  });
}

/** @returns {Promise<Agency | null>} */
async function readAgency() {
  try {
    return await api("GET", "/agency");
  } catch {
    return null;
  }
}

const agency = await readAgency();
await loadTexts("staff", preferredLanguage(agency?.language ?? "en"));
if (agency !== null) {
  setServerTime(agency.serverTime);
  part("agency-name").textContent = agency.name;
  document.title = `${text("signIn.title")} · ${agency.name}`;
}
showText(part("demo"), agency?.demo ? text("signIn.demo") : null);
listen();
part("main").hidden = false;
byId("email", HTMLInputElement).focus();
