"""What a port says of its process, asked without a client of ours."""

import urllib.error
import urllib.request


def status(url, timeout=5):
    """The status that the address answers with; None when nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None


def is_ready(base, timeout=5):
    """Whether a gateway, or an operator's port, says that it is ready."""
    return status(base.rstrip("/") + "/health/ready", timeout) == 200


def page(base, path, timeout=5):
    """The text of a page. Throws: OSError when nothing answers."""
    with urllib.request.urlopen(base.rstrip("/") + path, timeout=timeout) as answer:
        return answer.read().decode()


def metric(operators, name, timeout=5):
    """The sum over all labels of a metric at an operator's port; None when it is not there, or nothing answers."""
    try:
        lines = page(operators, "/metrics", timeout).splitlines()
    except (OSError, ValueError):
        return None
    values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{"))]
    return sum(values) if values else None
