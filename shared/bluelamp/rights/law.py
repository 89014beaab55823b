"""The exemptions that a request may be refused or a part withheld under, by law, each with where it is written.

A code stands in records, its words on the page and in the answer. What is not here is no ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bluelamp.rights.errors import WrongExemptionError
from bluelamp.rights.model import (
    Case,
    Kind,
    Law,
    Ruling,
    Verdict,
)

# Data Protection Act 2018 ss45(4), 46(4), 47(3), 48(3), 53; UK GDPR Arts 12(5), 15(4), 17(3) with DPA 2018 Sch 2;
# Freedom of Information Act 2000 Part II, ss12 and 14.
EXEMPTIONS: Final[Mapping[Law, Mapping[str, str]]] = {
    "dpa_part3": {
        "dpa_s45_4_a": "to avoid obstructing an inquiry, investigation or procedure (DPA 2018 s45(4)(a))",
        "dpa_s45_4_b": "to avoid prejudicing the prevention, detection, investigation or prosecution of crime "
        "(DPA 2018 s45(4)(b))",
        "dpa_s45_4_c": "to protect public security (DPA 2018 s45(4)(c))",
        "dpa_s45_4_d": "to protect national security (DPA 2018 s45(4)(d))",
        "dpa_s45_4_e": "to protect the rights and freedoms of others (DPA 2018 s45(4)(e))",
        "dpa_s46_4": "kept as it is for the purposes of evidence, and restricted (DPA 2018 ss46(4), 47(3))",
        "dpa_s48_3": "telling of it would do what s48(3) is there to avoid (DPA 2018 s48(3))",
        "dpa_s53": "manifestly unfounded or excessive (DPA 2018 s53)",
    },
    "uk_gdpr": {
        "gdpr_art12_5": "manifestly unfounded or excessive (UK GDPR Art 12(5))",
        "gdpr_art15_4": "the rights and freedoms of others (UK GDPR Art 15(4))",
        "gdpr_art17_3": "needed for a legal obligation, a public task, archiving or legal claims (UK GDPR Art 17(3))",
        "dpa_sch2_2": "crime and taxation (DPA 2018 Sch 2 para 2)",
        "dpa_sch2_5": "required by law or for legal proceedings (DPA 2018 Sch 2 para 5)",
        "dpa_sch2_16": "about another individual (DPA 2018 Sch 2 para 16)",
        "dpa_sch2_19": "legal professional privilege (DPA 2018 Sch 2 para 19)",
    },
    "foia": {
        "foia_s12": "cost above the appropriate limit (FOIA s12)",
        "foia_s14": "vexatious or repeated (FOIA s14)",
        "foia_s21": "accessible by other means (FOIA s21)",
        "foia_s22": "intended for future publication (FOIA s22)",
        "foia_s23": "supplied by or about security bodies (FOIA s23)",
        "foia_s24": "national security (FOIA s24)",
        "foia_s30": "investigations and proceedings (FOIA s30)",
        "foia_s31": "law enforcement (FOIA s31)",
        "foia_s38": "health and safety (FOIA s38)",
        "foia_s40": "personal information (FOIA s40)",
        "foia_s41": "provided in confidence (FOIA s41)",
        "foia_s42": "legal professional privilege (FOIA s42)",
    },
}

VERDICTS: Final[Mapping[Kind, tuple[Verdict, ...]]] = {
    "access": ("disclose", "redact", "withhold", "out_of_scope"),
    "foi": ("disclose", "redact", "withhold", "out_of_scope"),
    "erasure": ("erase", "withhold", "out_of_scope"),
    "rectification": ("correct", "withhold", "out_of_scope"),
}


def check_exemption(law: Law, code: str) -> None:
    """Refuse an exemption that the law of a case does not have.

    Raises
    ------
    WrongExemptionError
        It names those that there are.
    """
    if code not in EXEMPTIONS[law]:
        raise WrongExemptionError(
            f"This case is under {law}, which has no exemption {code}. It has: {', '.join(EXEMPTIONS[law])}."
        )


def check_ruling(case: Case, ruling: Ruling, length: int) -> None:
    """Refuse a ruling that does not fit its case, or whose spans lie outside a text of this length.

    Raises
    ------
    WrongExemptionError
        When it names an exemption of another law, a verdict of another kind of case, or a span outside the text.
    """
    if ruling.verdict not in VERDICTS[case.kind]:
        raise WrongExemptionError(
            f"In a case of {case.kind} a post is decided as one of: {', '.join(VERDICTS[case.kind])}."
        )
    for code in (ruling.exemption, *(span.exemption for span in ruling.spans)):
        if code is not None:
            check_exemption(case.law, code)
    if any(span.end > length for span in ruling.spans):
        raise WrongExemptionError(f"A span ends behind the text, which has {length} characters. Mark it again.")
