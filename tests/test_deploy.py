"""What lies under deploy/ names only what is there: commands, files, settings and services."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from packaging.specifiers import SpecifierSet

from kaohe.cli.commands import kaohe
from kaohe.storage.starting import require_usable_url
from kaohe.web.admin.routes import ServerFigures

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-postgresql.lock")
GUIDE = (ROOT / "docs" / "deployment.zh-CN.md").read_text(encoding="utf-8")
SCRIPTING = (ROOT / "docs" / "scripting.md").read_text(encoding="utf-8")
SETTINGS = set(re.findall(r'"(KAOHE_[A-Z_]+|PORT)"', (ROOT / "kaohe" / "config.py").read_text(encoding="utf-8")))


def _unit(name: str) -> ConfigParser:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / name, encoding="utf-8")
    return unit


def _compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", [GUIDE, SCRIPTING], ids=["guide", "scripting"])
def test_the_guide_lists_every_setting_that_the_program_reads_and_no_other(text: str) -> None:
    assert len(SETTINGS) >= 9
    rows = re.findall(r"^\| (`[A-Z_`、, ]+`) \|", text, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"[A-Z_]+", row)} == SETTINGS


def test_the_example_of_settings_lists_each_once_and_sets_none() -> None:
    example = (DEPLOY / "kaohe.env.example").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^# ([A-Z_]+)=\S", example, re.MULTILINE)) == sorted(SETTINGS)
    assert all(line.startswith("#") for line in example.splitlines() if line)


def test_alerts_and_dashboard_ask_for_figures_that_the_server_gives_and_for_all_of_them(app: Flask) -> None:
    alerts = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    panels = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]
    asked_by_alerts = _figures_in(rule["expr"] for rule in alerts)
    asked_by_panels = _figures_in(target["expr"] for panel in panels for target in panel["targets"])
    with app.app_context():
        families = list(ServerFigures().collect())
    # What is there only at times, such as a reason why not, goes by the name of its family.
    given = {sample.name for family in families for sample in family.samples}
    given |= {family.name for family in families if not family.samples}
    assert asked_by_alerts | asked_by_panels <= given
    assert {family.name for family in families} == {_family(name) for name in asked_by_panels}
    assert all({"summary", "description"} == set(rule["annotations"]) for rule in alerts)


def test_figures_are_named_as_prometheus_asks(app: Flask) -> None:
    with app.app_context():
        families = list(ServerFigures().collect())
    for family in families:
        assert re.fullmatch(r"kaohe(_[a-z]+)+", family.name), family.name
        assert family.documentation, family.name
        # Base units, in the plural; what only grows ends in _total, which nothing else does.
        assert not re.search(r"_(ms|milliseconds|minutes|hours|kb|mb|megabytes|percent)(_|$)", family.name)
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter"), sample.name
            assert all(re.fullmatch(r"[a-z_]+", label) for label in sample.labels), sample.name


def _figures_in(expressions: Iterable[str]) -> set[str]:
    return {name for expression in expressions for name in re.findall(r"\bkaohe_[a-z_]+", expression)}


def _family(name: str) -> str:
    return re.sub(r"_(total|bucket|sum|count)$", "", name)


@pytest.mark.parametrize("name", ["kaohe.service", "kaohe-backup.service"])
def test_a_unit_runs_a_command_that_exists_as_a_user_of_its_own(name: str) -> None:
    service = _unit(name)["Service"]

    (command,) = re.findall(r"/opt/kaohe/bin/kaohe ([a-z-]+)", service["ExecStart"])
    assert command in kaohe.list_commands(None)
    assert (service["User"], service["ProtectSystem"], service["LimitCORE"]) == ("kaohe", "strict", "0")
    assert service["Environment"] == "KAOHE_DATA=/var/lib/kaohe"
    assert service["StateDirectory"] == "kaohe"


def test_the_timer_runs_the_backup() -> None:
    assert (DEPLOY / "kaohe-backup.timer").with_suffix(".service").exists()
    assert _unit("kaohe-backup.timer")["Timer"]["Persistent"] == "true"


def test_the_image_copies_what_is_there_and_all_that_the_wheel_is_made_of() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {name.split("/")[0] for name in copied} == let_in
    assert {"kaohe", "templates", "static", "migrations", "deploy/build_wheel.py", "pyproject.toml"} <= copied
    assert any(line.startswith("USER kaohe") for line in lines)
    named = {name for line in lines if line.startswith("ENV ") for name in re.findall(r"(\w+)=", line)}
    assert named <= SETTINGS | {"TZ"}


def _instructions() -> list[tuple[str, str]]:
    """What the image is made by, each on one line."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line)]


def test_the_image_is_made_by_known_instructions_and_starts_what_the_wheel_has() -> None:
    instructions = _instructions()
    said = dict(instructions)
    known = {
        "ARG",
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "ENV",
        "VOLUME",
        "EXPOSE",
        "HEALTHCHECK",
        "STOPSIGNAL",
        "CMD",
    }

    assert {name for name, _ in instructions} == known
    assert [name for name, _ in instructions][:2] == ["ARG", "FROM"]
    assert [name for name, _ in instructions][-1] == "CMD"
    version = re.search(r"python:(3\.\d+)-slim", said["ARG"])
    assert version
    assert SpecifierSet(PROJECT["requires-python"]).contains(version[1])
    (script,) = PROJECT["scripts"]
    shell, option, command = json.loads(said["CMD"])
    assert (shell, option) == ("sh", "-c")
    steps = [step.removeprefix("exec ").split() for step in command.split(" && ")]
    assert [program for program, _ in steps] == [script, script]
    assert {name for _, name in steps} <= set(kaohe.list_commands(None))
    port = re.search(r"PORT=(\d+)", said["ENV"])
    assert port
    assert said["EXPOSE"] == port[1]
    assert said["VOLUME"] == said["WORKDIR"] == "/data"


def test_the_clock_of_the_image_is_the_one_of_its_offices() -> None:
    zone = re.search(r"\bTZ=(\S+)", dict(_instructions())["ENV"])
    assert zone
    program = "from kaohe.storage.clock import now, zone_text; print(zone_text(now()))"
    told = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        env={"TZ": zone[1], "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert told.stdout == "北京时间\n"


def test_whoever_asks_whether_a_server_is_well_asks_at_an_address_and_a_port_that_answer(app: Flask) -> None:
    said = dict(_instructions())
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", said["HEALTHCHECK"])
    assert asked
    assert asked[1] == said["EXPOSE"]
    assert app.test_client().get(asked[2], base_url="http://127.0.0.1").status_code == 200
    proxy = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"server \w+:(\d+)", proxy)) == {asked[1]}
    services = _compose()["services"]
    for name, service in services.items():
        waits = service.get("depends_on", {})
        for other in waits if isinstance(waits, dict) else ():
            assert waits[other] == {"condition": "service_healthy"}, name
            # A service of the image has the image's own check.
            assert "healthcheck" in services[other] or services[other].get("image") == "kaohe", (name, other)


def test_the_compose_file_says_nothing_that_compose_does_not_know_and_uses_all_that_it_declares() -> None:
    compose = _compose()
    services = compose["services"]
    known = {
        "image", "build", "restart", "init", "stop_grace_period", "ulimits", "environment", "volumes", "healthcheck",
        "depends_on", "user", "entrypoint", "command", "ports",
    }  # fmt: skip

    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "volumes"}
    for name, service in services.items():
        assert set(service) <= known, name
        assert re.fullmatch(r"kaohe|\w+:\d+(\.\d+)?", service["image"]), name
        assert set(service.get("healthcheck", {})) <= {"test", "interval", "timeout", "retries"}, name
        assert all(re.fullmatch(r"[A-Z_]+", key) for key in service.get("environment", {})), name
    mounted = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert {source for source in mounted if not source.startswith("./")} == set(compose["volumes"])
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = next(line for line in text.splitlines() if "docker compose up" in line)
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", text)) == set(re.findall(r"(\w+)=", example))
    hosts = re.findall(r"host=(\w+):", services["first"]["environment"]["KAOHE_DATABASE_URL"])
    assert set(hosts) | set(re.findall(r"--host=(\w+)", services["standby"]["entrypoint"][-1])) <= set(services)
    assert services["proxy"]["ports"] == [
        f"{port}:{port}" for port in sorted(set(re.findall(r"listen (\d+)", (DEPLOY / "nginx.conf").read_text())))[::-1]
    ]
    assert compose["services"]["first"]["build"]["context"] == ".."


def test_the_compose_file_starts_two_servers_on_one_database_that_waits_for_its_standby() -> None:
    compose = _compose()
    services = compose["services"]

    assert [services[name]["environment"] for name in ("first", "second")] == [services["first"]["environment"]] * 2
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            kept = source in compose["volumes"]
            assert kept or (DEPLOY / source).exists() or source in ("./kaohe.pem", "./kaohe.key"), volume
    settings = services["first"]["environment"]
    assert set(settings) <= SETTINGS
    require_usable_url(re.sub(r"\$\{[^}]*\}", "password", settings["KAOHE_DATABASE_URL"]))
    assert (ROOT / services["first"]["build"]["dockerfile"]).exists()
    # Either may become the standby of the other one.
    (named,) = set(
        re.findall(r"cluster_name=(\w+)", f"{services['standby']['entrypoint']} {services['primary']['command']}")
    )
    allowed = (DEPLOY / "standby-allowed.sh").read_text(encoding="utf-8")
    assert f"synchronous_standby_names = '{named}'" in allowed


def test_the_proxy_passes_on_to_the_servers_of_the_compose_file_and_keeps_no_log() -> None:
    proxy = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    services = _compose()["services"]

    assert set(re.findall(r"server (\w+):8000", proxy)) == {"first", "second"} <= set(services)
    assert proxy.count("{") == proxy.count("}")
    assert proxy.count("access_log off;") == proxy.count("listen [::]:") == 2
    for line in proxy.splitlines():
        assert re.fullmatch(r"\s*(#.*|[^#]*[;{}])?", line), line


def test_the_bill_of_materials_names_every_locked_package_and_every_vendored_file() -> None:
    command = [sys.executable, str(DEPLOY / "sbom.py")]
    said, again = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert said == again
    parts = json.loads(said)["components"]
    locks = "".join((ROOT / name).read_text(encoding="utf-8") for name in LOCKS)
    locked = set(re.findall(r"^([a-z0-9._-]+)==([^ \n]+)", locks, re.MULTILINE))
    packages = [part for part in parts if part["type"] == "library"]
    files = {part["name"]: part["hashes"][0]["content"] for part in parts if part["type"] == "file"}

    assert len(locked) > 40
    assert {(part["name"], part["version"]) for part in packages} == locked
    assert {entry["value"] for part in packages for entry in part["properties"]} == set(
        re.findall(r"--hash=sha256:([0-9a-f]{64})", locks)
    )
    vendored = ROOT / "static" / "vendor"
    assert files == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in vendored.glob("*.js")}


def test_the_description_for_catalogues_of_public_software_fits_the_program() -> None:
    described = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))

    assert (described["name"], described["softwareVersion"]) == (PROJECT["name"], PROJECT["version"])
    assert described["legal"]["license"] == PROJECT["license"]
    python = described["dependsOn"]["open"][0]
    oldest, after_newest = re.findall(r"3\.\d+", PROJECT["requires-python"])
    assert python["versionMin"] == oldest
    assert int(python["versionMax"].split(".")[1]) + 1 == int(after_newest.split(".")[1])
    for text in described["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert (ROOT / text["documentation"]).exists()
        assert text["features"]
        assert all(len(feature) <= 100 for feature in text["features"])
    # By the standard's vocabularies.
    assert described["publiccodeYmlVersion"] == "0.5"
    assert set(described["platforms"]) <= {"web", "windows", "mac", "linux", "ios", "android"}
    assert described["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert described["softwareType"] == "standalone/web"
    assert set(described["intendedAudience"]["scope"]) <= {"government", "local-authorities", "employment", "society"}
    categories = {"hr", "employee-management", "feedback-and-reviews-management", "survey", "data-collection"}
    assert set(described["categories"]) <= categories
    assert described["maintenance"]["type"] == "community"
    assert all(contact["name"] for contact in described["maintenance"]["contacts"])
    assert described["localisation"] == {"localisationReady": False, "availableLanguages": ["zh-Hans"]}
    # It is published nowhere yet: the name that belongs to nobody says so to whoever reads it and to every catalogue.
    assert re.fullmatch(r"https://example\.org/[\w./-]+\.git", described["url"])
