// What textual.js leaves out: keys reach the terminal without a click, and Ctrl+V pastes.
"use strict";

addEventListener("load", () => document.querySelector(".xterm-helper-textarea").focus());

// xterm.js would send the key itself; the browser then never offers what the clipboard holds.
addEventListener(
  "keydown",
  (event) => {
    const paste = event.ctrlKey && !event.altKey && !event.metaKey && event.code === "KeyV";
    if (paste) event.stopImmediatePropagation();
  },
  { capture: true },
);
