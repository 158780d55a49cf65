"""The finder of unreadable text, on a page whose faults are known."""

from __future__ import annotations

import pytest

from tests.browser.harness import browser_page
from tests.browser.legible import unreadable

pytestmark = pytest.mark.browser
PAGE = """
<div id="tile" style="width: 300px; height: 300px; font: 14px sans-serif; position: relative">
  <p>Read me</p>
  <p style="font-size: 9px">Tiny</p>
  <p style="width: 60px; overflow: hidden; white-space: nowrap">A name that is far too long</p>
  <p style="width: 60px; overflow: auto; white-space: nowrap">A name that can be scrolled</p>
  <p style="height: 0; width: 0; overflow: hidden">For those who hear the page</p>
  <p style="visibility: hidden; font-size: 9px">Not there</p>
  <b style="position: absolute; top: 220px; left: 10px">One label</b>
  <i style="position: absolute; top: 222px; left: 30px">Another</i>
  <p style="position: absolute; top: 290px; left: 10px">Half in the frame</p>
</div>
"""


def test_what_is_cut_overlaps_or_is_small_is_told_and_nothing_else() -> None:
    with browser_page() as page:
        page.set_content(PAGE)
        told = unreadable(page.locator("#tile"), "Tile")

    assert {(one.fault, one.text) for one in told} == {
        ("small", "Tiny"),
        ("cut", "A name that is far too long"),
        ("overlap", "One label"),
        ("cut", "Half in the frame"),
    }
    assert next(one.more for one in told if one.fault == "overlap") == "Another"
