// @ts-check
// Side notes stand open in the margin where there is one; elsewhere they open in place. And long formulas can be scrolled
// by keyboard, where they are wider than the page.

export function setUpNotes() {
  const notes = /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.sidenote"));
  const margin = matchMedia("(min-width: 72rem), print");
  const fit = () => notes.forEach((note) => { note.open = margin.matches; });
  margin.addEventListener("change", fit);
  fit();

  for (const mark of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.note-mark"))) {
    mark.addEventListener("click", (event) => {
      const note = document.getElementById(mark.hash.slice(1))?.closest("details");
      if (!note || margin.matches) return;
      event.preventDefault();
      note.open = !note.open;
      if (note.open) note.scrollIntoView({ block: "nearest" });
    });
  }

  // A list of contents that opened over the page closes when its reader has chosen.
  const contents = document.getElementById("contents");
  contents?.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("a") && contents.matches(":popover-open")) contents.hidePopover();
  });

  const scrollable = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth + 1) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll(".math-display, .table-scroll, .presets-table")) scrollable.observe(box);
}
