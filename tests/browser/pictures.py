"""The pictures of README and docs, from the demo: `python -m tests.browser.pictures FOLDER`.

Of each audience's dashboard the top of its first tab, as its own user sees it at 1440 px.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser import harness, serving
from tests.browser.harness import browser_page, login, open_dashboard

WIDTH, HEIGHT = 1440, 1080
COLOURS = 96  # a picture of text and bars needs no more, and is a third as large
DARK = "() => localStorage.setItem('superset-theme-mode', 'dark')"


def main() -> None:
    """Take them all, into the folder that the command names."""
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    harness.WIDTH = WIDTH
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        print("Setting up the demo (some minutes)", flush=True)
        with serving.demo(Path(folder) / "demo", kept, scale=1) as served:
            for audience, slug in serving.AUDIENCES.items():
                with browser_page() as page:
                    login(page, served.url, *served.of(audience))
                    _take(page, served.url, slug, into / f"{audience}.png")
                    if audience == "executive":
                        page.evaluate(DARK)
                        _take(page, served.url, slug, into / f"{audience}_dark.png")


def _take(page: Any, url: str, slug: str, path: Path) -> None:
    open_dashboard(page, url, slug)
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    page.screenshot(path=str(path), clip=clip)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    print(path, flush=True)


if __name__ == "__main__":
    main()
