"""Static files with a digest in their names, and packed once with gzip."""

from __future__ import annotations

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Kept(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """As whitenoise keeps them, without brotli, which takes a minute where it can be imported."""

    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(**{**options, "use_brotli": False})
