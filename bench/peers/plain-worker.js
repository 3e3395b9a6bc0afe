// @ts-check
// Python in a worker: a first message once it is up, then an answer for each question.
// @ts-expect-error  put there when the peers are served
import { loadPyodide } from "./pyodide/pyodide.mjs";

const pyodide = await loadPyodide();
await pyodide.loadPackage(new URL("klweb-0.1.0-py3-none-any.whl", location.href).href);
const { handle } = pyodide.pyimport("klweb.live");
addEventListener("message", ({ data }) => postMessage(handle(data)));
postMessage("ready");
