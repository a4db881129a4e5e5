"""The container files: what is published, what is pinned, and that no secret is in them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


COMPOSE: dict[str, Any] = yaml.safe_load(text_of("docker-compose.yml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CLUSTER: dict[str, Any] = yaml.safe_load(text_of("deploy/milvus-cluster.yaml"))
DOCKERFILE = text_of("Dockerfile")
# A package with its version, then the hashes of its files on lines of their own.
_LOCKED = re.compile(r"^([\w.-]+)==(\S+)(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", re.MULTILINE)
LOCKED = dict(_LOCKED.findall(text_of("requirements.lock")))
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*$")


def instructions(name: str) -> list[str]:
    """The arguments of each `name` instruction of the Dockerfile, continued lines joined."""
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    return [line.partition(" ")[2].strip() for line in lines if line.startswith(f"{name} ")]


def test_only_the_app_is_published_and_only_on_this_machine() -> None:
    assert SERVICES["app"]["ports"] == ["127.0.0.1:8501:8501"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["app"]
    assert not any("network_mode" in service for service in SERVICES.values())


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_a_memory_limit_and_restarts(name: str) -> None:
    service = SERVICES[name]

    assert service["healthcheck"]["test"][0] == "CMD"
    assert re.fullmatch(r"\d+g", service["mem_limit"])
    assert service["pids_limit"] >= 1000
    assert service["restart"] == "unless-stopped"


def test_the_app_waits_for_a_healthy_milvus_and_uses_it() -> None:
    app = SERVICES["app"]

    assert app["depends_on"] == {"milvus": {"condition": "service_healthy"}}
    assert app["environment"]["MILVUS_URI"] == "${REMOTE_MILVUS_URI:-http://milvus:19530}"


def test_data_is_in_named_volumes_that_are_declared() -> None:
    mounts = {name: service["volumes"] for name, service in SERVICES.items()}

    assert mounts == {"app": ["app-data:/data"], "milvus": ["milvus-data:/var/lib/milvus"]}
    assert set(COMPOSE["volumes"]) == {"app-data", "milvus-data"}


def test_images_are_pinned() -> None:
    assert PINNED.match(SERVICES["milvus"]["image"])
    assert SERVICES["app"]["build"] == "."
    assert [bool(PINNED.match(image)) for image in instructions("FROM")] == [True]


def test_secrets_come_from_the_environment() -> None:
    environment = SERVICES["app"]["environment"]
    secret = {key: value for key, value in environment.items() if re.search("KEY|TOKEN|PASSWORD|SECRET", key)}

    assert secret == {"MILVUS_TOKEN": "${REMOTE_MILVUS_TOKEN:-}", "OPENAI_API_KEY": "${OPENAI_API_KEY:-}"}
    assert not re.search(r"KEY|TOKEN|PASSWORD|SECRET", DOCKERFILE)


def test_the_compose_file_passes_every_setting_of_the_example() -> None:
    example = text_of(".env.example")
    settings = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))

    # The data folder is the image's volume.
    assert settings - set(SERVICES["app"]["environment"]) == {"OVERLAP_DATA_DIR"}


def test_the_image_runs_as_a_user_who_owns_the_data_folder() -> None:
    assert instructions("USER") == ["overlap"]
    assert instructions("VOLUME") == ["/data"]
    assert any("install -d -o overlap -g overlap /data" in command for command in instructions("RUN"))
    assert any("OVERLAP_DATA_DIR=/data" in value for value in instructions("ENV"))


def test_the_image_checks_its_health_where_it_listens() -> None:
    (check,) = instructions("HEALTHCHECK")
    (command,) = instructions("CMD")

    assert "http://127.0.0.1:8501/_stcore/health" in check
    assert '"--server.address", "0.0.0.0", "--server.port", "8501"' in command


def test_a_target_outside_of_containers_does_not_reach_into_one() -> None:
    """Compose reads the same .env as the app, where MILVUS_URI is a path or an address of this machine."""
    text = text_of("docker-compose.yml")

    assert not re.search(r"\$\{MILVUS_(URI|TOKEN)\b", text)


def test_the_app_may_nothing_that_it_does_not_need() -> None:
    app = SERVICES["app"]

    assert app["cap_drop"] == ["ALL"]
    assert app["security_opt"] == ["no-new-privileges:true"]
    assert app["init"] is True


def pins(name: str) -> dict[str, str]:
    """Package to version, of a requirements file."""
    lines = text_of(name).splitlines()
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", "\n".join(lines), re.MULTILINE))


def test_the_lock_file_has_every_requirement_at_its_version_and_no_cuda() -> None:
    wanted = {package.lower(): version for package, version in pins("requirements.txt").items()}
    torch = wanted.pop("torch")

    assert {package: LOCKED.get(package) for package in wanted} == wanted
    assert not [package for package in LOCKED if re.match(r"torch$|triton$|nvidia-|cuda-", package)]
    assert f"torch=={torch} " in DOCKERFILE


def test_every_locked_package_has_hashes() -> None:
    lock = text_of("requirements.lock")

    assert len(LOCKED) == len(re.findall("^[^#\\s]", lock, re.MULTILINE)) > len(pins("requirements.txt"))


def test_the_image_installs_what_is_locked_and_nothing_else() -> None:
    (install,) = (command for command in instructions("RUN") if "pip install" in command)
    locked, torch, check = (part.split() for part in install.split("&&"))

    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(locked)
    assert {"--no-deps", "https://download.pytorch.org/whl/cpu"} <= set(torch)
    assert check == ["pip", "check"]


def test_the_cluster_is_the_same_milvus_and_no_open_door() -> None:
    tag = SERVICES["milvus"]["image"].rpartition(":")[2]

    assert CLUSTER["cluster"]["enabled"] is True
    assert CLUSTER["image"]["all"]["tag"] == tag
    assert CLUSTER["service"]["type"] == "ClusterIP"
    assert "authorizationEnabled: true" in CLUSTER["extraConfigFiles"]["user.yaml"]
    assert not re.search(r"(?i)(secretKey|password|accessKey): *\S", text_of("deploy/milvus-cluster.yaml"))


def test_the_requirements_are_installed_before_the_app_is_copied() -> None:
    assert DOCKERFILE.index("pip install") < DOCKERFILE.index("COPY core") < DOCKERFILE.index("COPY app.py")


def test_the_image_copies_all_that_the_app_needs_and_the_build_sends_nothing_else() -> None:
    copied = {arguments.split()[0] for arguments in instructions("COPY")}
    sent = {line[1:].rstrip("/") for line in text_of(".dockerignore").splitlines() if line[:1] == "!"}

    assert copied == sent == {"requirements.lock", ".streamlit", "core", "pages", "app.py"}
    assert all((REPOSITORY / path).exists() for path in copied)
    assert "*" in text_of(".dockerignore").splitlines()
