"""The README's tour, typed as it stands there."""

import os
import re
import shlex
import subprocess
import sys
import uuid

from Harness.settings import ROOT


def tour():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## Five minutes") : text.index("## The interface in short")]
    return re.findall(r"```bash\n(.*?)```", section, re.DOTALL)


def test_the_tour_works_as_typed(gateway, tmp_path):
    """Only what differs from reader to reader is put in: the address, the Admin, and an e-mail not taken yet."""
    script = "\n".join(tour())
    assert "listen.py" in script and script.count("curl") >= 6
    for typed, ours in {
        "127.0.0.1:8100": gateway.split("//")[1],
        "ada@example.com": f"ada-{uuid.uuid4()}@example.com",
        "admin@example.com": os.environ["ORDERLINE_ADMIN_EMAIL"],
        "tour of orderline": os.environ["ORDERLINE_ADMIN_PASSWORD"],
        # The tests' own environment has the package.
        "python3 -m venv tour && tour/bin/pip install --quiet websockets": "true",
        "tour/bin/python": shlex.quote(sys.executable),
    }.items():
        assert typed in script, typed
        script = script.replace(typed, ours)
    done = subprocess.run(
        ["bash", "-c", "set -m\n" + script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    said = done.stdout
    for expected in (
        '"accessToken":"',
        "HTTP/1.1 201 Created",
        'ETag: "1"',
        '"nextStatuses":["Processing"]',
        '{"ack":1,',
        '{"ack":3,',
        '"event":"newMessage"',
        '"kind":"summary"',
        '{"event":"roomClosed"',
        '"from":"Review","to":"Processing"',
        '"status":"Completed"',
        '"code":"room-closed"',
    ):
        assert expected in said, (expected, said, done.stderr)
