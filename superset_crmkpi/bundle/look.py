"""The CSS of our dashboards: tables of the newest period as cards (see `cards`).

Colours are a status and nothing else, of a lightness that can be read on white and on black.
"""

from __future__ import annotations

STATUS_COLORS = {
    "act": "#d64550",
    "watch": "#b7791f",
    "below-target": "#b7791f",
    "on-track": "#2f855a",
}
#: marks the last cell of a card: with a period in its first cell, or without one
TIMED, NOW = "crm-card crm-timed", "crm-card crm-now"
#: of a sentence in place of a number
SAID = "crm-card crm-said"
CSS = """\
.superset-chart-table:has(.crm-card) thead,
.superset-chart-table:has(.crm-card) colgroup,
.superset-chart-table:has(.crm-card) tbody tr:nth-child(n+2) { display: none; }
/* the table is measured by its head first, hidden; without one it stays so */
.superset-chart-table:has(.crm-card) [style*="hidden"] { visibility: visible !important; }
.superset-chart-table:has(.crm-card) :is(table, tbody) {
  display: block; width: 100% !important; border: 0; margin: 0; }
.superset-chart-table:has(.crm-card) tbody tr {
  display: flex; flex-wrap: wrap; align-items: baseline; background: none !important; }
.superset-chart-table:has(.crm-card) tbody td {
  flex: 0 0 100%; order: 2; padding: 0 4px !important; border: 0 !important;
  background: none !important; text-align: left !important; white-space: normal !important;
  font-size: 13px; line-height: 1.4; }
.superset-chart-table tr:has(.crm-now) td:nth-child(1),
.superset-chart-table tr:has(.crm-timed) td:nth-child(2) {
  flex: 0 0 auto !important; order: 0 !important; font-size: 30px !important; font-weight: 600;
  line-height: 1.2 !important; }
.superset-chart-table tr:has(.crm-timed) td:nth-child(1) {
  flex: 1 1 0 !important; order: 1 !important; opacity: .7; }
.superset-chart-table:has(.crm-leaf) :is(td, th, col):nth-child(1) { display: none; }
.superset-chart-table:has(.crm-leaf) td { border: 0 !important; background: none !important; }
.superset-chart-table tr:has(.crm-said) td:nth-child(1) {
  order: 0 !important; font-size: 18px !important; }
.superset-chart-table:not(:has(.crm-card)) td[title] { white-space: nowrap; }
.crm-said { display: none; }
.crm-card { opacity: .7; }
"""
