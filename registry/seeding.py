"""The vocabulary and the demo registries that come with the package."""

from __future__ import annotations

from pathlib import Path

VOCABULARY = "vocabulary"
DEMO = "icourse163"
EXAMPLE = "example-reader"
"""A fictional product with named SDKs. It never stands in one registry with the demo."""


def seeds(name: str) -> Path:
    """The directory of manifests called ``name``: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    installed = here / "seeds" / name
    return installed if installed.is_dir() else here.parent / "seeds" / name
