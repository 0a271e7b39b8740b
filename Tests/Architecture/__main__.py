"""Every check of the tree: prints what is wrong, and ends with 1 when something is.

python Tests/Architecture [--description FILE]

FILE may hold the output of `swift package describe --type json`, so that the package need not be loaded again.
"""

import argparse
import sys
from pathlib import Path

import check_contract
import check_documents
import check_layers
import check_supply
import check_tree
from tree import Tree

ROOT = Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--description", type=Path, help="the output of swift package describe --type json")
    options = parser.parse_args()
    tree = Tree(ROOT)
    package = check_layers.described(ROOT, options.description)
    found = [
        *check_layers.faults(tree, package),
        *check_supply.faults(tree),
        *check_tree.faults(tree),
        *check_documents.faults(tree),
        *check_contract.faults(tree),
    ]
    for fault in found:
        print(fault)
    if found:
        print(f"{len(found)} faults in the structure of the tree", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
