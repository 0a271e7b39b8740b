"""What an operator does with the programs' commands, and the settings of a system that runs."""

import os
import subprocess
from urllib.parse import urlsplit

from Harness.settings import PROGRAMS, seconds


def run_auth(stack, *arguments):
    """What an operator gets who runs auth's program with its settings."""
    secrets = stack.secrets()
    place = urlsplit(stack.run["postgres"]["url"])
    settings = {
        "AUTH_DATABASE_URL": f"postgresql://auth:{secrets['AUTH_DB_PASSWORD']}@127.0.0.1:{place.port}/orderline",
        "NATS_AUTH_PASSWORD": secrets["NATS_AUTH_PASSWORD"],
        "JWT_SECRET": secrets["JWT_SECRET"],
    }
    return subprocess.run(
        [str(PROGRAMS / "auth"), *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=seconds(60),
        check=False,
    )
