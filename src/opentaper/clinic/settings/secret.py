"""The key that signs sessions and links: from the environment, or made once and kept in a file that only we may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

LEAST = 50


def secret_key(given: str, folder: Path) -> str:
    """Return the secret key.

    Args:
        given: what the environment says; it wins.
        folder: where the file `secret` lies, or is made with mode 0600.

    Raises:
        ImproperlyConfigured: the key is too short, or others may read the file.
    """
    if given:
        return _long_enough(given, "OPENTAPER_SECRET")
    path = folder / "secret"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(f"{path} can be read by others; take their right away (chmod 600)") from None
        return _long_enough(path.read_text(encoding="ascii").strip(), str(path))
    made = secrets.token_urlsafe(64)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
    return made


def _long_enough(key: str, where: str) -> str:
    if len(key) < LEAST:
        raise ImproperlyConfigured(f"{where} holds fewer than {LEAST} characters, which could be guessed")
    return key
