"""The key that signs heads, which only we may read, and the public keys by which everybody can check them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PRIVATE, PUBLIC = "head-key", "head-key.pub"
PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)

Keys = Mapping[str, Ed25519PublicKey]
"""Public keys by their names."""


class KeyFileError(Exception):
    """A file of keys cannot be used; one sentence says why."""


def name_of(key: Ed25519PublicKey) -> str:
    """Return the name of a public key: the first half of its digest."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key that signs heads, and make it at its first use.

    Raises:
        KeyFileError: others can read it, or it is none.
    """
    path = folder / PRIVATE
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path} can be read by others, who could sign heads; take their right away (chmod 600)")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        raise KeyFileError(f"{path} holds no key; move it away, and another is made") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} holds a key of another kind than Ed25519")
    return key


def _make(path: Path) -> None:
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    put(path, made)


def put(path: Path, content: bytes) -> None:
    """Put a new file there for us alone, whole or not at all, and never over another; it is on the disk then."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass  # another process made one meanwhile, and that is the one
    finally:
        part.unlink()
    settle(path.parent)


def trusted(path: Path) -> Keys:
    """Return the public keys of a file: several, where a clinic was restored and signs with a new one since.

    Raises:
        KeyFileError: there is no such file, or no key in it.
    """
    try:
        found = PEM.findall(path.read_text(encoding="ascii"))
        keys = [load_pem_public_key(each.encode()) for each in found]
    except (OSError, ValueError) as problem:
        raise KeyFileError(f"{path} cannot be read as public keys ({type(problem).__name__})") from None
    ours = {name_of(key): key for key in keys if isinstance(key, Ed25519PublicKey)}
    if not ours:
        raise KeyFileError(f"{path} holds no public key of the kind Ed25519")
    return ours


def publish(key: Ed25519PublicKey, path: Path) -> None:
    """Add a public key to a file, unless it is there."""
    if path.exists() and name_of(key) in trusted(path):
        return
    add(path, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def add(path: Path, content: bytes) -> None:
    """Write at the end of a file, and return when it is on the disk."""
    new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        settle(path.parent)


def settle(folder: Path) -> None:
    """Return when the names of the files in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
