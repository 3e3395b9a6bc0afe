"""What may go wrong with a file on its way, as routes for a browser, and which file is which."""

from playwright.sync_api import Route

IMAGE = r"/runtime/python\.[0-9a-f]+\.bin"
WHOLE = r"/runtime/(manifest|pyodide|python_stdlib|klweb)[.-]"
MANIFEST, SCRIPT = r"/runtime/manifest\.", r"/runtime/pyodide\.asm\.[0-9a-f]+\.js"
MACHINE, LIBRARY, WHEEL = r"/runtime/pyodide\.asm\.[0-9a-f]+\.bin", r"/runtime/python_stdlib\.", r"/runtime/klweb\."
WORKER = r"/worker\.js"


def refuse(route: Route) -> None:
    route.abort()


def missing(route: Route) -> None:
    route.fulfill(status=404, content_type="text/html", body="<!doctype html><title>Not found</title>")


def cut_short(route: Route) -> None:
    body = route.fetch().body()
    route.fulfill(status=200, content_type="application/octet-stream", body=body[: len(body) // 2])


def page_instead(route: Route) -> None:
    # As a captive portal does.
    route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>Log in</title>" * 20)


def altered(route: Route) -> None:
    body = bytearray(route.fetch().body())
    body[len(body) // 2] ^= 1
    route.fulfill(status=200, content_type="application/octet-stream", body=bytes(body))


def without_webassembly(route: Route) -> None:
    # Classic imports run before the module's own text, but what asks for WebAssembly runs after it.
    response = route.fetch()
    route.fulfill(response=response, body="delete globalThis.WebAssembly;\n" + response.text())
