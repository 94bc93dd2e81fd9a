/*
 * For browsers that are too old for the pages (or have no WebRTC): a plain block that says so, with the agency's
 * phone number. A classic script in the words of old browsers (ECMAScript 5), so that it runs where modules don't.
 */
(function () {
  "use strict";

  function isSupported() {
    return (
      "noModule" in document.createElement("script") &&
      "RTCPeerConnection" in window &&
      "locks" in navigator &&
      "HTMLDialogElement" in window &&
      "AbortController" in window &&
      typeof Object.hasOwn === "function" &&
      typeof Array.prototype.at === "function" &&
      typeof Intl.supportedValuesOf === "function" &&
      "CSS" in window &&
      CSS.supports("height", "1dvh")
    );
  }

  /**
   * @param {string} path
   * @param {(answer: any) => void} done
   */
  function read(path, done) {
    var request = new XMLHttpRequest();
    request.onload = function () {
      var answer = null;
      try {
        answer = request.status === 200 ? JSON.parse(request.responseText) : null;
      } catch (_error) {
        answer = null;
      }
      done(answer);
    };
    request.onerror = function () {
      done(null);
    };
    request.open("GET", path);
    request.send();
  }

  /**
   * @param {string} tag
   * @param {string} words
   */
  function line(tag, words) {
    var element = document.createElement(tag);
    element.appendChild(document.createTextNode(words));
    return element;
  }

  /** @param {any} agency */
  function languageOf(agency) {
    var own = String(navigator.language || "").slice(0, 2);
    if (own === "en" || own === "fr") return own;
    return agency !== null ? agency.language : "en";
  }

  /**
   * @param {any} texts
   * @param {any} agency
   * @param {string} language
   */
  function show(texts, agency, language) {
    var block = document.createElement("div");
    block.className = "unsupported";
    block.setAttribute("role", "main");
    block.appendChild(line("h1", texts["unsupported.title"]));
    block.appendChild(line("p", texts["unsupported.what"]));
    if (agency !== null) {
      var phone = line("a", agency.phone);
      phone.setAttribute("href", "tel:" + agency.phone.replace(/[^\d+]/g, ""));
      block.appendChild(line("p", texts["unsupported.call"].replace("{agency}", agency.name)));
      block.appendChild(phone);
    } else {
      block.appendChild(line("p", texts["unsupported.callAnyway"]));
    }
    document.documentElement.lang = language;
    while (document.body.firstChild) document.body.removeChild(document.body.firstChild);
    document.body.appendChild(block);
  }

  if (isSupported()) return;
  read("/api/v1/agency", function (agency) {
    var language = languageOf(agency);
    read("/static/locales/" + language + "/unsupported.json", function (texts) {
      if (texts !== null) show(texts, agency, language);
    });
  });
})();
