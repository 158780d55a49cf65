"""The one error that users see."""

from __future__ import annotations

import click


class CrmKpiError(click.ClickException):
    """Something the user can mend: one line that says what is wrong, where, and what to do."""

    exit_code = 2
