"""Runs a command of ours as it is, and writes the modules that are loaded at its end to stdout."""

import json
import sys

from edge.__main__ import main

if __name__ == "__main__":
    code = main(sys.argv[1:])
    json.dump({"code": code, "modules": sorted(sys.modules)}, sys.stdout)
