"""Why an alert of this Superset would not reach anybody: its settings, and what has to run."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from superset_crmkpi.base.secrets import remember_secrets, without_secrets
from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.superset import alerts as rows

SECONDS = 3
#: how long after its time an alert may begin
LATE = timedelta(minutes=15)
SCHEDULER = "reports.scheduler"


def why_not_fired(alerts: Sequence[Content]) -> list[str]:
    """A line each; none where there are no alerts."""
    if not alerts:
        return []
    from flask import current_app

    config = current_app.config
    kinds = {one["type"] for alert in alerts for one in alert["recipients"]}
    return [
        *_flags(config, kinds),
        *_mail(config, kinds),
        *_webhooks(config, alerts),
        *_workers(config),
        *_web_server(config),
        *_late(alerts),
    ]


def _flags(config: Any, kinds: set[str]) -> Iterator[str]:
    from superset import is_feature_enabled

    if not is_feature_enabled("ALERT_REPORTS"):
        yield "alerts are off; set FEATURE_FLAGS['ALERT_REPORTS'] = True in superset_config.py"
    if config.get("ALERT_REPORTS_NOTIFICATION_DRY_RUN"):
        yield "nothing is sent; set ALERT_REPORTS_NOTIFICATION_DRY_RUN = False"
    if "Slack" in kinds and not config.get("SLACK_API_TOKEN"):
        yield "Slack is not set up; set SLACK_API_TOKEN"
    if "Webhook" in kinds and not is_feature_enabled("ALERT_REPORT_WEBHOOK"):
        yield "webhooks are off; set FEATURE_FLAGS['ALERT_REPORT_WEBHOOK'] = True"


def _mail(config: Any, kinds: set[str]) -> Iterator[str]:
    if "Email" not in kinds:
        return
    host, port = config.get("SMTP_HOST"), config.get("SMTP_PORT")
    if not host:
        yield "no mail server is set; set SMTP_HOST"
    elif fault := _no_answer(str(host), int(port or 25)):
        yield f"no mail server answers at {host}:{port} ({fault}); set SMTP_HOST and SMTP_PORT"


def _webhooks(config: Any, alerts: Sequence[Content]) -> Iterator[str]:
    targets = {
        one["recipient_config_json"]["target"]
        for alert in alerts
        for one in alert["recipients"]
        if one["type"] == "Webhook"
    }
    for target in sorted(targets):
        address = urlsplit(target)
        if config.get("ALERT_REPORTS_WEBHOOK_HTTPS_ONLY") and address.scheme != "https":
            yield f"the webhook {address.hostname} is not https, which this Superset wants"


def _workers(config: Any) -> Iterator[str]:
    """Celery runs them: a worker that answers, and a beat that knows the scheduler."""
    from superset.extensions import celery_app

    if config.get("CELERY_CONFIG") is None:
        yield "there is no Celery; set CELERY_CONFIG, and run a worker and a beat"
        return
    jobs = (celery_app.conf.beat_schedule or {}).values()
    if not any(job.get("task") == SCHEDULER for job in jobs):
        yield f"no beat starts alerts; put {SCHEDULER} into beat_schedule of CELERY_CONFIG"
    broker = str(celery_app.conf.broker_url or "")
    remember_secrets(broker)
    shown = without_secrets(broker)
    try:
        with celery_app.connection_for_read(connect_timeout=SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=SECONDS)
            answers = celery_app.control.ping(timeout=SECONDS, connection=connection)
    except Exception as error:  # whatever a broker's driver may raise
        fault = str(error).partition("\n")[0] or type(error).__name__
        yield f"Celery's broker {shown} cannot be reached: {without_secrets(fault)}"
        return
    if not answers:
        run = "celery --app=superset.tasks.celery_app:app worker"
        yield f"no Celery worker answers at {shown}; run `{run}`"


def _web_server(config: Any) -> Iterator[str]:
    """A worker reads the table of a message from the web server."""
    for key in ("WEBDRIVER_BASEURL", "WEBDRIVER_BASEURL_USER_FRIENDLY"):
        address = urlsplit(str(config.get(key) or ""))
        if address.hostname == "0.0.0.0" and key == "WEBDRIVER_BASEURL_USER_FRIENDLY":
            yield f"links in messages lead to {address.netloc}; set {key} to people's address"
        elif key == "WEBDRIVER_BASEURL":
            port = address.port or (443 if address.scheme == "https" else 80)
            if fault := _no_answer(address.hostname or "", port):
                yield (
                    f"no web server answers at {address.netloc} ({fault}), where workers read "
                    f"the numbers of a message; set {key}"
                )


def _no_answer(host: str, port: int) -> str:
    try:
        with socket.create_connection((host, port), timeout=SECONDS):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _late(alerts: Sequence[Content]) -> Iterator[str]:
    """Alerts that are there, were due and did not run: no beat, or a worker of another queue."""
    from croniter import croniter  # Superset brings it

    there, now = rows.ours(), datetime.now(timezone.utc)
    late = []
    for alert in alerts:
        row = there.get(str(alert["uuid"]))
        if row is None or not row.active:
            continue
        due = croniter(row.crontab, now.astimezone(ZoneInfo(row.timezone))).get_prev(datetime)
        due = due.astimezone(timezone.utc)
        run = row.last_eval_dttm.replace(tzinfo=timezone.utc) if row.last_eval_dttm else None
        changed = row.changed_on.astimezone(timezone.utc)  # kept in local time
        if now - due > LATE and changed < due and (run is None or run < due):
            late.append((due, row.name))
    if late:
        due, name = min(late)
        yield (
            f"{len(late)} alerts were due and did not run, first `{name}` at {due:%Y-%m-%d %H:%M} "
            "UTC; is `celery beat` running?"
        )
