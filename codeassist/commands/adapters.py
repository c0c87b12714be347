"""`codeassist adapters`: list, switch, hand on and remove fine-tuned adapters."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from codeassist.engine import adapters as store
from codeassist.engine.adapters.transfer import export, take_in, take_in_gguf
from codeassist.engine.models import Located, resolve
from codeassist.engine.models.catalog import load as load_catalog
from codeassist.errors import AdapterError
from codeassist.settings_files import load

from .lora_file import lora_file
from .options import working_folder

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Do what ``args.action`` says; return the exit status."""
    actions = {
        "list": _list,
        "activate": _activate,
        "rollback": _rollback,
        "remove": _remove,
        "export": _export,
        "import": _import,
    }
    actions[args.action](args)
    return 0


def _list(args: argparse.Namespace) -> None:
    known = store.adapters(warn=_warn)
    if args.json:
        print(json.dumps([_facts(each) for each in known], indent=2))
        return
    head = ("", "NAME", "MODEL", "MADE", "OF", "EXACT MATCH")
    rows = [head, *map(_row, known)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        print("  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip())
    print(f"\n* active; adapters lie in {store.adapters_dir()}")


def _is_active(stored: store.Stored) -> bool:
    try:
        active = store.active(stored.about.base.sha256)
    except AdapterError:  # it is damaged, and not this one
        return False
    return active is not None and active.about.name == stored.about.name


def _facts(stored: store.Stored) -> dict[str, object]:
    about = stored.about
    return {
        "name": about.name,
        "active": _is_active(stored),
        "model": about.base.model,
        "base_sha256": about.base.sha256,
        "sha256": about.sha256,
        "size": about.size,
        "made": about.made,
        "repository": about.repository,
        "commit": about.commit,
        "recipe": dict(about.recipe),
        "figures": dict(about.figures),
        "path": str(stored.path),
    }


def _row(stored: store.Stored) -> Sequence[str]:
    about = stored.about
    before, after = (about.figures.get(key) for key in ("before", "after"))
    known = isinstance(before, int | float) and isinstance(after, int | float)
    return (
        "*" if _is_active(stored) else "",
        about.name,
        about.base.model,
        about.made[:10],
        Path(about.repository).name or "-",
        f"{before:.1%} -> {after:.1%}" if known else "-",
    )


def _activate(args: argparse.Namespace) -> None:
    store.activate(args.name)
    _tell(args, {"active": args.name}, f"{args.name} is active")


def _rollback(args: argparse.Namespace) -> None:
    if args.name:
        base = store.find(args.name).about.base
        called, sha256 = base.model, base.sha256
    else:
        located = _model(args)
        called, sha256 = _called(located), store.base_of(located).sha256
    before = store.rollback(sha256)
    if before:
        name = before.about.name
        _tell(args, {"active": name}, f"{name} is active again")
    else:
        _tell(args, {"active": None}, f"{called} is as it came, no adapter on")


def _remove(args: argparse.Namespace) -> None:
    freed = store.remove(args.name)
    line = f"{args.name} is removed, {freed / 1e6:.0f} MB are free again"
    _tell(args, {"removed": args.name, "freed": freed}, line)


def _export(args: argparse.Namespace) -> None:
    target = Path(args.file).expanduser()
    export(store.find(args.name), target)
    _tell(args, {"file": str(target)}, f"{args.name} is in {target}")


def _import(args: argparse.Namespace) -> None:
    from codeassist.engine.decode.adapter import check_adapter

    def check(adapter: Path, base: store.Base) -> None:
        check_adapter(adapter, _having(base, args).path)

    path = lora_file(args.file)
    if path.suffix == ".gguf":
        base = store.base_of(_model(args))
        stored = take_in_gguf(path, base, check, name=args.name or path.stem)
    else:
        stored = take_in(path, check, name=args.name)
    name = stored.about.name
    line = f"{name} is here; `codeassist adapters activate {name}` completes with it"
    _tell(args, {"name": name}, line)


def _having(base: store.Base, args: argparse.Namespace) -> Located:
    """The model that has these weights: the named one, the catalog's, the user's own."""
    if args.model is not None:
        located = _model(args)
        if store.base_of(located).sha256 == base.sha256:
            return located
    for entry in load_catalog().values():
        if entry.sha256 == base.sha256:
            return resolve(entry.id)
    located = _model(args)
    if store.base_of(located).sha256 == base.sha256:
        return located
    msg = (
        f"the adapter is for other weights ({base.model}, SHA-256 {base.sha256[:12]}…) "
        f"than {_called(located)}; name the file that has them with --model"
    )
    raise AdapterError(msg)


def _model(args: argparse.Namespace) -> Located:
    if args.model is not None:
        return resolve(args.model)
    return resolve(load(working_folder()).model.id)


def _called(located: Located) -> str:
    return located.entry.id if located.entry else located.path.name


def _tell(args: argparse.Namespace, facts: dict[str, object], line: str) -> None:
    print(json.dumps(facts) if args.json else line)


def _warn(line: str) -> None:
    sys.stderr.write(f"codeassist: {line}\n")
