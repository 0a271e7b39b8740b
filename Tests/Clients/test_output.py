"""Whoever reads a process's output cannot end it or make it wait: full disks, closed pipes, readers that do nothing."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from Harness.ports import free_ports
from Harness.probes import metric, status
from Harness.processes import is_alive
from Harness.settings import PROGRAMS, seconds
from Harness.stack import Stack
from Harness.waiting import until


def no_wait(descriptor):
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_NONBLOCK)


def wait_again(descriptor):
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~os.O_NONBLOCK)


def full_pipe():
    """A pipe that takes not a byte more; its reading and its writing end."""
    reading, writing = os.pipe()
    no_wait(writing)
    try:
        while True:
            os.write(writing, b"-" * 4096)
    except BlockingIOError:
        pass
    try:
        while True:
            os.write(writing, b"\n")
    except BlockingIOError:
        wait_again(writing)
    return reading, writing


@contextmanager
def output(kind):
    """A descriptor to write to, of a kind that gives trouble."""
    kept = []
    if kind == "full disk":
        descriptor = os.open("/dev/full", os.O_WRONLY)
    elif kind == "closed pipe":
        reading, descriptor = os.pipe()
        os.close(reading)
    elif kind in ("stalled reader", "full pipe that does not wait"):
        reading, descriptor = full_pipe()
        kept.append(reading)
        if kind.endswith("wait"):
            no_wait(descriptor)
    elif kind == "read-only file":
        descriptor = os.open("/dev/null", os.O_RDONLY)
    try:
        yield descriptor
    finally:
        for each in (descriptor, *kept):
            os.close(each)


KINDS = ["full disk", "closed pipe", "stalled reader", "full pipe that does not wait", "read-only file"]


def settings(**own):
    """Of a gateway without neighbours: it lives, is not ready, and logs that."""
    port = free_ports(2)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PORT": str(port),
        "OPS_PORT": str(port + 1),
        "NATS_URL": "nats://127.0.0.1:1",
        "NATS_GATEWAY_PASSWORD": "x",
        **own,
    }


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()


@contextmanager
def gateway(errors, **own):
    environment = settings(**own)
    process = subprocess.Popen(
        [PROGRAMS / "gateway"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
    )
    try:
        yield process, f"http://127.0.0.1:{environment['PORT']}", f"http://127.0.0.1:{environment['OPS_PORT']}"
    finally:
        end(process)


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_whose_log_nobody_takes_lives_and_answers(kind):
    with output(kind) as errors, gateway(errors, LOG_LEVEL="trace") as (process, public, operators):
        until(lambda: status(operators + "/health/live") == 200 or process.poll() is not None, 20, "it lives")
        assert process.poll() is None
        for _ in range(20):
            begun = time.monotonic()
            assert status(operators + "/health/live") == 200
            assert status(public + "/api/v1/orders") in (401, 503)
            assert time.monotonic() - begun < seconds(2)
        if kind in ("full disk", "closed pipe", "read-only file"):
            until(lambda: metric(operators, "orderline_log_write_failures"), 5, "failures are counted")
            assert metric(operators, "orderline_log_lines_lost") > 0
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=seconds(30)) == 0
        assert time.monotonic() - begun < seconds(10)


def test_a_log_that_is_read_late_is_whole():
    reading, writing = full_pipe()
    with gateway(writing) as (process, _, operators):
        os.close(writing)
        until(lambda: status(operators + "/health/live") == 200, 20, "it lives")
        process.send_signal(signal.SIGTERM)
        with os.fdopen(reading, errors="replace") as log:
            lines = log.read().lstrip("-\n").splitlines()
        assert process.wait(timeout=30) == 0
        assert lines and all(line[:2] == "20" for line in lines), lines


def test_a_process_without_standard_streams_lives():
    environment = settings()
    closing = [sys.executable, "-c", "import os, sys; os.closerange(0, 3); os.execv(sys.argv[1], sys.argv[1:])"]
    process = subprocess.Popen([*closing, PROGRAMS / "gateway"], env=environment)
    try:
        operators = f"http://127.0.0.1:{environment['OPS_PORT']}"
        until(lambda: status(operators + "/health/live") == 200 or process.poll() is not None, 20, "it lives")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=seconds(30)) == 0
    finally:
        end(process)


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_that_fails_ends_with_its_status_whatever_becomes_of_its_words(kind):
    with output(kind) as errors:
        begun = time.monotonic()
        process = subprocess.Popen([PROGRAMS / "gateway"], env=settings(OPS_PORT="high"), stderr=errors)
        try:
            assert process.wait(timeout=seconds(10)) == 1
        finally:
            end(process)
        assert time.monotonic() - begun < seconds(5)


@pytest.mark.parametrize("program", ["gateway", "orders", "auth", "provision"])
def test_the_faults_of_a_configuration_reach_whoever_reads(program):
    wrong = settings(OPS_PORT="high", LOG_LEVEL="loud")
    result = subprocess.run([PROGRAMS / program], env=wrong, capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: The configuration is not usable:\n")
    assert "OPS_PORT" in result.stderr and "LOG_LEVEL" in result.stderr


def test_a_provision_whose_log_nobody_takes_goes_on():
    for kind in KINDS:
        with output(kind) as errors:
            process = subprocess.Popen(
                [PROGRAMS / "provision", "--watch"], stderr=errors, env=settings(LOG_LEVEL="debug")
            )
            try:
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(timeout=0.5)
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=seconds(10)) == 0, kind
            finally:
                end(process)


@pytest.mark.parametrize("kind", KINDS)
def test_a_supervisor_whose_terminal_is_gone_restarts_what_dies(tmp_path, kind):
    stack = Stack(tmp_path / "data", "backing")
    with output(kind) as terminal:
        process = subprocess.Popen(
            stack.arguments(), env=stack.environment, stdout=terminal, stderr=terminal, start_new_session=True
        )
        try:
            until(lambda: stack.runs or process.poll() is not None, 60, "it runs")
            for _ in range(2):
                stack.kill("nats")
            until(lambda: stack.is_ready("nats"), 20, "NATS serves again")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=seconds(30)) == 0
            assert not is_alive(process.pid)
        finally:
            end(process)
            stack.discard()
