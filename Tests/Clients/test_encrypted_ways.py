"""PostgreSQL and NATS over TLS, with an authority of one's own."""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from Harness.person import PASSWORD
from Harness.ports import free_ports
from Harness.probes import is_ready
from Harness.processes import ended, environment_of
from Harness.settings import PROGRAMS, ROOT, seconds
from Harness.stack import Stack, running
from Harness.waiting import until

pytestmark = pytest.mark.processes


class Authority:
    """One that signs certificates of servers."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.certificate = directory / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Authority")(
            "-keyout", directory / "ca.key", "-out", self.certificate
        )

    def openssl(self, *arguments):
        def run(*more):
            command = ["openssl", *map(str, (*arguments, *more))]
            subprocess.run(command, check=True, capture_output=True, timeout=seconds(60))

        return run

    def server(self, name, subject):
        """Key and certificate of a server; `subject` as in subjectAltName."""
        key, request, certificate = (self.directory / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={subject}\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server")("-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-days", "2", "-CAcreateserial", "-extfile", extensions)(
            "-in", request, "-CA", self.certificate, "-CAkey", self.directory / "ca.key", "-out", certificate
        )
        return key, certificate


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    """The one that signed the servers' certificates, and another."""
    place = tmp_path_factory.mktemp("authorities")
    return Authority(place / "own"), Authority(place / "other")


@pytest.fixture(scope="module")
def system(tmp_path_factory, authorities):
    """A small system whose PostgreSQL offers TLS as 127.0.0.1, and not as localhost."""
    with running(Stack(tmp_path_factory.mktemp("tls") / "data"), "--port", free_ports(1)) as stack:
        key, certificate = authorities[0].server("postgres", "IP:127.0.0.1")
        cluster = Path(stack.sql("show data_directory").stdout.strip())
        owner = cluster.stat()
        for name, source in (("tls.key", key), ("tls.pem", certificate)):
            place = cluster / name
            place.write_bytes(source.read_bytes())
            place.chmod(0o600)
            if os.geteuid() == 0:
                os.chown(place, owner.st_uid, owner.st_gid)
        for setting in ("ssl_key_file = 'tls.key'", "ssl_cert_file = 'tls.pem'", "ssl = on"):
            assert stack.sql(f"alter system set {setting}").returncode == 0
        assert stack.sql("select pg_reload_conf()").returncode == 0
        until(lambda: stack.sql("show ssl").stdout.strip() == "on", 10)
        yield stack


def migrate(stack, host, query, **environment):
    """Runs `orders migrate` there, which ends when it has looked at the schema."""
    secrets, port = stack.secrets(), urlsplit(stack.run["postgres"]["url"]).port
    url = f"postgresql://migrator:{secrets['MIGRATOR_DB_PASSWORD']}@{host}:{port}/orderline?{query}"
    return subprocess.run(
        [PROGRAMS / "orders", "migrate"],
        env={**os.environ, "ORDERS_DATABASE_URL": url, **environment},
        capture_output=True,
        text=True,
        timeout=seconds(60),
        check=False,
    )


def test_a_database_is_reached_by_the_certificate_of_its_own_authority(system, authorities):
    own, other = authorities
    verified = f"sslmode=verify-full&sslrootcert={own.certificate}"
    assert migrate(system, "127.0.0.1", verified).returncode == 0
    # Another authority's, another host's, and none that is trusted.
    for host, query in (
        ("127.0.0.1", f"sslmode=verify-full&sslrootcert={other.certificate}"),
        ("localhost", verified),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=/nowhere"),
    ):
        refused = migrate(system, host, query)
        assert refused.returncode != 0, (host, query)
        assert "certificate" in refused.stderr, refused.stderr
        assert system.secrets()["MIGRATOR_DB_PASSWORD"] not in refused.stdout + refused.stderr


def test_the_swift_client_trusts_whom_it_is_told_to(tmp_path, authorities):
    key, certificate = authorities[0].server("gateway", "IP:127.0.0.1")
    with running(
        Stack(tmp_path / "data", TLS_CERT=str(certificate), TLS_KEY=str(key)), "--port", free_ports(1)
    ) as stack:
        for authority in authorities:
            fields = {"name": "Olga", "email": f"{authority is authorities[0]}@shop.example", "password": PASSWORD}
            done = subprocess.run(
                [PROGRAMS / "client-probe", "encrypted", stack.gateways[0], json.dumps(fields), authority.certificate],
                capture_output=True,
                text=True,
                timeout=seconds(60),
                check=False,
            )
            if authority is authorities[0]:
                told = json.loads(done.stdout)
                # A place in the room over the socket; and nobody without that authority.
                assert told["seq"] == 1 and told["stranger"]["code"] == "offline"
            else:
                assert done.returncode != 0 and "offline" in done.stderr


def test_a_service_serves_over_tls(system, authorities):
    secrets, port, ops = system.secrets(), urlsplit(system.run["postgres"]["url"]).port, free_ports(1)
    environment = {
        **environment_of(system.pids["orders-1"]),
        "OPS_PORT": str(ops),
        "ORDERS_DATABASE_URL": f"postgresql://orders:{secrets['ORDERS_DB_PASSWORD']}@127.0.0.1:{port}/orderline"
        f"?sslmode=verify-full&sslrootcert={authorities[0].certificate}",
    }
    process = subprocess.Popen([PROGRAMS / "orders", "serve"], env=environment, stderr=subprocess.DEVNULL)
    with ended(process):
        until(lambda: is_ready(f"http://127.0.0.1:{ops}"), 20)
    # Ended before a verdict, it would not have been it that answered there.
    assert process.returncode == 0


@pytest.mark.parametrize("query", ["", "sslmode=prefer", "sslmode=require", "sslmode=verify-ca"])
def test_a_database_on_another_machine_is_not_talked_to_without_knowing_it(system, query):
    refused = migrate(system, "database.example", query)
    assert refused.returncode != 0
    assert "ORDERS_DATABASE_URL: leads to another machine" in refused.stderr + refused.stdout
    assert system.secrets()["MIGRATOR_DB_PASSWORD"] not in refused.stdout + refused.stderr


@contextmanager
def nats(directory, key, certificate, stack):
    """A NATS server with the product's permissions that speaks TLS only; its port."""
    port = free_ports(1)
    configuration = directory / "nats.conf"
    configuration.write_text(
        f'include "{os.path.relpath(ROOT / "Deploy" / "nats-server.conf", directory)}"\n'
        f'tls {{ cert_file: "{certificate}", key_file: "{key}" }}\n'
    )
    process = subprocess.Popen(
        ["nats-server", "-c", configuration, "-a", "127.0.0.1", "-p", str(port), "-sd", directory / "store"],
        env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin", **stack.secrets()},
        stderr=subprocess.DEVNULL,
    )
    with ended(process):
        yield port


def provision(stack, url, timeout, **environment):
    """What it says, and whether it made the stream within that time."""
    process = subprocess.Popen(
        [PROGRAMS / "provision"],
        env={
            **os.environ,
            "NATS_URL": url,
            "NATS_PROVISION_PASSWORD": stack.secrets()["NATS_PROVISION_PASSWORD"],
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        return output, False
    return output, process.returncode == 0


def test_nats_is_reached_by_the_certificate_of_its_own_authority(system, authorities, tmp_path):
    own, other = authorities
    key, certificate = own.server("nats", "IP:127.0.0.1")
    with nats(tmp_path, key, certificate, system) as port:
        output, made = provision(system, f"tls://127.0.0.1:{port}", seconds(30), NATS_CA=str(own.certificate))
        assert made, output
        # Another authority's, another host's, and one that the system's authorities do not know.
        for url, authority in (
            (f"tls://127.0.0.1:{port}", {"NATS_CA": str(other.certificate)}),
            (f"tls://localhost:{port}", {"NATS_CA": str(own.certificate)}),
            (f"tls://127.0.0.1:{port}", {}),
            (f"nats://127.0.0.1:{port}", {}),
        ):
            output, made = provision(system, url, seconds(4), **authority)
            assert not made and "SSL Error" in output, (url, output)
