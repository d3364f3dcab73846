"""Roles and acts, read from `roles.toml`: which person may do what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from opentaper.knowledge import FileError, Table, nearest, read_toml

FILE = Path(__file__).with_name("roles.toml")


class RoleError(FileError):
    """A file of roles that breaks its schema; the clinic does not start."""


class Somebody(Protocol):
    """Whoever asks: a person of ours, or nobody."""

    @property
    def is_authenticated(self) -> Any: ...

    @property
    def is_active(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a person is in the clinic, in one sentence, and the acts it allows."""

    key: str
    name: str
    says: str
    may: frozenset[str]
    reserved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Every role, and every act with what it means."""

    roles: dict[str, Role]
    acts: dict[str, str]

    def given(self) -> list[Role]:
        """Return the roles that a person can be given."""
        return [role for role in self.roles.values() if not role.reserved]


def read_roles(path: Path = FILE) -> Roles:
    """Read a file of roles.

    Raises:
        RoleError: an unknown key, an act or a role twice, an act that is not declared.
    """
    whole = Table(read_toml(path, RoleError), path.name, error=RoleError)
    acts: dict[str, str] = {}
    for table in whole.tables("act"):
        key = table.key("key")
        if key in acts:
            raise table.fail("key", f'there are two acts "{key}"')
        acts[key] = table.text("says")
        table.done()
    roles: dict[str, Role] = {}
    for table in whole.tables("role"):
        role = _role(table, acts)
        if role.key in roles:
            raise table.fail("key", f'there are two roles "{role.key}"')
        roles[role.key] = role
    whole.done()
    return Roles(roles=roles, acts=acts)


def _role(table: Table, acts: dict[str, str]) -> Role:
    may = table.texts("may")
    for act in may:
        if act not in acts:
            raise table.fail("may", f'there is no act "{act}"', nearest(act, acts))
    role = Role(
        key=table.key("key"),
        name=table.text("name"),
        says=table.text("says"),
        may=frozenset(may),
        reserved=table.flag("reserved") if table.has("reserved") else False,
    )
    if role.reserved and role.may:
        raise table.fail("may", "nobody can be given a reserved role, so it allows nothing")
    table.done()
    return role


@cache
def known_roles() -> Roles:
    """Return the roles of this clinic's program."""
    return read_roles()


def known_act(act: str) -> str:
    """Return an act that exists.

    Raises:
        ValueError: the program names an act that no file declares.
    """
    acts = known_roles().acts
    if act not in acts:
        close = nearest(act, acts)
        raise ValueError(f"there is no act {act!r}" + (f' (did you mean "{close}"?)' if close else ""))
    return act


def role_of(person: Somebody) -> Role | None:
    """Return a person's role; None for nobody, for a disabled person, and for a role that does not exist."""
    if not (person.is_authenticated and person.is_active):
        return None
    return known_roles().roles.get(getattr(person, "role", ""))


def may(person: Somebody, act: str) -> bool:
    """Return whether a person may do something.

    Raises:
        ValueError: there is no such act.
    """
    known_act(act)
    role = role_of(person)
    return role is not None and not role.reserved and act in role.may
