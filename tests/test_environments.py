"""One profile in several Supersets: what differs is where things are, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.project.load import load_profile
from tests.commands import run
from tests.seeds import by_turns

PROFILE = """\
name: Acme
database: {name: Warehouse}
sources:
  sales: {connector: salesforce, landing: fivetran, schema: salesforce, tables: {task: a.tasks}}
  help: {connector: zendesk, landing: fivetran, schema: zendesk}
thresholds:
  win_rate: {warn: 0.25, act: 0.2}
alerts:
  at: "06:00"
  recipients: {default: {email: crm@example.com}, ceo: {email: ceo@example.com}}
environments:
  test:
    database: {uri: "duckdb:///test.duckdb"}
    schema: crmkpi_test
    sources:
      sales: {schema: sandbox}
    alerts: null
  production:
    database: {name: Main, uri: "postgresql://reader:${SECRET}@db/crm"}
    mode: built
    personal_data: true
    alerts: {recipients: {default: {email: all@example.com}}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "crmkpi.yaml"
    found.write_text(PROFILE)
    return found


def test_an_environment_changes_what_it_says_and_leaves_the_rest(path: Path) -> None:
    test = load_profile(path, "test")
    assert (test.database.name, test.database.uri) == ("Warehouse", "duckdb:///test.duckdb")
    assert (test.schema_, test.mode, test.personal_data) == ("crmkpi_test", "live", False)
    assert test.sources["sales"].schema_ == "sandbox"
    assert test.sources["sales"].tables == {"task": "a.tasks"}
    assert test.sources["help"].schema_ == "zendesk"
    assert test.alerts is None

    live = load_profile(path, "production")
    assert (live.database.name, live.mode, live.personal_data) == ("Main", "built", True)
    assert live.sources["sales"].schema_ == "salesforce"
    assert live.alerts is not None
    assert live.alerts.at == "06:00"
    # in place of those of the profile: nobody of production is told by a test, nor the reverse
    assert {k: v.email for k, v in live.alerts.recipients.items()} == {
        "default": ["all@example.com"]
    }


def test_names_numbers_and_thresholds_are_the_same_in_all(path: Path) -> None:
    found = [load_profile(path, name) for name in (None, "test", "production")]
    assert {profile.name for profile in found} == {"Acme"}
    assert {profile.thresholds["win_rate"].warn for profile in found} == {0.25}
    assert len({profile.model_dump_json(include={"settings", "currency", "targets"})
                for profile in found}) == 1  # fmt: skip


def test_a_chosen_profile_is_the_same_as_one_that_says_it_itself(path: Path) -> None:
    content = yaml.safe_load(PROFILE)
    del content["environments"], content["alerts"]
    content["database"]["uri"] = "duckdb:///test.duckdb"
    content["schema"] = "crmkpi_test"
    content["sources"]["sales"]["schema"] = "sandbox"
    chosen = load_profile(path, "test")
    path.write_text(yaml.safe_dump(content))
    assert chosen == load_profile(path)


def test_without_a_choice_the_profile_itself_is_taken_where_it_is_whole(path: Path) -> None:
    profile = load_profile(path)
    assert (profile.database.name, profile.schema_) == ("Warehouse", "crmkpi_acme")
    path.write_text(PROFILE.replace("database: {name: Warehouse}\n", "", 1))
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert caught.value.message == (
        "crmkpi.yaml line 1: `database`: only its environments have it; choose one by "
        "--environment: test, production"
    )
    assert load_profile(path, "production").database.name == "Main"


@pytest.mark.parametrize(
    ("old", "new", "chosen", "told"),
    [
        ("", "", "staging", "line 11: `environments`: there is no `staging`; there are: test, pro"),
        ("    schema: crm", "    settings: {a: 1}\n    schema: crm", None,
         "line 12: `environments.test`: `settings` is no matter of an environment, which may "),
        ("    schema: crm", "    currency: {reporting: USD}\n    schema: crm", "production",
         "line 12: `environments.test`: `currency` is no matter of an environment"),
        ("    schema: crm", "    name: Other\n    schema: crm", "test", "`name` is no matter"),
        ("{schema: sandbox}", "{values: {}}", "test",
         "line 16: `environments.test.sources.sales`: `values` is no matter of an environment"),
        ("sales: {schema: sandbox}", "shop: {schema: s}", "production",
         "line 11: `environments`: `test.sources.shop`: there is no source `shop`"),
        ("duckdb:///test.duckdb", "postgresql://a:b@c/d", "test",
         "line 13: `environments.test.database.uri`: "),
        ("mode: built", "mode: hybrid", None, "line 20: `environments.production.mode`: "),
        ("schema: crmkpi_test", "schema: 'My CRM'", "test", "line 14: `schema`: "),
        ("  test:\n", "  - test:\n", "test", "not YAML"),
    ],
)  # fmt: skip
def test_each_fault_is_one_line_with_its_place(
    path: Path, old: str, new: str, chosen: str | None, told: str
) -> None:
    assert old in PROFILE
    path.write_text(PROFILE.replace(old, new, 1))
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path, chosen)
    assert told in caught.value.message
    assert caught.value.message.startswith("crmkpi.yaml line ")
    assert "\n" not in caught.value.message


def test_an_environment_may_be_the_profile_as_it_is(path: Path) -> None:
    path.write_text(f"{PROFILE}  staging:\n")
    whole = load_profile(path)
    assert load_profile(path, "staging") == whole.model_copy(update={"environments": {}})


def test_a_fault_of_the_profile_itself_keeps_its_line_in_an_environment(path: Path) -> None:
    path.write_text(PROFILE.replace("schema: zendesk", "links: {unicorn: help}"))
    with pytest.raises(CrmKpiError, match=r"^crmkpi\.yaml line 5: `sources\.help\.links"):
        load_profile(path, "test")


def test_a_profile_without_environments_has_none_to_choose(path: Path) -> None:
    path.write_text(PROFILE.partition("environments:")[0])
    with pytest.raises(CrmKpiError, match=r"^crmkpi\.yaml line 1: .*there is no `test`; it has no"):
        load_profile(path, "test")


COMMANDS = ["bundle", "build", "doctor", "fields", "install", "plan", "status", "uninstall"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_with_a_profile_takes_the_option_and_the_variable(
    path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    done = run(command, "--profile", str(path), "--environment", "staging")
    assert done.exit_code != 0
    assert "there is no `staging`; there are: test" in done.stderr
    monkeypatch.setenv("CRMKPI_ENVIRONMENT", "nowhere")
    done = run(command, "--profile", str(path))
    assert done.exit_code != 0
    assert "there is no `nowhere`; there are: test" in done.stderr


@by_turns(2)
def test_what_a_command_builds_goes_to_the_place_of_its_environment(tmp_path: Path) -> None:
    """Two warehouses, one profile."""
    for name, amount in (("test", 1), ("production", 7)):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as connection:
            connection.execute("create schema crm")
            ids = f"select cast(i as varchar) as id, 'Ash' as name from range({amount}) as t(i)"
            connection.execute(f"create table crm.accounts as {ids}")
    profile = tmp_path / "crmkpi.yaml"
    profile.write_text(f"""\
database: {{name: W}}
sources:
  crm:
    connector: sql
    schema: crm
    entities: {{account: "select id, name from accounts"}}
environments:
  test: {{database: {{uri: "duckdb:///{tmp_path}/test.duckdb"}}}}
  production:
    database: {{uri: "duckdb:///{tmp_path}/production.duckdb"}}
    schema: made
""")
    for name in ("test", "production"):
        done = run("build", "--profile", str(profile), "--environment", name)
        assert done.exit_code == 0, done.stderr
    counts = []
    for name, schema in (("test", "crmkpi"), ("production", "made")):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as connection:
            counts += connection.execute(f"select count(*) from {schema}.account").fetchall()
    assert counts == [(1,), (7,)]
    done = run("build", "--profile", str(profile))
    assert done.exit_code != 0
    assert "`database.uri` is missing; add it" in done.stderr
    assert "or choose an environment by --environment: test, production" in done.stderr
