"""Is an evidence pack still what was sealed? `python -m sandbox verify PACK` names the change.

PACK is a folder or a zip file with the pack's `manifest.json`. Exit 0: intact, 1: changed, 2: no
pack. With --recompute the bill is worked out again, from the pack alone, to the same cents.
"""

import argparse
import sys
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from chalicelib.domain.evidence.manifest import MANIFEST, PACK, packs, problems, unpacked
from sandbox.commands.recompute import differences
from sandbox.commands.refusals import said


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "verify",
        help="say whether an evidence pack is intact",
        description="Hold each file of a pack against its manifest, and name what was changed. Exit"
        " status 0: intact, 1: changed, 2: no pack.",
    )
    parser.add_argument("pack", type=Path, help="the pack's folder, or a zip of it")
    parser.add_argument(
        "--recompute", action="store_true", help="work the bill and its split out again, too"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        files = unpacked(_files(args.pack))
    except OSError as error:
        print(f"cannot be read: {said(error)}", file=sys.stderr)
        return 2
    except BadZipFile:
        print(f"{args.pack} is neither a folder nor a zip file", file=sys.stderr)
        return 2
    if MANIFEST not in files:
        print(f"{args.pack} is no evidence pack: it has no {MANIFEST}", file=sys.stderr)
        return 2
    found = problems(files)
    for problem in found:
        print(f"changed: {problem}")
    if not found:
        print(f"intact: {len(files)} files, as they were sealed")
    if args.recompute:
        found += _recomputed(files)
    return 1 if found else 0


def _recomputed(files: dict[str, bytes]) -> list[str]:
    """A pack may be intact and wrong: whoever sealed it could have sealed another sum."""
    found: list[str] = []
    bills = packs(files)
    for home, pack in bills.items():
        of_bill = f"{home}/" if home else ""
        try:
            found += [f"{of_bill}{difference}" for difference in differences(pack)]
        except (KeyError, ValueError) as error:
            found.append(f"{of_bill}the bill cannot be computed again: {error!r}")
    for difference in found:
        print(f"differs: {difference}")
    if not found:
        of_bills = f" of {len(bills)} bills" if len(bills) > 1 else ""
        print(f"computed again: every cent{of_bills} is the same")
    return found


def _files(pack: Path) -> dict[str, bytes]:
    """The pack's files by name, beside its manifest."""
    if pack.is_dir():
        paths = (path for path in pack.rglob("*") if path.is_file())
        return {path.relative_to(pack).as_posix(): path.read_bytes() for path in paths}
    with ZipFile(pack) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        homes = (name for name in names if name.rpartition("/")[2] in {MANIFEST, PACK})
        folder = min(homes, key=len, default="").removesuffix(MANIFEST).removesuffix(PACK)
        return {
            name.removeprefix(folder): archive.read(name)
            for name in names
            if name.startswith(folder)
        }
