"""Run by `compile_bench` in a process of its own, over whichever checkout its PYTHONPATH names.

Argument: a profile as JSON. Prints JSON: CPU seconds of a first and a second bundle, and the SQL of
its datasets. Imports nothing of this distribution, and finds Project and Profile where the checkout
has them.
"""

import json
import sys
import time
from importlib import import_module
from typing import Any


def found(name: str, *modules: str) -> Any:
    """`name` from the first module that has it."""
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"no {name} in {', '.join(modules)}: is this a checkout of superset-crmkpi?")


def main(given: Any) -> None:
    Project = found("Project", "superset_crmkpi.project.project", "superset_crmkpi.project")
    Profile = found("Profile", "superset_crmkpi.profile.schema", "superset_crmkpi.profile")
    project = Project(Profile.model_validate(given))
    seconds = []
    for _ in range(2):
        begun = time.process_time()
        bundle = project.bundle()
        seconds.append(time.process_time() - begun)
    datasets = {
        content["table_name"]: content["sql"]
        for path, content in bundle.assets.items()
        if path.startswith("datasets/")
    }
    json.dump({"seconds": seconds, "datasets": datasets}, sys.stdout)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
