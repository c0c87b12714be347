"""`codeassist presets`: published shapes, their parameters and their KV cache."""

import argparse
import json
from dataclasses import asdict

from codeassist.errors import ConfigError
from codeassist.training.presets import PRESETS, cost, preset

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Print one preset, or a line for each."""
    if args.length is not None and args.length < 1:
        msg = f"--length must be above 0, not {args.length}"
        raise ConfigError(msg)
    names = [args.name] if args.name else [*PRESETS]
    costs = {name: cost(preset(name), args.length) for name in names}
    if args.json:
        shown = {
            name: {**asdict(each), "config": preset(name).to_dict()}
            for name, each in costs.items()
        }
        print(json.dumps(shown))
        return 0
    width = max(map(len, names))
    for name, each in costs.items():
        print(f"{name:{width}}  {each}")
    return 0
