"""A cell that a spreadsheet would take for a formula gets an apostrophe before it, and loses it when it comes back.

Whoever names a page ``=HYPERLINK(…)`` must not have it run on the desk of the officer who opens the export. The
apostrophe stands before other apostrophes too, so that taking it away gives every text back as it was.
"""

# What begins a formula, or is passed over before one; in their full width as well, which some spreadsheets take alike.
STARTS = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - these very characters are meant
MARK = "'"
_MARKED = STARTS | {MARK}


def neutralised(text: str) -> str:
    """Return a cell as it is written.

    Examples
    --------
    >>> neutralised("=1+1"), neutralised("Ashcombe")
    ("'=1+1", 'Ashcombe')
    """
    return MARK + text if text[:1] in _MARKED and text else text


def restored(text: str) -> str:
    """Return a cell as it was before `neutralised`; one that somebody typed with an apostrophe of its own is kept.

    Examples
    --------
    >>> restored("'=1+1"), restored("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    return text[1:] if text[:1] == MARK and text[1:2] in _MARKED and len(text) > 1 else text
