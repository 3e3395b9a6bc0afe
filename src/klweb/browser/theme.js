// @ts-check
// Runs before the first paint, so that a chosen theme never flashes. Storage may throw: then the choice lasts for the visit.
(() => {
  const THEMES = ["auto", "light", "dark"];
  const wanted = new URLSearchParams(location.search).get("theme");
  let stored = null;
  try {
    stored = localStorage.getItem("klweb-theme");
  } catch {
    // Private windows and sandboxed frames have no storage.
  }
  const theme = [wanted, stored].find((value) => value && THEMES.includes(value)) ?? "auto";
  if (theme !== "auto") document.documentElement.dataset.theme = theme;

  document.addEventListener("DOMContentLoaded", () => {
    const select = /** @type {HTMLSelectElement | null} */ (document.getElementById("theme"));
    if (!select) return;
    select.value = theme;
    select.disabled = false;
    select.addEventListener("change", () => {
      if (select.value === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = select.value;
      document.dispatchEvent(new Event("klweb:theme"));
      try {
        localStorage.setItem("klweb-theme", select.value);
      } catch {
        // As above.
      }
    });
  });
})();
