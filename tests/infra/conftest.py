"""What do the infrastructure tests look at? The template as `chalice package` made it."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.package import ROOT, Package, build


@pytest.fixture(scope="session")
def package() -> Package:
    """The one that the market deploys too: made again only when a source changed."""
    return build(ROOT / "build" / "package-local", libraries=False)


@pytest.fixture(scope="session")
def template(package: Package) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(package.template).read_text())
    return content


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"]
    return found
