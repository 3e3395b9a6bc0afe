// @ts-check
// Development only: the server adds this module to pages in watch mode, never the generator.

const here = new URL(import.meta.url);
const loaded = here.searchParams.get("version");
/** @type {EventSource | null} */
let stream = null;

// Browsers allow six connections a host over HTTP/1.1, so a hidden page gives its own back.
// The version tells what it missed.
function follow() {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (!stream) {
    stream = new EventSource(new URL("events", here));
    stream.onmessage = ({ data }) => {
      if (data !== loaded) location.reload();
    };
  }
}

// A framed page is reloaded with the page around it.
if (window === window.top) {
  document.addEventListener("visibilitychange", follow);
  follow();
}

export {};
