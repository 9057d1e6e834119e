"""Papers as PDF. The library that draws them is loaded with the first one, in the thread that makes it: a start needs
neither its tenth of a second nor its memory. All of this is blocking."""

from __future__ import annotations

from cards.leave_statement import Paper
from cards.slip import Slip


class NoFont(Exception):
    """The program was installed without its font."""


def slip(content: Slip) -> bytes:
    """Raises NoFont."""
    from bot.pages import slip as sheet

    return sheet.pdf(content)


def statement(content: Paper) -> bytes:
    """Raises NoFont."""
    from bot.pages import statement_paper

    return statement_paper.pdf(content)
