"""What the moderation tests share."""

from datetime import UTC, datetime
from pathlib import Path

from bluelamp.moderation.model import Subject

AT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "fixtures" / "moderation"


def subject(text, *, parent=None, private=False, at=AT, platform="facebook", kind="comment"):
    return Subject(text=text, platform=platform, kind=kind, private=private, at=at, parent_text=parent)
