"""Dates as clerks type them: a text in, the days it names out, and every doubt beside them.

Nothing is guessed in silence. What the grammar does not know gives no span; what it had to choose gives a doubt, which
the confirmation card shows. Why there is a grammar of our own: the five libraries that were tried misread between a
quarter and all of twenty everyday phrases (reference/dependencies.md 7.5).
"""

from handlers.days.phrases.model import Doubt, DoubtCode, Reading, Span, WorkingDays
from handlers.days.phrases.numerals import TAKEN, fold
from handlers.days.phrases.reader import LONGEST, read
from handlers.days.phrases.stretch import stretched

__all__ = ["LONGEST", "TAKEN", "Doubt", "DoubtCode", "Reading", "Span", "WorkingDays", "fold", "read", "stretched"]
