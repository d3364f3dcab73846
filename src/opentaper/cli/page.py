"""Commands whose help pages are drawn by a library that is loaded when somebody asks for help, and not at every start."""

from __future__ import annotations

from typing import Any

import click


def drawn(command: click.Command, context: click.Context) -> str:
    """Return the help page of a command."""
    import rich_click
    from rich_click import rich_click as style

    style.TEXT_MARKUP = "rich"
    style.SHOW_ARGUMENTS = True
    own: dict[str, Any] = {name: getattr(command, name) for name in ("name", "params", "help", "callback")}
    dressed: click.Command = rich_click.RichCommand(**own)
    if isinstance(command, click.Group):
        own |= {"commands": command.commands, "invoke_without_command": command.invoke_without_command}
        dressed = rich_click.RichGroup(**own)
    names = list(context.help_option_names)
    with rich_click.RichContext(
        dressed, info_name=context.info_name, parent=context.parent, help_option_names=names
    ) as on:
        return dressed.get_help(on)


class Command(click.Command):
    """A command with such a help page."""

    def get_help(self, ctx: click.Context) -> str:
        return drawn(self, ctx)


class Commands(click.Group):
    """A group of such commands."""

    command_class = Command

    def get_help(self, ctx: click.Context) -> str:
        return drawn(self, ctx)
