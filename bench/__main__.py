"""`python -m bench` lists the benches; `python -m bench NAME [--quick]` runs one."""

import argparse
import pkgutil
import sys
from importlib import import_module

import bench
from bench.report import Result
from toollama.errors import ToolLamaError


def names() -> list[str]:
    """Return the benches: every module here that has a `run`."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__))
    return sorted(name for name in found if hasattr(import_module(f"bench.{name}"), "run"))


def main() -> int:
    """List or run benches; the exit code tells whether the goal holds."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="?", help="the bench to run")
    parser.add_argument("--quick", action="store_true", help="end within 50 seconds")
    options, rest = parser.parse_known_args()
    if options.name is None:
        for name in names():
            summary = (import_module(f"bench.{name}").__doc__ or "").splitlines()[0]
            print(f"{name:12} {summary}")
        return 0
    if options.name not in names():
        parser.error(f"no bench is called {options.name}; there are: {', '.join(names())}")
    module = import_module(f"bench.{options.name}")
    if rest and not hasattr(module, "parser"):
        parser.error(f"{options.name} has no such options: {' '.join(rest)}")
    own = vars(module.parser().parse_args(rest)) if hasattr(module, "parser") else {}
    try:
        result: Result = module.run(quick=options.quick, **own)
    except ToolLamaError as error:
        parser.exit(error.exit_code, f"{error.line()}\n")
    print(result.line())
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
