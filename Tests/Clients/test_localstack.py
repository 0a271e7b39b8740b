"""What bin/up promises (README.md, "Two commands"), shown with systems of the tests' own, which may be killed."""

import itertools
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from Harness.person import Person
from Harness.ports import free_ports
from Harness.probes import status
from Harness.processes import environment_of, is_alive, stat_fields
from Harness.settings import PROGRAMS, seconds
from Harness.stack import Stack, restarts_named
from Harness.waiting import until

pytestmark = pytest.mark.processes

NAMES = ["auth-1", "chat-1", "chat-2", "gateway-1", "gateway-2", "orders-1", "provision-1"]
COUNTS = ["--chat", 2, "--gateways", 2]


@pytest.fixture(scope="module")
def port():
    return free_ports(2)


@pytest.fixture(scope="module")
def stack(tmp_path_factory, port):
    """One system for all tests of this file that leave one behind."""
    made = Stack(tmp_path_factory.mktemp("a stack") / "data")
    made.first = made.started("--port", port, *COUNTS)
    made.port = port
    yield made
    made.discard()


@pytest.fixture
def own(tmp_path):
    """A stack that is not started yet."""
    made = Stack(tmp_path / "data")
    yield made
    made.discard()


def test_run_json_tells_what_runs(stack):
    run = stack.run
    assert run["gateways"] == [f"http://127.0.0.1:{stack.port}", f"http://127.0.0.1:{stack.port + 1}"]
    assert sorted(run["pids"]) == NAMES
    assert sorted(run["ops"]) == NAMES
    assert set(NAMES) <= set(run["logs"])
    assert all(os.path.exists(path) for path in run["logs"].values())
    assert all(is_alive(pid) for pid in stack.pids.values())
    assert all(status(url + "/health/ready") == 200 for url in [*run["gateways"], *run["ops"].values()])
    assert status(run["nats"]["monitor"] + "/healthz") == 200
    assert stack.sql("select usesuper from pg_user where usename = current_user").stdout.strip() == "t"


def test_only_the_owner_reads_the_secrets(stack):
    for name in ("run.json", "secrets.env"):
        assert stat.S_IMODE((stack.data / name).stat().st_mode) == 0o600


def test_nothing_in_the_data_directory_is_open_to_others(stack):
    # Started by root, the group of PostgreSQL's user may pass through the directory.
    assert stat.S_IMODE(stack.data.stat().st_mode) == (0o710 if os.geteuid() == 0 else 0o700)
    for place, folders, files in os.walk(stack.data):
        for name in [*folders, *files]:
            found = os.lstat(os.path.join(place, name))
            assert stat.S_ISLNK(found.st_mode) or not found.st_mode & 0o077, os.path.join(place, name)


def test_what_an_earlier_version_left_open_is_closed(stack):
    stack.down()
    for path in (stack.data, stack.data / "logs"):
        path.chmod(0o755)
    opened = [stack.data / "supervisor.log", *(stack.data / "logs").iterdir()]
    for path in opened:
        path.chmod(0o644)
    stack.started("--port", stack.port, *COUNTS)
    assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (*opened, stack.data / "logs"))
    assert not stat.S_IMODE(stack.data.stat().st_mode) & 0o067


def test_the_admin_that_is_shown_can_sign_in(stack):
    _, _, rest = stack.first.stdout.partition("Admin ")
    email, _, password = rest.splitlines()[0].strip().partition(", password ")
    session = Person(stack.gateways[1], email=email, password=password).login(tokenDelivery="body")
    assert session["user"]["role"] == "Admin"


@pytest.mark.parametrize("service", ["auth", "orders", "chat", "gateway", "provision"])
def test_a_process_has_its_own_secrets_only(stack, service):
    environment = environment_of(stack.pids[f"{service}-1"])
    assert f"NATS_{service.upper()}_PASSWORD" in environment
    for name, value in stack.secrets().items():
        own = name in (f"NATS_{service.upper()}_PASSWORD", f"{service.upper()}_DB_PASSWORD")
        if service == "auth":
            own = own or name in ("JWT_SECRET", "ADMIN_EMAIL", "ADMIN_PASSWORD")
        assert any(value in each for each in environment.values()) == own, name


@pytest.mark.parametrize("role", ["auth", "orders", "chat"])
def test_a_role_uses_its_own_schema_and_nothing_else(stack, role):
    url = environment_of(stack.pids[f"{role}-1"])[f"{role.upper()}_DATABASE_URL"]
    assert stack.sql("select current_schema()", url).stdout.strip() == role
    assert stack.sql("select count(*) from outbox", url).returncode == 0
    for other in {"auth", "orders", "chat", "public"} - {role}:
        assert "permission denied" in stack.sql(f"create table {other}.scratch (x int)", url).stderr
    assert "permission denied" in stack.sql("create schema more", url).stderr
    assert "permission denied" in stack.sql("select 1", url.rsplit("/", 1)[0] + "/postgres").stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
@pytest.mark.parametrize("name", ["auth-1", "orders-1", "chat-2", "gateway-1", "nats"])
def test_a_process_that_ends_runs_again_within_a_second(stack, name, number):
    settle(stack, name)
    before = len(restarts_named(stack.output, name))
    begun = time.monotonic()
    # A gateway that is asked to stop first tells its sockets to go; only what follows its end is ours.
    pid = stack.pids[name]
    os.kill(pid, number)
    until(lambda: not is_alive(pid), 40, f"{name} ends")
    ended = time.monotonic() - begun
    until(lambda: stack.pids[name] != pid, 10, f"{name} runs again")
    took = time.monotonic() - begun - ended
    assert took < seconds(1)
    assert len(restarts_named(stack.output, name)) == before + 1
    assert stack.run["logs"][name] in stack.output
    stack.until_ready(name, bound=20)


def test_provision_runs_again(stack):
    settle(stack, "provision-1")
    _, took = stack.kill("provision-1")
    assert took < seconds(1)


def test_postgresql_killed_under_load_comes_back(stack):
    settle(stack, "postgres")
    busy = [
        subprocess.Popen(
            ["psql", "-Xq", stack.run["postgres"]["url"], "-c", statement],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for statement in ("select count(*) from generate_series(1, 10000000000)", "select pg_sleep(600)")
    ]
    until(
        lambda: stack.sql("select count(*) from pg_stat_activity where state = 'active'").stdout.strip() == "3",
        10,
        "both statements run",
    )
    _, took = stack.kill("postgres")
    assert took < seconds(1.5)
    stack.until_ready("postgres", bound=20)
    for process in busy:
        assert process.wait(timeout=10) != 0
    stack.until_ready("auth-1", "orders-1", "chat-1", "chat-2", "gateway-1", bound=20)


def test_a_process_that_keeps_dying_is_started_later_and_later(stack):
    settle(stack, "orders-1")
    waits = []
    for _ in range(5):
        _, took = stack.kill("orders-1")
        waits.append(took)
    assert waits[0] < seconds(1)
    assert all(later > 1.4 * earlier for earlier, later in itertools.pairwise(waits)), waits
    assert waits[-1] < seconds(5.5)
    stack.until_ready("orders-1", bound=20)


def test_a_second_start_with_the_same_data_is_refused(stack):
    pids = stack.pids
    refused = subprocess.run(stack.arguments(), capture_output=True, text=True, timeout=seconds(30), check=False)
    for result in (stack.start(), refused):
        assert result.returncode == 1
        assert "already runs" in result.stderr and str(stack.data) in result.stderr
    assert stack.pids == pids


def test_a_port_in_use_is_said(stack, own):
    result = own.start("--port", stack.port)
    assert result.returncode == 1
    assert f"Port {stack.port} is in use" in result.stdout
    assert not own.runs


def test_secrets_that_cannot_be_read_whole_are_refused_and_stay(tmp_path):
    made = Stack(tmp_path / "data", "backing")
    file = made.data / "secrets.env"
    try:
        made.started()
        made.down()
        whole = file.read_bytes()
        for damaged in (whole[:-40], whole[:60], b"", b"{}\n", b"\xff" * 20 + b"\n", bytes(len(whole))):
            file.write_bytes(damaged)
            result = made.start()
            assert result.returncode != 0 and str(file) in result.stdout + result.stderr
            assert file.read_bytes() == damaged and not made.runs
        file.unlink()
        file.mkdir()
        assert made.start().returncode != 0 and file.is_dir()
        file.rmdir()
        file.write_bytes(whole)
        file.chmod(0o644)
        made.started()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600 and file.read_bytes() == whole
    finally:
        made.discard()


def test_nothing_outlives_a_killed_supervisor_and_the_data_stay(stack):
    pids = stack.pids
    stack.sql("create table public.kept as select 42 as answer")
    os.kill(stack.supervisor, signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in pids.values()), 10, "all processes have ended")
    secrets = (stack.data / "secrets.env").read_text()

    begun = time.monotonic()
    stack.started("--port", stack.port, *COUNTS)
    assert time.monotonic() - begun < seconds(5)
    assert stack.sql("select answer from public.kept").stdout.strip() == "42"
    assert (stack.data / "secrets.env").read_text() == secrets
    assert set(stack.pids.values()).isdisjoint(pids.values())


def test_down_stops_everything_and_the_next_start_is_quick(stack):
    pids = stack.pids
    result = stack.down()
    assert result.returncode == 0, result.stderr
    assert not any(is_alive(pid) for pid in pids.values())
    assert not stack.runs
    again = stack.down()
    assert again.returncode == 0 and "Nothing runs" in again.stdout

    begun = time.monotonic()
    stack.started("--port", stack.port, *COUNTS)
    assert time.monotonic() - begun < seconds(3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(own, number):
    process = own.foreground("--port", free_ports(1))
    until(lambda: own.runs, 60, "it is ready")
    pids = own.pids
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert not any(is_alive(pid) for pid in pids.values())
    assert not own.runs


def test_a_signal_while_it_starts_stops_it(own):
    process = own.foreground("--port", free_ports(1))
    until((own.data / "logs" / "initdb.log").exists, 20, "it has begun")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert not own.runs


def test_a_wrong_setting_stops_the_start_with_every_fault(tmp_path):
    made = Stack(tmp_path / "data", LOG_LEVEL="loud", LOG_FORMAT="paper")
    try:
        result = made.start("--port", free_ports(1))
        assert result.returncode == 1
        assert "LOG_LEVEL" in result.stdout and "LOG_FORMAT" in result.stdout
        assert not made.runs
    finally:
        made.discard()


def test_a_password_that_is_given_is_used_and_not_shown(tmp_path):
    made = Stack(tmp_path / "data", ADMIN_EMAIL="boss@example.org", ADMIN_PASSWORD="a password given")
    try:
        result = made.started("--port", free_ports(1))
        assert "boss@example.org" in result.stdout
        assert "a password given" not in result.stdout
        assert "a password given" not in (made.data / "secrets.env").read_text()
        Person(made.gateways[0], email="boss@example.org", password="a password given").login()
    finally:
        made.discard()


def test_backing_runs_only_the_servers(tmp_path):
    made = Stack(tmp_path / "data", command="backing")
    try:
        result = made.started()
        assert result.stdout == result.stderr == ""
        assert made.run["pids"] == {}
        assert made.is_ready("postgres") and made.is_ready("nats")
        _, took = made.kill("nats")
        assert took < seconds(1)
        assert made.down().returncode == 0
    finally:
        made.discard()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start processes as others")
def test_started_by_root_no_process_is_root():
    place = Path(tempfile.mkdtemp(prefix="orderline-", dir="/var/tmp"))
    place.chmod(0o755)
    made = Stack(place / "data")
    other = ["setpriv", "--reuid", "61184", "--regid", "61184", "--clear-groups"]
    tried = subprocess.run([*other, PROGRAMS / "orders", "--help"], capture_output=True, check=False)
    try:
        output = made.started("--port", free_ports(1)).stdout
        if tried.returncode != 0:
            assert "As root, since another user cannot reach the program or its files" in output
            return
        for again in (False, True):
            users = {name: os.stat(f"/proc/{pid}").st_uid for name, pid in made.pids.items()}
            assert 0 not in users.values() and len(set(users.values())) == len(users), users
            assert made.is_ready("nats")
            if again:
                break
            made.down()
            # As an earlier version left it.
            for each in [made.data / "nats", *(made.data / "nats").rglob("*")]:
                os.chown(each, 0, 0)
            made.started("--port", free_ports(1))
    finally:
        made.discard()
        shutil.rmtree(place, ignore_errors=True)


def settle(stack, name):
    """Waits until earlier deaths of the process are forgotten."""
    pid = stack.pids[name]
    ticks = os.sysconf("SC_CLK_TCK")

    def age():
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(stat_fields(pid)[19]) / ticks

    until(lambda: age() > 10.2, 12, f"{name} has lived for ten seconds")
