"""The image: what goes into it, how it starts a process, and what its first start makes."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from deploy import first_start
from tests.conftest import SetEnv
from vaani.assets import HashedStorage
from vaani.env import ROOT, Env, EnvError

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps `path` out: the last line that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if (
            line
            and not line.startswith("#")
            and fnmatch.fnmatch(path.split("/")[0] if "/" not in pattern else path, pattern)
        ):
            out = not line.startswith("!")
    return out


def copied() -> list[str]:
    """Everything that the Dockerfile takes from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_all_that_is_copied_is_there_and_let_in() -> None:
    assert [path for path in copied() if not (ROOT / path).exists() or ignored(path)] == []


def test_the_whole_product_goes_in_and_nothing_of_one_machine_does() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - set(copied()) == {"local", "tests", "bench"}
    assert [path for path in (".env", ".data", ".git", "local", "tests", "static/built") if not ignored(path)] == []
    assert "espeak" not in (ROOT / "requirements.txt").read_text()


def test_settings_of_the_image_exist() -> None:
    block = re.search(r"^ENV PATH=\S+ \\\n((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)
    assert block
    names = set(re.findall(r"([A-Z_]+)=", block[1]))
    assert names - {name.upper() for name in Env.model_fields} == {"PYTHONUNBUFFERED", "STATE_DIR"}
    assert all(f"${{{name}:-" in (ROOT / "Procfile").read_text() for name in ("WEB_ADDRESS", "STATE_DIR"))


def test_the_image_runs_as_nobody_and_says_whether_it_is_well() -> None:
    runtime = DOCKERFILE.rpartition("\nFROM ")[2]  # the last stage, which is the image
    lines = [line.split() for line in re.sub(r"\\\n\s*", "", runtime).splitlines()]
    assert [line[1] for line in lines if line[:1] == ["USER"]] == ["vaani"]
    assert next(line[1:4] for line in lines if "useradd" in line) == ["useradd", "--uid", "10001"]
    after = lines[lines.index(["USER", "vaani"]) :]
    assert not any(line[:1] == ["RUN"] for line in after)
    (health,) = (line for line in after if line[:1] == ["HEALTHCHECK"])
    assert "CMD" in health
    assert any("/health" in word for word in health)


@pytest.fixture
def process(tmp_path: Path) -> Path:
    """`deploy/process` beside a Procfile of ours."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / "Procfile").write_text("web: echo on ${WEB_PORT:-3000}\nworker: echo works\n")
    return Path(shutil.copy(ROOT / "deploy" / "process", tmp_path / "deploy"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["web"], "on 3000"),
        (["worker-b"], "works"),
        (["echo", "two  words"], "two  words"),
        (["pwd"], None),
    ],
)
def test_a_process_is_run_by_its_name_and_anything_else_as_it_stands(
    process: Path, arguments: list[str], said: str | None
) -> None:
    done = subprocess.run([process, *arguments], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert done.stdout.strip() == (said or str(process.parent.parent))


def start(folder: Path, set_env: SetEnv, **settings: str) -> dict[str, str | None]:
    """A first start with nothing set but `settings`; the file of settings that it made."""
    nothing = dict.fromkeys(Env.model_fields, "")
    set_env(**nothing | {"env_files": str(folder / "env")} | settings)
    first_start.main(folder)
    return dotenv_values(folder / "env")


def test_secrets_are_made_once(tmp_path: Path, set_env: SetEnv) -> None:
    first, second = start(tmp_path, set_env), start(tmp_path, set_env)
    assert first == second
    assert len(first["SECRET_KEY"] or "") >= 50
    assert first["POSTGRES_PASSWORD"] == (tmp_path / "postgres_password").read_text()
    assert f":{first['POSTGRES_PASSWORD']}@postgres:" in (first["DATABASE_URL"] or "")
    assert (tmp_path / "admin_password").read_text().strip() == first["ADMIN_PASSWORD"]
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"env": 0o600, "livekit.yaml": 0o600, "admin_password": 0o600, "postgres_password": 0o644}


def test_one_name_carries_the_site_and_livekit(tmp_path: Path, set_env: SetEnv) -> None:
    settings = start(tmp_path, set_env, public_url="https://voice.example.in")
    assert settings["LIVEKIT_URL"] == "ws://livekit:7880"
    assert settings["LIVEKIT_PUBLIC_URL"] == "wss://voice.example.in"
    livekit = yaml.safe_load((tmp_path / "livekit.yaml").read_text())
    assert livekit["keys"] == {settings["LIVEKIT_API_KEY"]: settings["LIVEKIT_API_SECRET"]}
    assert livekit["webhook"]["api_key"] == settings["LIVEKIT_API_KEY"]
    assert livekit["rtc"]["use_external_ip"]


def test_livekits_address_may_be_told(tmp_path: Path, set_env: SetEnv) -> None:
    start(tmp_path, set_env, public_url="https://voice.example.in", livekit_node_ip="203.0.113.7")
    rtc = yaml.safe_load((tmp_path / "livekit.yaml").read_text())["rtc"]
    assert (rtc["node_ip"], rtc["use_external_ip"]) == ("203.0.113.7", False)


@pytest.mark.parametrize(
    ("profiles", "said"),
    [("front,n8n", "ports 80 and 443"), ("n8n", "COMPOSE_PROFILES=front"), ("", "a proxy of yours")],
)
def test_it_says_who_makes_https(
    tmp_path: Path, set_env: SetEnv, capsys: pytest.CaptureFixture[str], profiles: str, said: str
) -> None:
    start(tmp_path, set_env, public_url="https://voice.example.in", compose_profiles=profiles)
    assert said in capsys.readouterr().out


def test_without_a_domain_it_says_that_it_is_here_only_and_why(
    tmp_path: Path, set_env: SetEnv, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = start(tmp_path, set_env, public_url="http://localhost:3000")
    said = capsys.readouterr().out
    assert "On this machine only" in said
    assert "microphone" in said
    assert "PUBLIC_URL=https://" in said
    assert "SARVAM_API_KEY" in said
    assert (settings["ADMIN_PASSWORD"] or "") not in said
    assert settings["LIVEKIT_PUBLIC_URL"] == "ws://localhost:7880"
    assert not yaml.safe_load((tmp_path / "livekit.yaml").read_text())["rtc"]["use_external_ip"]


def test_a_livekit_server_of_ones_own_is_left_to_its_owner(
    tmp_path: Path, set_env: SetEnv, capsys: pytest.CaptureFixture[str]
) -> None:
    start(tmp_path, set_env, public_url="https://voice.example.in")
    settings = start(tmp_path, set_env, livekit_url="wss://mine.livekit.cloud", livekit_api_key="k")
    assert "LIVEKIT_PUBLIC_URL" not in settings
    assert "LIVEKIT_API_SECRET must be its own" in capsys.readouterr().out


def test_a_wrong_setting_stops_the_first_start_before_anything_is_written(tmp_path: Path, set_env: SetEnv) -> None:
    with pytest.raises(EnvError):
        start(tmp_path, set_env, public_url="voice.example.in")
    assert list(tmp_path.iterdir()) == []


def test_modules_find_each_other_by_their_hashed_names(tmp_path: Path) -> None:
    for folder in ("calls", "built", "admin"):
        shutil.copytree(ROOT / "static" / folder, tmp_path / folder)
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    files = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    for _name, _hashed, processed in storage.post_process({name: (storage, name) for name in files}):
        assert not isinstance(processed, Exception), processed
    for name in files:
        if not name.endswith(".js"):
            continue
        text = re.sub(r"/\*.*?\*/", "", (tmp_path / storage.stored_name(name)).read_text(), flags=re.DOTALL)
        for imported in re.findall(r"""(?:\bfrom|\bimport|\bimport\()\s*["'](\.{1,2}/[\w./-]+)["']""", text):
            assert re.search(r"\.[0-9a-f]{12}\.m?js$", imported), f"{name} imports {imported}"
            assert ((tmp_path / name).parent / imported).exists()
