"""Alerts, run by Superset itself: mails to a mail server of our own, the table by a web server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from crmkpi_demo.home import open_home

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply, prepare
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.superset import alerts, bootstrap
from superset_crmkpi.superset.inprocess import open_gateway
from tests.seeds import by_turns
from tests.superset import small_company as company
from tests.superset import toy
from tests.superset.conftest import fresh
from tests.superset.post import MailSink, mail_sink, text_of, web_server

pytestmark = [pytest.mark.superset, by_turns(2, 1)]  # those by REST: the other day
WIN_RATE = "alerts/win_rate.yaml"
BROKER = "redis://127.0.0.1:6379/13"


@dataclass(frozen=True)
class Post:
    """A Superset that can send mails, the mails that came, and the warehouse behind it."""

    gateway: Any
    sink: MailSink
    warehouse: Path
    bundle: Bundle

    def alert(self, name: str = "Win rate") -> Any:
        """Superset's row of the alert of a KPI."""
        (row,) = [row for row in alerts.ours().values() if row.name == f"Mini: {name}"]
        return row

    def run(self, name: str = "Win rate") -> str:
        """Run an alert as a worker does; its state afterwards."""
        from superset import db
        from superset.commands.report.exceptions import CommandException
        from superset.commands.report.execute import AsyncExecuteReportScheduleCommand

        number = self.alert(name).id
        try:
            AsyncExecuteReportScheduleCommand(str(uuid4()), number, datetime.utcnow()).run()
        except CommandException:  # told in the state
            db.session.rollback()
        db.session.expire_all()
        return str(self.alert(name).last_state)

    def set_by_hand(self, **values: Any) -> None:
        """As an admin does it on the page of the alert."""
        from superset.commands.report.update import UpdateReportScheduleCommand
        from superset.reports.schemas import ReportSchedulePutSchema

        UpdateReportScheduleCommand(self.alert().id, ReportSchedulePutSchema().load(values)).run()

    def seen(self) -> dict[str, Any]:
        return dict(self.gateway.read("alert", self.bundle.assets[WIN_RATE]["uuid"]))


@dataclass(frozen=True)
class Around:
    """What stands around the Superset of the tests: its settings, and a mail server."""

    app: Any
    metadata: Path
    sink: MailSink
    settings: dict[str, Any]


@pytest.fixture(scope="module")
def around(_superset: tuple[Any, Path, Path]) -> Iterator[Around]:
    from superset.utils.log import DBEventLogger

    app = _superset[0]
    with pytest.MonkeyPatch.context() as patch, mail_sink() as sink, web_server(app) as address:
        # SQLite has one writer, the alert that runs: to log the request would wait for its end
        patch.setattr(DBEventLogger, "log", lambda *_, **__: None)
        settings = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": sink.port,
            "SMTP_STARTTLS": False,
            "SMTP_USER": "",
            "WEBDRIVER_BASEURL": address,
            "WEBDRIVER_BASEURL_USER_FRIENDLY": "https://bi.example.com/",
        }
        for key, value in settings.items():
            patch.setitem(app.config, key, value)
        yield Around(app, _superset[1], sink, settings)


@pytest.fixture(scope="module")
def installed(
    around: Around, _superset: tuple[Any, Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Bundle, Path]:
    """The warehouse, the bundle over it, and a copy of the metadata once it is installed."""
    folder = tmp_path_factory.mktemp("alerts")
    warehouse = folder / "mini.duckdb"
    company.fill(warehouse, company.USUAL)
    project = company.project(warehouse, "executive", digest={"crontab": "0 7 * * 1"})
    bundle = project.bundle(uri=str(project.engine.url))
    metadata = fresh(_superset)
    with open_gateway(_superset[0]) as gateway:
        apply(bundle, gateway)
    bootstrap.forget_connections(_superset[0])
    copy = folder / "installed.db"
    bootstrap.keep_template(metadata, copy)
    return warehouse, bundle, copy


@pytest.fixture
def post(around: Around, installed: tuple[Path, Bundle, Path]) -> Iterator[Post]:
    """With the alerts installed."""
    warehouse, bundle, copy = installed
    bootstrap.forget_connections(around.app)
    bootstrap.use_template(copy, around.metadata)
    company.fill(warehouse, company.USUAL)
    around.sink.take()
    with open_gateway(around.app) as gateway:
        yield Post(gateway, around.sink, warehouse, bundle)


def test_each_alert_says_what_is_the_case(post: Post) -> None:
    """The data of five days: fine, worse, not known, empty, and no database."""
    tells_each_time(post)
    assert post.run() == "Not triggered"
    assert post.sink.take() == []

    company.fill(post.warehouse, company.BAD)
    assert post.run() == "Success"
    (mail,) = post.sink.take()
    said = " ".join(text_of(mail).split())
    assert mail["To"] == company.OWNER
    assert "Win rate is past its threshold" in str(mail["Subject"])
    board = post.bundle.assets[WIN_RATE]["dashboard_uuid"]
    for part in (
        "10%",  # what it is
        "Warn below 25%, act below 20%",
        "<td>Act</td>",
        "Dana Reyes",
        "weekly pipeline review",
        "2026-03-23",  # the next review
        "Find the stage with the largest drop",
        f"https://bi.example.com/superset/dashboard/{board}/",
    ):
        assert part in said, part

    for deals, word in ((company.QUIET, "Not known"), ([], "No rows")):
        company.fill(post.warehouse, deals)
        assert post.run() == "Success"
        (mail,) = post.sink.take()
        assert f"<td>{word}</td>" in text_of(mail)

    away = post.warehouse.rename(post.warehouse.with_suffix(".away"))
    try:
        assert post.run() == "Error"
    finally:
        away.rename(post.warehouse)
    mails = post.sink.take()
    assert {str(mail["To"]) for mail in mails} == {"admin@demo.invalid"}
    assert "Error occurred for Alert: Mini: Win rate" in str(mails[0]["Subject"])


def tells_each_time(post: Post) -> None:
    """Without the hour in which Superset tells the same alert once."""
    from superset import db

    post.alert().grace_period = 0
    db.session.commit()


def test_the_digest_is_the_scorecard_as_a_table(post: Post) -> None:
    assert post.run("Executive CRM Review") == "Success"
    (mail,) = post.sink.take()
    assert "<td>Win rate</td>" in text_of(mail)
    assert "Executive CRM Review" in str(mail["Subject"])


def test_what_an_admin_set_stays_while_the_rest_is_new(post: Post) -> None:
    told = [{"type": "Email", "recipient_config_json": {"target": "ops@example.com"}}]
    post.set_by_hand(crontab="5 5 * * *", recipients=told, active=False, name="Wins")
    assert not prepare(post.bundle, post.gateway).changes
    newer = toy.changed(post.bundle, WIN_RATE, email_subject="Look", grace_period=60)
    done = apply(newer, post.gateway)
    (step,) = [step for step in done.steps if step.writes]
    assert (step.kind, step.action) == ("alert", "update")
    seen = post.seen()
    assert (seen["crontab"], seen["active"], seen["name"]) == ("5 5 * * *", False, "Wins")
    assert seen["recipients"] == told
    assert (seen["email_subject"], seen["grace_period"]) == ("Look", 60)
    assert not apply(newer, post.gateway).changes

    post.gateway.delete("alert", seen["uuid"])
    assert not apply(newer, post.gateway).changes
    apply(newer, post.gateway, restore=True)
    assert post.seen()["crontab"] == newer.assets[WIN_RATE]["crontab"]


def test_alerts_that_the_profile_drops_are_gone_with_all_they_needed(post: Post) -> None:
    done = apply(post.bundle.without_alerts(), post.gateway)
    gone = [step.kind for step in done.steps if step.action == "remove"]
    assert gone == [*["alert"] * 3, *["chart"] * 2, *["dataset"] * 2]
    state = post.gateway.state()
    there = {thing.uuid for thing in state.found}
    dropped = set(map(str, uuids(post.bundle) - uuids(post.bundle.without_alerts())))
    assert len(dropped) == 7
    assert not dropped & there
    assert not dropped & {uuid for _, uuid in state.ledger}
    assert not apply(post.bundle.without_alerts(), post.gateway).changes


def uuids(bundle: Bundle) -> set[str]:
    return {content["uuid"] for content in bundle.assets.values() if "uuid" in content}


def test_an_alert_that_an_admin_changed_stays_when_the_profile_drops_it(post: Post) -> None:
    post.set_by_hand(crontab="5 5 * * *")
    plan = make_plan(post.bundle.without_alerts(), post.gateway)
    (kept,) = [step for step in plan.steps if step.kind == "alert" and step.action != "remove"]
    assert (kept.name, kept.action) == ("Mini: Win rate", "keep")
    assert kept.reason == "not in this version, but changed in Superset"
    gone = [step.kind for step in plan.steps if step.action == "remove"]
    assert gone == ["alert", "alert", "chart", "dataset"]


def test_a_name_that_another_alert_has_is_refused(post: Post) -> None:
    taken = toy.changed(post.bundle, WIN_RATE, uuid=toy.uid("other alert"))
    refused = [step.reason for step in make_plan(taken, post.gateway).refused]
    assert refused == [
        f'{WIN_RATE}: Superset has another alert or report named "Mini: Win rate"; rename or '
        "delete that one"
    ]


def test_what_keeps_alerts_from_being_sent_is_said(
    post: Post, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = around.app
    found = [content for _, content in post.bundle.of("alerts")]
    said = post.gateway.why_not_fired(found)
    assert said == [
        "alerts are off; set FEATURE_FLAGS['ALERT_REPORTS'] = True in superset_config.py",
        "there is no Celery; set CELERY_CONFIG, and run a worker and a beat",
    ]
    monkeypatch.setitem(app.config, "SMTP_PORT", 1)
    monkeypatch.setitem(app.config, "WEBDRIVER_BASEURL", "http://127.0.0.1:1/")
    hook = {"type": "Webhook", "recipient_config_json": {"target": "http://ops.example.com/x"}}
    more = [{**found[0], "recipients": [*found[0]["recipients"], hook]}]
    said = post.gateway.why_not_fired(more)
    for part in (
        "webhooks are off",
        "the webhook ops.example.com is not https",
        "no mail server answers at 127.0.0.1:1 (Connection refused)",
        "no web server answers at 127.0.0.1:1 (Connection refused)",
    ):
        assert any(part in line for line in said), said
    assert post.gateway.why_not_fired([]) == []


def test_a_celery_without_a_broker_is_said_and_its_password_is_not(
    post: Post, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset.extensions import celery_app

    monkeypatch.setitem(around.app.config, "CELERY_CONFIG", object())
    for key in ("broker_url", "broker_read_url"):
        monkeypatch.setattr(celery_app.conf, key, "redis://:a-s3cret-word@127.0.0.1:1/13")
    said = post.gateway.why_not_fired([content for _, content in post.bundle.of("alerts")])
    (broker,) = [line for line in said if "broker" in line]
    assert "redis://:***@127.0.0.1:1/13 cannot be reached" in broker
    assert "s3cret" not in " ".join(said)
    assert any("no beat starts alerts" in line for line in said)


# Superset's task hands its time on as a text, which PostgreSQL takes, and SQLAlchemy's SQLite not
WORKER = """
from datetime import datetime

from crmkpi_demo.superset_config import *
from sqlalchemy.dialects.sqlite.base import DATETIME

strict = DATETIME.bind_processor


def lenient(self, dialect):
    stored = strict(self, dialect)

    def bound(value):
        is_text = isinstance(value, str)
        return stored(datetime.fromisoformat(value).replace(tzinfo=None) if is_text else value)

    return bound


DATETIME.bind_processor = lenient


class CELERY_CONFIG:
    broker_url = {broker!r}
    task_ignore_result = True
    imports = ("superset.tasks.scheduler",)


globals().update({settings!r})
"""


def test_a_worker_of_celery_sends_the_mail(post: Post, around: Around, tmp_path: Path) -> None:
    from celery import Celery
    from redis import Redis

    queue = f"crmkpi-tests-{uuid4().hex[:8]}"
    config = tmp_path / "superset_config.py"
    config.write_text(WORKER.format(broker=BROKER, settings=around.settings))
    environment = {
        **open_home(around.metadata.parent).environment(),
        "SUPERSET_CONFIG_PATH": str(config),
    }
    company.fill(post.warehouse, company.BAD)
    command = [sys.executable, "-m", "celery", "--app=superset.tasks.celery_app:app", "worker"]
    options = ["--pool=solo", f"--queues={queue}", "--without-mingle", "--without-gossip"]
    written = tmp_path / "worker.log"
    with written.open("w") as log:
        worker = subprocess.Popen([*command, *options], env=environment, stdout=log, stderr=log)
    try:
        with Celery(broker=BROKER) as client:
            now = datetime.now(timezone.utc)  # the scheduler of Superset's beat gives a time too
            client.send_task("reports.execute", args=(post.alert().id,), queue=queue, eta=now)
        until = time.monotonic() + 60
        while not (mails := post.sink.take()) and time.monotonic() < until:
            assert worker.poll() is None, written.read_text()[-2000:]
            time.sleep(0.5)
        assert mails, written.read_text()[-2000:]
        assert "10%" in text_of(mails[0])
    finally:
        worker.terminate()
        worker.wait(timeout=30)
        Redis.from_url(BROKER).delete(f"_kombu.binding.{queue}", queue)
