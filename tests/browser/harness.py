"""Looks at a dashboard as a person does: log in, open every tab, wait, and read each tile.

Chromium is the one on PATH, driven by Playwright. The page is one tall viewport from the start, so
that Superset, which draws a tile only when it is in view, draws all of them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.browser.hearing import heard
from tests.browser.legible import Unreadable, unreadable
from tests.needs import need_chromium
from tests.seeds import in_turn

try:
    from playwright.sync_api import TimeoutError as Late
except ImportError:  # the tests are skipped then
    Late = TimeoutError  # type: ignore[misc,assignment]

#: the width of a laptop and of a desk, by turns
WIDTH, HEIGHT = in_turn([1440, 1920])[0], 5000
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
TILE = "[data-test-chart-id]"
MARKDOWN = ".dashboard-markdown"
TABS = ".dashboard-component-tabs [role='tab']"
LOADING = "[data-test='loading-indicator'], .loading, .ant-skeleton-active"
ERROR = "[role='alert'], .ant-alert-error, .ant-alert-warning"
TOAST = "[data-test='toast-container'] .toast--danger, .toast--danger, .toast--warning"

# What is in a tile that can be seen: drawings with an area, tables with rows, or text.
READ_TILE = """
(tile, errors) => {
    const shown = element => {
        const box = element.getBoundingClientRect();
        return box.width > 20 && box.height > 20;
    };
    const body = tile.querySelector('.chart-container, .slice_container') || tile;
    const problem = tile.querySelector(errors);
    const painted = [...body.querySelectorAll('canvas')].filter(shown).some(canvas => {
        const context = canvas.getContext('2d');
        if (!context || !canvas.width || !canvas.height) return false;
        const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
        const first = pixels.slice(0, 4).join();
        for (let i = 4; i < pixels.length; i += 4)
            if (pixels.slice(i, i + 4).join() !== first) return true;
        return false;
    });
    const drawn = [...body.querySelectorAll('svg')].filter(shown)
        .some(svg => svg.querySelectorAll('path, rect, circle, text, line').length > 2);
    const title = tile.querySelector('[data-test="editable-title"], .header-title');
    return {
        chart_id: Number(tile.getAttribute('data-test-chart-id')),
        viz_type: tile.getAttribute('data-test-viz-type') || '',
        title: title ? (title.innerText || title.textContent || title.value || '').trim() : '',
        text: body.innerText.trim(),
        painted, drawn,
        rows: body.querySelectorAll('tbody tr').length,
        error: problem ? problem.innerText.trim() : '',
        empty: !!body.querySelector('.ant-empty, [data-test="empty-state"]'),
    };
}
"""


@dataclass(frozen=True)
class TileResult:
    """What one tile showed."""

    tab: str  # "Overview", or "Outer > Inner"; empty without tabs
    chart_id: int
    viz_type: str
    title: str
    text: str  # the words and numbers in it
    kind: str  # canvas | svg | table | text | "" when there is nothing to see
    rows: int  # of a table
    error: str

    @property
    def has_content(self) -> bool:
        """Whether a person would see data, not an error and not an empty box."""
        return bool(self.kind) and not self.error


@dataclass
class Walk:
    """What a walk through a dashboard met."""

    tiles: list[TileResult] = field(default_factory=list)
    markdown: list[str] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    failed_requests: list[str] = field(default_factory=list)
    # What the server answered for each chart number: the result rows, one list per query.
    data: dict[int, list[list[dict[str, Any]]]] = field(default_factory=dict)
    screenshots: list[Path] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


@contextmanager
def browser_page() -> Iterator[Any]:
    """A page in a new Chromium."""
    executable = need_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, headless=True, args=list(CHROMIUM)
        )
        try:
            yield browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        finally:
            browser.close()


def login(page: Any, base_url: str, username: str, password: str) -> None:
    """Log in by the form; the session stays with the page's context.

    Asks who is logged in afterwards: an answer to the form's own page that comes late sets the
    cookie of nobody again.
    """
    for left in (2, 1, 0):  # on a busy machine the form may be there before it listens
        try:
            _fill_in(page, base_url, username, password)
            me = page.request.get(f"{base_url}/api/v1/me/", timeout=90_000)
            if me.ok:
                return
            raise Late(f"logged in as {username}, but /api/v1/me/ answers {me.status}")
        except Late:
            if not left:
                raise


def _fill_in(page: Any, base_url: str, username: str, password: str) -> None:
    page.goto(f"{base_url}/login/", wait_until="networkidle", timeout=120_000)
    page.locator("input[name='username'], #username").first.fill(username)
    page.locator("input[name='password'], #password").first.fill(password)
    submit = "button[type='submit'], input[type='submit'], [data-test='login-button']"
    page.locator(submit).first.click()
    # The address is enough: the page behind it may load for long on a busy machine.
    page.wait_for_url(re.compile(r"^(?!.*/login).*$"), timeout=90_000, wait_until="commit")


def open_dashboard(page: Any, base_url: str, slug: str, seconds: float = 180) -> None:
    """Open a dashboard on its first tab, and wait until nothing is loading."""
    _open(page, f"{base_url}/superset/dashboard/{slug}/", seconds)
    settle(page, seconds)


def walk_dashboard(
    page: Any, base_url: str, slug: str, folder: Path | None = None, seconds: float = 180
) -> list[TileResult]:
    """Every tile of every tab; see ``walk`` for the rest."""
    return walk(page, base_url, slug, folder, seconds).tiles


def _open(page: Any, address: str, seconds: float) -> None:
    """Open a dashboard; a page that stays empty is told with all that it said meanwhile."""
    with heard(page) as said:
        try:
            page.goto(address, wait_until="domcontentloaded", timeout=seconds * 1000)
            page.wait_for_selector(f"{TILE}, {MARKDOWN}, {TABS}", timeout=seconds * 1000)
        except Late as late:
            text = page.locator("body").inner_text(timeout=10_000).strip()[:500]
            raise Late(f"{late.message}\n{page.url} shows: {text!r}\n{said}") from late


def walk(
    page: Any, base_url: str, slug: str, folder: Path | None = None, seconds: float = 180
) -> Walk:
    """Open a dashboard and all its tabs, nested ones too; a screenshot of each into ``folder``.

    Waits at most ``seconds`` for each tab and raises TimeoutError when it is still loading.
    """
    met = Walk()
    answers: list[Any] = []

    def heard(answer: Any) -> None:
        if answer.status >= 400 and "/api/v1/" in answer.url:
            met.failed_requests.append(f"{answer.status} {answer.url.removeprefix(base_url)}")
        elif "/api/v1/chart/data" in answer.url:
            answers.append(answer)

    page.on("response", heard)
    try:
        _open(page, f"{base_url}/superset/dashboard/{slug}/", seconds)
    except Late as late:  # a page whose scripts did not all arrive stays empty: once more
        print(late)
        _open(page, f"{base_url}/superset/dashboard/{slug}/", seconds)
    for tab in _tabs(page, seconds):
        settle(page, seconds)
        while answers:
            _remember(met, answers.pop())
        known = {tile.chart_id for tile in met.tiles}
        for tile in page.locator(f"{TILE}:visible").all():
            result = _read(tile, tab)
            if result.chart_id not in known:
                met.tiles.append(result)
                met.unreadable += unreadable(tile, result.title)
        for block in page.locator(f"{MARKDOWN}:visible").all():
            if (text := block.inner_text().strip()) not in met.markdown:
                met.markdown.append(text)
                met.unreadable += unreadable(block, text[:40])
        met.toasts += [toast.inner_text().strip() for toast in page.locator(TOAST).all()]
        if folder is not None:
            met.screenshots.append(_shoot(page, folder, slug, tab))
    page.remove_listener("response", heard)
    return met


def _remember(met: Walk, answer: Any) -> None:
    """Keep the rows of a chart; the answer for a filter names no chart."""
    form = parse_qs(urlsplit(answer.url).query).get("form_data", ["{}"])[0]
    chart_id = json.loads(form).get("slice_id")
    if chart_id is not None:
        met.data[int(chart_id)] = [part["data"] for part in answer.json()["result"]]


def _tabs(page: Any, seconds: float) -> Iterator[str]:
    """Open the tabs one after the other; inside an opened one, those that appear in it."""
    if not page.locator(TABS).count():
        yield ""
        return
    opened: set[str] = set()
    trail: list[str] = []
    while True:
        settle(page, seconds)
        for tab in page.locator(f"{TABS}:visible").all():
            key = tab.get_attribute("id") or tab.inner_text()
            if key in opened:
                continue
            opened.add(key)
            tab.click()
            depth = tab.evaluate(
                "tab => { let n = 0; for (let e = tab.closest('.dashboard-component-tabs'); e;"
                " e = e.parentElement.closest('.dashboard-component-tabs')) n++; return n; }"
            )
            trail[depth - 1 :] = [tab.inner_text().strip()]
            yield " > ".join(trail)
            break
        else:
            return


def settle(page: Any, seconds: float = 180) -> None:
    """Wait until nothing has been loading for a moment."""
    deadline = time.monotonic() + seconds
    quiet = 0
    while quiet < 4:
        if time.monotonic() > deadline:
            raise TimeoutError(f"still loading after {seconds} s: {page.url}")
        busy = page.locator(LOADING).filter(visible=True).count()
        quiet = 0 if busy else quiet + 1
        page.wait_for_timeout(250)


def _read(tile: Any, tab: str) -> TileResult:
    found = tile.evaluate(READ_TILE, ERROR)
    if found["empty"]:
        kind = ""
    elif found["painted"]:
        kind = "canvas"
    elif found["rows"]:
        kind = "table"
    elif found["drawn"]:
        kind = "svg"
    else:
        kind = "text" if found["text"] else ""
    return TileResult(
        tab,
        found["chart_id"],
        found["viz_type"],
        found["title"],
        found["text"],
        kind,
        found["rows"],
        found["error"],
    )


def _shoot(page: Any, folder: Path, slug: str, tab: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", f"{slug} {tab}".lower()).strip("-")
    path = folder / f"{name}.png"
    # The page is far taller than most dashboards: cut below the lowest tile.
    bottom = page.evaluate(
        "selector => Math.max(600, ...[...document.querySelectorAll(selector)]"
        ".map(element => element.getBoundingClientRect().bottom))",
        f"{TILE}, {MARKDOWN}",
    )
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": min(HEIGHT, bottom + 40)}
    page.screenshot(path=str(path), clip=clip)
    return path
