// What textual.js leaves out: keys reach the terminal without a click, and Ctrl+V pastes.
"use strict";

addEventListener("load", () => {
  const { classList } = document.body;
  const follow = () => {
    if (classList.contains("-closed")) document.querySelector(".ended a").focus();
    else if (classList.contains("-loaded")) document.querySelector(".xterm-helper-textarea").focus();
  };
  new MutationObserver(follow).observe(document.body, { attributeFilter: ["class"] });
});

// xterm.js would send the key itself; the browser then never offers what the clipboard holds.
addEventListener(
  "keydown",
  (event) => {
    const paste = event.ctrlKey && !event.altKey && !event.metaKey && event.code === "KeyV";
    if (paste) event.stopImmediatePropagation();
  },
  { capture: true },
);
