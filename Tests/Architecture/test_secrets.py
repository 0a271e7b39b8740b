"""bin/secrets makes what compose needs, closed to others, and never changes what is there."""

import re
import shutil
import stat
import subprocess

import pytest

from Harness.settings import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
REQUIRED = set(re.findall(r"\$\{([A-Z][A-Z0-9_]*):\?", COMPOSE))


@pytest.fixture
def project(tmp_path):
    """A directory with the script alone, which takes the directory above its own for the project's."""
    (tmp_path / "bin").mkdir()
    for name in ("secrets", "common.sh"):
        shutil.copy(ROOT / "bin" / name, tmp_path / "bin" / name)
    return tmp_path


def run(project, *arguments):
    command = [str(project / "bin" / "secrets"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def variables(file):
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if re.match(r"[A-Z_]+=", line))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_every_secret_that_compose_needs_is_made(project):
    result = run(project)
    assert result.returncode == 0, result.stderr
    made = variables(project / ".env")
    assert set(made) == REQUIRED
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{43}", value) for value in made.values())
    assert len(set(made.values())) == len(made)
    assert mode(project / ".env") == 0o600
    assert not any(value in result.stdout + result.stderr for value in made.values())


def test_what_is_there_stays_as_it_is(project):
    before = "# mine\nPORT=9000\nexport JWT_SECRET='kept # whole'\nADMIN_PASSWORD=\nCHAT_DB_PASSWORD=kept"
    (project / ".env").write_text(before)
    (project / ".env").chmod(0o644)
    assert run(project).returncode == 0
    text = (project / ".env").read_text()
    assert text.startswith(before + "\n")
    added = set(variables(project / ".env")) - {"PORT", "CHAT_DB_PASSWORD"}
    assert added == REQUIRED - {"JWT_SECRET", "CHAT_DB_PASSWORD"}
    # One that was set to nothing counts as missing, and the later line counts.
    assert len(re.findall("^ADMIN_PASSWORD=", text, re.MULTILINE)) == 2
    assert mode(project / ".env") == 0o600


def test_a_second_run_makes_nothing_and_closes_the_file(project):
    run(project)
    before = (project / ".env").read_bytes()
    (project / ".env").chmod(0o644)
    result = run(project)
    assert result.returncode == 0 and "Nothing to make" in result.stdout
    assert (project / ".env").read_bytes() == before
    assert mode(project / ".env") == 0o600


def test_a_linked_file_stays_a_link(project):
    (project / "elsewhere").write_text("PORT=1\n")
    (project / ".env").symlink_to("elsewhere")
    assert run(project).returncode == 0
    assert (project / ".env").is_symlink()
    assert "JWT_SECRET=" in (project / "elsewhere").read_text()


def test_each_secret_may_have_a_file_of_its_own(project):
    directory = project / "of their own"
    directory.mkdir()
    (directory / "JWT_SECRET").write_text("kept")
    assert run(project, "--files", directory).returncode == 0
    assert {each.name for each in directory.iterdir()} == REQUIRED
    assert (directory / "JWT_SECRET").read_text() == "kept"
    assert all(mode(each) == 0o600 for each in directory.iterdir() if each.name != "JWT_SECRET")
    assert not (project / ".env").exists()


def test_an_argument_that_is_not_known_is_refused(project):
    assert run(project, "--file").returncode == 2
    assert not (project / ".env").exists()
