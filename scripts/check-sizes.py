#!/usr/bin/env python3
"""Fails on files and functions that have grown too long to be read in one go.

Usage: scripts/check-sizes.py FILE...
"""

import re
import sys
from dataclasses import dataclass

FILE_LIMIT = 400
FUNCTION_LIMIT = 60

# What cannot hold a brace that counts; replaced by nothing but its own line breaks.
SWIFT_NOISE = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|(?P<raw>#+)"""(?:.*?)"""(?P=raw)'
    r'|"""(?:\\.|.)*?"""'
    r'|(?P<pound>#+)"(?:[^\n]*?)"(?P=pound)'
    r'|"(?:\\\((?:[^()\n]|\([^()\n]*\))*\)|\\.|[^"\\\n])*"',
    re.DOTALL,
)
FUNCTION_START = re.compile(r"\b(?:func\s+(?P<name>`[^`]+`|[^\s(<]+)|(?P<init>init)[?!]?\s*[(<]|(?P<deinit>deinit)\b)")
WORDS_BEFORE_A_CALL = re.compile(r"[.\w]$")


@dataclass
class Function:
    name: str
    first_line: int
    last_line: int


def without_noise(source: str) -> str:
    return SWIFT_NOISE.sub(lambda match: "\n" * match.group().count("\n"), source)


def functions(code: str) -> list[Function]:
    found = []
    for match in FUNCTION_START.finditer(code):
        before = code[: match.start()]
        if match["init"] and WORDS_BEFORE_A_CALL.search(before):
            continue
        body = body_range(code, match.end())
        if body is None:
            continue
        name = match["name"] or match["init"] or match["deinit"]
        found.append(Function(name, line_of(code, match.start()), line_of(code, body[1])))
    return found


def body_range(code: str, start: int) -> tuple[int, int] | None:
    """The braces of the body that belongs to a declaration, or nothing where it has none (as in a protocol)."""
    depth = 0
    index = start - 1 if code[start - 1] == "(" else start
    while index < len(code):
        character = code[index]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth <= 0 and character == "{":
            return index, closing_brace(code, index)
        elif depth <= 0 and character == "}":
            return None
        elif depth <= 0 and FUNCTION_START.match(code, index):
            return None
        index += 1
    return None


def closing_brace(code: str, opening: int) -> int:
    depth = 0
    for index in range(opening, len(code)):
        if code[index] == "{":
            depth += 1
        elif code[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def line_of(code: str, index: int) -> int:
    return code.count("\n", 0, index) + 1


def problems(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        source = file.read()
    found = []
    lines = source.count("\n")
    if lines > FILE_LIMIT:
        found.append(f"{path}: {lines} lines; at most {FILE_LIMIT}: split it by what it knows")
    if path.endswith(".swift"):
        for function in functions(without_noise(source)):
            length = function.last_line - function.first_line + 1
            if length > FUNCTION_LIMIT:
                found.append(
                    f"{path}:{function.first_line}: {function.name} has {length} lines; at most {FUNCTION_LIMIT}"
                )
    return found


def main(paths: list[str]) -> int:
    found = [problem for path in paths for problem in problems(path)]
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print(f"error: {len(found)} file(s) or function(s) are too long", file=sys.stderr)
        return 1
    print(f"sizes: {len(paths)} files within {FILE_LIMIT} lines, functions within {FUNCTION_LIMIT}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
