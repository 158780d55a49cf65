"""How gunicorn runs the demo: one app loaded once, two workers forked from it."""

import os
import signal
import threading
import time
from typing import Any

workers = 2
worker_class = "gthread"
threads = 8
preload_app = True
timeout = 120
graceful_timeout = 3
# gunicorn's control socket would lie in the user's home folder and serves nobody here.
control_socket_disable = True

_starter = os.getppid()


def on_starting(server: Any) -> None:
    """Stop with the process that started us, even when that one was killed."""

    def watch() -> None:
        while os.getppid() == _starter:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def post_fork(server: Any, worker: Any) -> None:
    """Let no two workers share a database connection that was opened before the fork."""
    from superset_crmkpi.superset.bootstrap import forget_connections

    forget_connections(server.app.wsgi())
