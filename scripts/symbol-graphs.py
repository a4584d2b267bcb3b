#!/usr/bin/env python3
"""Writes the symbol graph of each module of Sources/ from its source: symbol-graphs.py OUTPUT_FOLDER BUILD_MANIFEST....

Of a module that several builds made, the last one counts.

`swift package dump-symbol-graph` reads compiled modules as a stranger to the package, and leaves out every symbol whose
type comes from a module that is imported for the package alone. The compiler itself knows them; it is asked with the
very options that the build recorded for the module.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Options that say how and where to build, each with how many arguments follow it; the others say what the source means.
BUILDING = {
    "-emit-dependencies": 0, "-emit-module": 0, "-emit-module-path": 1, "-output-file-map": 1, "-incremental": 0,
    "-c": 0, "-enable-batch-mode": 0, "-serialize-diagnostics": 0, "-index-store-path": 1, "-parseable-output": 0,
    "-emit-objc-header": 0, "-emit-objc-header-path": 1, "-warnings-as-errors": 0, "-g": 0,
}  # fmt: skip


def commands(manifest):
    """The recorded compiler command of each module."""
    for line in manifest.read_text().splitlines():
        found = re.match(r'\s*args: (\[".*/swiftc".*\])$', line)
        if found:
            arguments = json.loads(found[1])
            # A build records modules that nothing of it needs, too, and lists no sources of them.
            listed = all(Path(argument[1:]).exists() for argument in arguments if argument.startswith("@"))
            if listed and "-module-name" in arguments:
                yield arguments[arguments.index("-module-name") + 1], arguments


def meaning(arguments):
    kept, rest = [], iter(arguments)
    for argument in rest:
        if argument in ("-Xcc", "-Xfrontend"):
            kept += [argument, next(rest)]
        elif argument in BUILDING:
            for _ in range(BUILDING[argument]):
                next(rest)
        elif not re.fullmatch(r"-j\d+", argument):
            kept.append(argument)
    return kept


def main(output, manifests):
    modules = {folder.name for folder in Path("Sources").iterdir() if any(folder.rglob("*.swift"))}
    recorded = {name: arguments for manifest in manifests for name, arguments in commands(manifest) if name in modules}
    if modules - recorded.keys():
        sys.exit(f"error: the builds have no command for {', '.join(sorted(modules - recorded.keys()))}")
    for name in sorted(modules):
        folder = output / name
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as scratch:
            graph = ["-emit-module", "-emit-module-path", f"{scratch}/{name}.swiftmodule", "-emit-symbol-graph"]
            graph += ["-emit-symbol-graph-dir", str(folder), "-symbol-graph-minimum-access-level", "package"]
            graph += ["-symbol-graph-skip-synthesized-members"]
            if subprocess.run(meaning(recorded[name]) + graph).returncode:
                sys.exit(f"error: {name} does not compile; its symbol graph is not written")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(manifest) for manifest in sys.argv[2:]])
