"""One transaction around many of Superset's own commands.

Superset and Flask-AppBuilder commit on the way: each new permission does, and before 6.0 so does
each command. An import that fails late therefore leaves a database connection and permissions
behind. Inside ``one_transaction`` a commit only flushes, so that in the end everything is committed
at once or nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from superset_crmkpi.base.errors import CrmKpiError


@contextmanager
def one_transaction() -> Iterator[None]:
    """Run a block as a whole or not at all. Needs an app context; not to be nested.

    A rollback by inner code (Flask-AppBuilder rolls back and goes on after an error) would take
    with it what was written before, unnoticed; so after one nothing can be committed any more.
    """
    from superset import db

    session = db.session()
    commit, rollback = session.commit, session.rollback
    broken = False

    def flush_only() -> None:
        if broken:
            raise CrmKpiError("Superset undid a step of the installation; see its log")
        session.flush()
        session.expire_all()  # as after a commit: what is read next is read anew

    def remember() -> None:
        nonlocal broken
        broken = True

    session.rollback()  # whatever was only read before: start on fresh ground
    session.commit, session.rollback = flush_only, remember
    try:
        yield
        flush_only()
    except BaseException:
        session.commit, session.rollback = commit, rollback
        rollback()
        raise
    session.commit, session.rollback = commit, rollback
    try:
        commit()
    except BaseException:
        rollback()
        raise
