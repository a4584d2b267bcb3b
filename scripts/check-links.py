#!/usr/bin/env python3
"""Fails on links in Markdown files that point at a file or heading which is not there.

Usage: scripts/check-links.py FILE...
"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors(path: Path) -> set[str]:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    return {anchor(heading) for heading in HEADING.findall(text)}


def anchor(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return words.replace(" ", "-")


def problems(path: Path) -> list[str]:
    text = INLINE_CODE.sub("", FENCED.sub("", path.read_text(encoding="utf-8")))
    found = []
    for target in LINK.findall(text):
        if ELSEWHERE.match(target):
            continue
        name, _, fragment = target.partition("#")
        file = (path.parent / unquote(name)) if name else path
        if not file.exists():
            found.append(f"{path}: links to {target}, which does not exist")
        elif fragment and file.suffix == ".md" and fragment not in anchors(file):
            found.append(f"{path}: links to {target}, but {file} has no such heading")
    return found


def main(paths: list[str]) -> int:
    found = [problem for path in paths for problem in problems(Path(path))]
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        return 1
    print(f"links: {len(paths)} Markdown files, every local link leads somewhere")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
