"""A Chromium with an empty profile on disk, as a reader's is, and nothing of its own to do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import BrowserContext, Error, Playwright, ViewportSize

OFF = (
    # Pages of its own that Chromium loads for its address bar with the first window: a second of a core.
    "PreloadTopChromeWebUI", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    # What Playwright switches off itself: the last list is the one that counts.
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip
FLAGS = (
    f"--disable-features={','.join(OFF)}",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: ViewportSize = {"width": 360, "height": 800}


def program() -> str | None:
    """Find the machine's own Chromium; None leaves the choice to Playwright."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def chromium(playwright: Playwright, *flags: str) -> Iterator[tuple[BrowserContext, Path]]:
    """Start a browser on a new profile; yield its context and the profile's folder.

    A private context would be quicker to make, but keeps no compiled code and little cache: a second visit in it is
    not what a reader's second visit is.
    """
    with TemporaryDirectory(prefix="klweb-profile-", ignore_cleanup_errors=True) as folder:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=program(), args=[*FLAGS, *flags], viewport=PHONE
        )
        try:
            yield context, Path(folder)
        finally:
            with suppress(Error):  # it is gone already, which is what was wanted
                context.close()
