"""The programs that make load: wrk, pgbench, and the Swift tools load and limits."""

import contextlib
import json
import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from Harness.ports import free_ports
from Harness.processes import TIED
from Harness.settings import PROGRAMS
from Harness.waiting import until

HERE = Path(__file__).resolve().parent


class ToolFailure(RuntimeError):
    """A program that makes load ended badly, or what it measured failed."""


def run(command, text=None, timeout=120):
    """The program's standard output."""
    command = [str(each) for each in command]
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout, check=False)
    if result.returncode != 0:
        raise ToolFailure(
            f"{Path(command[0]).name} ended with {result.returncode}:\n{result.stdout[-800:]}{result.stderr[:800]}"
        )
    return result.stdout


def wrk(url, script, arguments, seconds, connections=64, threads=2, warm_up=1):
    """A closed loop over HTTP: {"perSecond", "p50", "p99"}, latencies in milliseconds."""

    def once(duration, place):
        arguments_here = arguments(place) if callable(arguments) else arguments
        output = run(
            [
                "wrk",
                f"-t{threads}",
                f"-c{connections}",
                f"-d{duration}s",
                "--timeout",
                "10s",
                "--latency",
                "-s",
                HERE / "wrk" / script,
                url,
                "--",
                *arguments_here,
            ]
        )
        return json.loads(re.search(r"^RESULT (.*)$", output, re.M).group(1))

    if warm_up:
        once(warm_up, "w")
    result = once(seconds, "m")
    failed = result["failed"] + result["broken"]
    if failed:
        raise ToolFailure(f"{script}: {failed} of {result['requests']} requests failed")
    return {
        "perSecond": result["requests"] / result["duration"] * 1e6,
        "p50": result["p50"] / 1000,
        "p99": result["p99"] / 1000,
    }


def _pgbench(url, script, variables, duration, clients, threads, *more):
    # As time in identifiers does, the number goes up; it begins anew above what any client reached before.
    defined = {**variables, "first": 1, "ms": time.time_ns() // 1_000_000}
    return [
        "pgbench",
        "-n",
        "-M",
        "prepared",
        "-c",
        clients,
        "-j",
        threads,
        "-T",
        duration,
        "-f",
        HERE / "pgbench" / script,
        *more,
        *[f"-D{name}={value}" for name, value in defined.items()],
        url,
    ]


def paced_pgbench(url, script, variables, rate, seconds, meter, clients=8):
    """Transactions at a constant rate: {"p50", "p99"} in milliseconds, from when each was due, and the "cost" of one in
    milliseconds of the server's processor time.

    meter: called when it has begun; what it returns has `read()`, the processor seconds since then.
    """
    with tempfile.TemporaryDirectory() as place:
        command = _pgbench(
            url, script, variables, seconds + 2, clients, 1, "-R", rate, "-l", "--log-prefix", f"{place}/pgbench"
        )
        process = subprocess.Popen(
            [*TIED, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            time.sleep(1)  # noqa: TID251 its clients connect and prepare
            begun, since = time.monotonic(), meter()
            time.sleep(seconds)  # noqa: TID251 the time over which is measured
            used, took = since.read(), time.monotonic() - begun
            if process.wait(30):
                raise ToolFailure(f"{script}: pgbench says\n{process.stderr.read()[-800:]}")
        finally:
            process.kill()
            process.wait()
            process.stderr.close()
        # client, transaction, microseconds, script, second, microsecond, lag: the latency has the lag in it.
        lines = [line.split() for file in Path(place).iterdir() for line in file.read_text().splitlines()]
    times = sorted(int(line[2]) / 1000 for line in lines[len(lines) // 10 :])
    each = 1000 * used["postgres"] / (len(lines) / (seconds + 2) * took)
    return {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "cost": each}


def pgbench(url, script, variables, seconds, clients=64, threads=2, warm_up=1):
    """Transactions a second."""

    def once(duration, is_measured=True):
        output = run(_pgbench(url, script, variables, duration, clients, threads))
        failed = re.search(r"number of failed transactions: (\d+)", output)
        if failed and int(failed.group(1)):
            raise ToolFailure(f"{script}: {failed.group(0)}")
        rate = re.search(r"^tps = ([\d.]+)", output, re.M)
        if not rate and is_measured:
            raise ToolFailure(f"{script}: pgbench says\n{output[-800:]}")
        return float(rate.group(1)) if rate else 0

    if warm_up:
        # On a busy machine a second may go by before the clients are connected.
        once(warm_up, is_measured=False)
    return once(max(2, seconds))


def load(*arguments, text=None, timeout=180, at=None):
    """The result of the program load.

    at: by name, what is called when the measured time begins and ends ("begin", "end").
    """
    command = [*TIED, str(PROGRAMS / "load"), *map(str, arguments)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = threading.Timer(timeout, process.kill)
    end.start()
    lines = []
    try:
        # Nothing is printed before all of it is read.
        process.stdin.write(text or "")
        process.stdin.close()
        for line in process.stdout:
            lines.append(json.loads(line))
            if call := (at or {}).get(lines[-1].get("mark")):
                call()
        errors = process.stderr.read()
    finally:
        end.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    if not lines or "mark" in lines[-1]:
        raise ToolFailure(f"load {arguments[0]} ended with {process.returncode}:\n{errors[:800]}")
    return lines[-1]


def paced(url, token, rate, seconds, *more, connections=64, warm_up=1, at=None):
    """Latencies in milliseconds at a constant rate; a request that fails makes them worthless. `at` as of `load`."""
    result = load(
        "http",
        "--url",
        url,
        "--header",
        f"Authorization: Bearer {token}",
        "--rate",
        int(rate),
        "--connections",
        connections,
        "--seconds",
        seconds,
        "--warm-up",
        warm_up,
        *more,
        at=at,
    )
    wrong = {status: count for status, count in result["statuses"].items() if not status.startswith("2")}
    if wrong or result["broken"] or result["unfinished"]:
        raise ToolFailure(f"load http: {wrong}, {result['broken']} broken, {result['unfinished']} unfinished")
    return result["latency"]


@contextlib.contextmanager
def limit_server(*arguments):
    """A server of the program limits, while the block runs: its (address, process id)."""
    port = free_ports()
    process = subprocess.Popen(
        [*TIED, PROGRAMS / "limits", *map(str, arguments), "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port, process):
    def answers():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return process.poll() is not None

    until(answers, 10, f"port {port} answers")
    if process.poll() is not None:
        raise ToolFailure(f"nothing answers on port {port}")


def resident_kib(pid):
    """Memory of a process with its share of what others use too."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ToolFailure(f"/proc/{pid}/smaps_rollup says nothing of Pss")


@contextlib.contextmanager
def idle_sockets(sockets):
    """Keeps these sockets open while the block runs."""
    process = subprocess.Popen(
        [*TIED, PROGRAMS / "load", "idle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        process.stdin.write("\n".join(sockets) + "\n\n")
        process.stdin.flush()
        opened = process.stdout.readline()
        if not opened:
            raise ToolFailure("load idle could not open all sockets")
        yield json.loads(opened)
        lost = json.loads(process.communicate(timeout=20)[0])["lost"]
        if lost:
            raise ToolFailure(f"load idle: {lost} of {len(sockets)} sockets were lost")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextlib.contextmanager
def meanwhile(action):
    """Runs `action` in a thread while the block runs; its result is the list that is given, filled at the end."""
    results, errors = [], []

    def work():
        try:
            results.append(action())
        except Exception as error:  # Told to the caller below.
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield results
    finally:
        thread.join()
    if errors:
        raise errors[0]
