"""Documents say what is there: links and their anchors lead to something in the tree, and so do paths in backticks."""

import re
from pathlib import Path
from urllib.parse import unquote

# Their paths may be of another time, or of what the reader is about to make.
OF_OTHER_TIMES = ("CHANGELOG.md", "docs/decisions/", "docs/adding-an-operation.md")
FOLDERS = ("Services", "Shared", "Tools", "Tests", "Deploy", "bin", "docs")
# What stands for any name in a path that tells where something belongs.
PLACEHOLDER = re.compile(r"<\w+>|…|NNNN-title|what_it_does")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
CODE_MAP = re.compile(r"^\| folder \|.*?\n\|[-| ]+\|\n((?:\|.*\n)+)", re.MULTILINE)


def faults(tree):
    known = {str(each) for each in tree.files}
    known |= {str(parent) for each in tree.files for parent in each.parents}
    for path, text in tree.below(suffix=".md"):
        prose = FENCE.sub("", text)
        yield from _links(tree, known, path, prose)
        if not str(path).startswith(OF_OTHER_TIMES):
            yield from _paths(tree, path, prose)
        for rows in CODE_MAP.findall(text):
            yield from _code_map(tree, path, rows)


def _links(tree, known, path, prose):
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", prose)):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        place, _, anchor = target.partition("#")
        there = (tree.root / path.parent / unquote(place)).resolve() if place else tree.root / path
        if not there.is_relative_to(tree.root):
            yield f"{path}: the link {target} leads out of the tree"
        elif str(there.relative_to(tree.root)) not in known:
            yield f"{path}: the link {target} leads nowhere"
        elif anchor and there.suffix == ".md" and anchor not in anchors(tree.text(there.relative_to(tree.root))):
            yield f"{path}: {target}: there is no such heading"


def anchors(text):
    """Those of a document's headings, as GitHub names them."""
    found, counts = set(), {}
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = counts[name] = counts.get(name, -1) + 1
        found.add(f"{name}-{number}" if number else name)
    return found | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def _paths(tree, path, prose):
    for code in re.findall(r"`([^`\n]+)`", prose):
        word = code.split()[0].rstrip(",;:")
        if re.match(rf"(?:{'|'.join(FOLDERS)})/\S*$", word) and not exists(tree, word):
            yield f"{path}: there is no {word}"


def _code_map(tree, path, rows):
    for row in rows.splitlines():
        parent = Path()
        for name in re.findall(r"`([^`]+)`", row.split("|")[1]):
            # What follows a path without having one stands beside it.
            there = Path(name) if "/" in name or exists(tree, name) else parent / name
            parent = there.parent
            if not exists(tree, str(there)):
                yield f"{path}: the code map names {there}, which is not there"


def exists(tree, path):
    """Whether there is such a file or folder. A placeholder stands for any name, `{a,b}` for each of them."""
    if choice := re.match(r"(.*?)\{([^}]*)\}(.*)", path):
        return all(exists(tree, choice[1] + each + choice[3]) for each in choice[2].split(","))
    pattern = PLACEHOLDER.sub("*", path).rstrip("/")
    return any(tree.root.glob(pattern))
