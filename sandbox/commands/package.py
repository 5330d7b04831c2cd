"""What would AWS get? `python -m sandbox package`: the template and the zip, in build/package."""

import argparse
from pathlib import Path
from typing import Any

from sandbox.aws.package import PackageFailed, build

_DIRECTORY = Path("build/package")
_NEXT = """\
To deploy it (nothing here has touched an account):
  aws cloudformation package --template-file {template} --s3-bucket YOUR_BUCKET \\
      --output-template-file {out} --use-json
  aws cloudformation deploy --template-file {out} --stack-name plugrail \\
      --s3-bucket YOUR_BUCKET --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \\
      --parameter-overrides PublicUrl=https://api.example.com"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse has no public type for it
    parser = subparsers.add_parser("package", help="make the template and zip that AWS gets")
    parser.add_argument(
        "--without-libraries",
        action="store_true",
        help="only our own code, as the local AWS gets it; fetches nothing from PyPI",
    )
    parser.add_argument(
        "--to", type=Path, default=_DIRECTORY, metavar="DIR", help="where to make it"
    )


def run(arguments: argparse.Namespace) -> int:
    try:
        package = build(arguments.to, libraries=not arguments.without_libraries)
    except PackageFailed as error:
        print(error)
        return 1
    for path in (package.template, package.zip):
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
    print(_NEXT.format(template=package.template, out=arguments.to / "deploy.json"))
    return 0
