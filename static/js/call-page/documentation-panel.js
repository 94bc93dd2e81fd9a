/** The documentation beside the picture: a column on a wide screen, a sheet over the lower part on a phone. */

import { label } from "../room/controls.js";
import { callIcon } from "../room/icons.js";
import { buttonOf, make, part } from "../ui/elements.js";
import { openDocumentation } from "../visit/documentation.js";

/**
 * Opens the panel and gives the button that shows and hides it on a phone.
 * @param {import("../protocol.js").VisitView} visit
 * @param {string} employee who is signed in
 * @returns {HTMLButtonElement}
 */
export function mountDocumentation(visit, employee) {
  const panel = part("documentation");
  const close = buttonOf("documentation-close");
  const button = make("button", "control control-documentation");
  button.type = "button";
  button.setAttribute("aria-controls", panel.id);
  label(button, "note", "call.documentation");
  close.append(callIcon("cross"));
  const show = (/** @type {boolean} */ open) => {
    document.body.classList.toggle("documentation-open", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) close.focus();
    else button.focus();
  };
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => show(!document.body.classList.contains("documentation-open")));
  close.addEventListener("click", () => show(false));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("documentation-open")) show(false);
  });
  panel.hidden = false;
  document.body.classList.add("documented");
  void openDocumentation(part("documentation-place"), { employee, visit });
  return button;
}
