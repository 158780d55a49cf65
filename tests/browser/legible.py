"""Text that nobody can read: cut by its frame, one over another, or smaller than 11 px.

What a browser lays out is measured by its own rectangles; what a chart paints on a canvas, by the
list of shapes that it paints from (ECharts hands it out by `getZr`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SMALLEST = 11  # px
SLACK = 2  # px that text may stick out or overlap: rectangles hold the line's height

UNREADABLE = """
(tile, {smallest, slack}) => {
    const found = [];
    const tell = (fault, text, more) => found.push([fault, text.trim().slice(0, 80), more || '']);
    const frame = tile.getBoundingClientRect();

    // -- what the browser lays out ------------------------------------------------------------
    const pieces = [];
    const words = document.createTreeWalker(tile, NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) {
        const text = node.textContent, parent = node.parentElement;
        if (!text.trim() || parent.closest('style, script, noscript, title, desc, select'))
            continue;
        const style = getComputedStyle(parent);
        if (style.visibility !== 'visible' || !parent.checkVisibility({opacityProperty: true}))
            continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const lines = [...range.getClientRects()].filter(box => box.width > 1 && box.height > 1);
        let hidden = false, scrolled = false;
        for (let up = parent; up && up !== tile.parentElement; up = up.parentElement) {
            const box = up.getBoundingClientRect();
            const flow = getComputedStyle(up);
            if ((box.width <= 1 || box.height <= 1) && flow.overflow !== 'visible') hidden = true;
        }
        if (hidden || !lines.length) continue;
        if (parseFloat(style.fontSize) < smallest)
            tell('small', text, style.fontSize);
        let cut = '';
        let free = {x: false, y: false};  // scrolled in that direction: the rest can be reached
        for (let up = parent; up && up !== tile.parentElement; up = up.parentElement) {
            const flow = getComputedStyle(up);
            const box = up === tile ? frame : up.getBoundingClientRect();
            const out = {
                x: Math.max(...lines.map(line =>
                    Math.max(line.right - box.right, box.left - line.left))),
                y: Math.max(...lines.map(line =>
                    Math.max(line.bottom - box.bottom, box.top - line.top))),
            };
            for (const way of ['x', 'y']) {
                const kind = flow['overflow' + way.toUpperCase()];
                if (free[way]) continue;
                if (kind === 'auto' || kind === 'scroll') {
                    free[way] = true;
                    scrolled = true;
                } else if (out[way] > slack && (up === tile || kind !== 'visible'))
                    cut = cut || `${way} by ${out[way].toFixed(0)} px`;
            }
        }
        if (cut) tell('cut', text, cut);
        if (!scrolled) pieces.push({text, parent, lines});
    }
    const across = (a, b) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 4;
    pieces.forEach((one, place) => pieces.slice(place + 1).forEach(other => {
        if (one.lines.some(a => other.lines.some(b => across(a, b))))
            tell('overlap', one.text, other.text.trim());
    }));

    // -- what charts paint --------------------------------------------------------------------
    const chartOf = element => {
        const key = Object.keys(element).find(name => name.startsWith('__react'));
        for (let fiber = key && element[key]; fiber; fiber = fiber.return)
            for (let hook = fiber.memoizedState, n = 0; hook && n < 60; hook = hook.next, n++) {
                const kept = hook.memoizedState;
                if (kept && kept.current && typeof kept.current.getZr === 'function')
                    return kept.current;
            }
        return null;
    };
    for (const element of tile.querySelectorAll('[_echarts_instance_]')) {
        const chart = chartOf(element);
        if (!chart) { tell('not read', 'a chart that does not hand out what it paints'); continue; }
        const width = chart.getWidth(), height = chart.getHeight();
        const painted = [];
        for (const shape of chart.getZr().storage.getDisplayList(true)) {
            const style = shape.style || {};
            if (shape.type !== 'tspan' || shape.invisible || style.opacity === 0) continue;
            if (!style.text || !String(style.text).trim()) continue;
            const box = shape.getBoundingRect().clone();
            const place = shape.getComputedTransform
                ? shape.getComputedTransform() : shape.transform;
            const turned = place && Math.abs(place[1]) > 0.01;
            if (place) box.applyTransform(place);
            const size = parseFloat((/([\\d.]+)px/.exec(style.font || '') || [0, '12'])[1]);
            if (size < smallest) tell('small', style.text, `${size}px`);
            const out = Math.max(-box.x, -box.y, box.x + box.width - width,
                box.y + box.height - height);
            if (out > slack) tell('cut', style.text, `by ${out.toFixed(0)} px`);
            painted.push({text: style.text, turned, parent: shape.parent, left: box.x, top: box.y,
                right: box.x + box.width, bottom: box.y + box.height,
                width: box.width, height: box.height});
        }
        painted.forEach((one, place) => painted.slice(place + 1).forEach(other => {
            if (one.turned || other.turned || one.parent === other.parent) return;
            if (across(one, other)) tell('overlap', one.text, other.text);
        }));
    }
    return found;
}
"""


@dataclass(frozen=True)
class Unreadable:
    """A text on a tile that a person cannot read, and why."""

    tile: str
    fault: str  # small | cut | overlap | not read
    text: str
    more: str  # the size, by how much it is cut, what it lies on

    def __str__(self) -> str:
        return f"{self.tile}: {self.fault}: {self.text!r} ({self.more})"


def unreadable(tile: Any, title: str) -> list[Unreadable]:
    """What cannot be read on a tile: a locator of one element."""
    told = tile.evaluate(UNREADABLE, {"smallest": SMALLEST, "slack": SLACK})
    return [Unreadable(title, *one) for one in told]
