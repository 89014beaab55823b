"""Rules are refused when they are written wrongly, and what is written runs in bounded time."""

import sys
from datetime import date

import pytest

from bluelamp.moderation import rules
from bluelamp.moderation.banks import Bank, BankIndex
from bluelamp.moderation.checks import CHECKS
from bluelamp.moderation.logic import NO, UNKNOWN, AllOf, AnyOf, Finding, Not, PrivateIs, Truth
from bluelamp.moderation.model import Span
from bluelamp.moderation.normalise import normalise
from bluelamp.moderation.patterns import CompiledPattern, Pattern
from bluelamp.moderation.ruleset import BASE, Ruleset, RulesetError, load_ruleset, read_rules
from tests.unit.moderation.moderation_kit import AT, subject

RULE = "rules:\n  - {id: abuse.x, code: abuse, tier: abuse, grade: 2, label: An example, when: {private: true}}\n"


def written(**changes):
    fields = {"id": "abuse.x", "code": "abuse", "tier": "abuse", "grade": "2", "label": "An example"}
    fields |= {"when": "{private: true}"} | changes
    return f"subject: s\nrules:\n  - {{{', '.join(f'{key}: {value}' for key, value in fields.items())}}}\n"


def test_a_right_rule_is_taken():
    assert Ruleset([read_rules(written(), "x")]).rules[0].id == "abuse.x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (written(effects="[hide]"), "alert_person"),
        (written(effects="[delete]"), "alert_person"),
        (written(grade="9"), "from 1 to 5"),
        (written(tier="life", grade="3"), "from 8 to 9"),
        (written(tier="life", grade="8", unless="{private: true}"), "no unless"),
        (written(tier="life", grade="8", when="{not: {private: true}}"), "no unless"),
        (written(tier="life", grade="8", lowered="{grade: 1, label: Lower, when: {private: true}}"), "no unless"),
        (written(effects="[queue_timer]"), "belong together"),
        (written(timer_minutes="5"), "belong together"),
        (written(when="{eval: 'import os'}"), "when"),
        (written(when="{any: []}"), "any"),
        (written(when="{not: " * 6 + "{private: true}" + "}" * 6), "deeper"),
        (written(id="No Good"), "id"),
        ("subject: s\npatterns: {p: {any: ['(a+']}}\n", "RE2 refuses"),
        ("subject: s\npatterns: {p: {any: ['(?=a)b']}}\n", "RE2 refuses"),
        ("subject: s\npatterns: {p: {any: ['a'], check: guess}}\n", "no check is called"),
        ("subject: s\nbanks: {b: {owner: Desk, version: 1, expires: never, terms: [ab]}}\n", "expires"),
        ("subject: s\nbanks: {b: {version: 1, expires: 2030-01-01, terms: [ab]}}\n", "owner"),
        ("subject: [\n", "cannot be used"),
        ("- &a [*a]\n", "cannot be used"),
        ("!!python/object/apply:os.system [ls]\n", "cannot be used"),
    ],
)
def test_a_wrong_file_is_refused_and_named(text, said):
    with pytest.raises(RulesetError, match=r"wrong\.yaml") as refused:
        read_rules(text, "wrong.yaml")
    assert said in str(refused.value)


@pytest.mark.parametrize("when", ["{bank: nowhere}", "{pattern: nowhere}", "{parent: nowhere}"])
def test_a_name_that_nothing_defines_is_refused(when):
    with pytest.raises(RulesetError, match="nowhere"):
        Ruleset([read_rules(written(when=when), "x")])


def test_nothing_in_the_base_can_be_replaced_unseen(tmp_path):
    with pytest.raises(RulesetError, match="already a rule"):
        Ruleset([read_rules(written(), "x"), read_rules(written(), "y")])
    with pytest.raises(RulesetError, match="one id"):
        Ruleset([read_rules("subject: s\n" + RULE + RULE.split("\n", 1)[1], "x")])
    force = (BASE / "spam.yaml").read_text(encoding="utf-8")
    (tmp_path / "force.yaml").write_text(force, encoding="utf-8")
    with pytest.raises(RulesetError, match="already a bank"):
        load_ruleset(tmp_path)


def test_a_force_adds_its_own_rules(tmp_path):
    (tmp_path / "force.yaml").write_text(written(), encoding="utf-8")
    ours = load_ruleset(tmp_path)
    assert len(ours.rules) == len(load_ruleset().rules) + 1
    assert ours.hash != load_ruleset().hash


TRUTHS = {"t": Finding(Truth.TRUE, (Span(0, 1),)), "f": NO, "u": UNKNOWN}


class Fixed(PrivateIs):
    """A condition with a given answer."""

    answer: str

    def holds(self, facts):
        return TRUTHS[self.answer]


def fixed(answers):
    return tuple(Fixed(private=True, answer=answer) for answer in answers)


@pytest.mark.parametrize(
    ("answers", "any_of", "all_of"),
    [
        ("tt", "t", "t"), ("tf", "t", "f"), ("tu", "t", "u"), ("ff", "f", "f"), ("fu", "u", "f"), ("uu", "u", "u"),
        ("uf", "u", "f"), ("ut", "t", "u"),
    ],
)  # fmt: skip
def test_three_valued_logic(answers, any_of, all_of):
    assert AnyOf.model_construct(any=fixed(answers)).holds(None).truth is TRUTHS[any_of].truth
    assert AllOf.model_construct(all=fixed(answers)).holds(None).truth is TRUTHS[all_of].truth


def test_not_leaves_unknown_unknown():
    turned = {a: Not.model_construct(not_=fixed(a)[0]).holds(None).truth for a in "tfu"}
    assert turned == {"t": Truth.FALSE, "f": Truth.TRUE, "u": Truth.UNKNOWN}


def test_an_excuse_that_cannot_be_checked_is_no_excuse():
    text = (
        "subject: s\nbanks: {b: {owner: Desk, version: 1, expires: 2020-01-01, terms: [xyz]}}\n"
        + written(unless="{bank: b}", when="{private: false}").split("\n", 1)[1]
    )
    judge = rules.Judge(Ruleset([read_rules(text, "x")]), rules.AbsentScorer())
    assert judge.judge(subject("hello")).grade == 2


def bank(*terms, **more):
    return Bank(owner="Desk", version=1, expires=date(2030, 1, 1), terms=terms, **more)


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("thorpe", "Scunthorpe", False),
        ("thorpe", "in Thorpe!", True),
        ("don't go", "dont go", True),
        ("don't go", "don\u2019t  go", False),
        ("coon", "a con man", False),
        ("coon", "coooon", True),
        ("idiot", "id**t", True),
        ("idiot", "i****", False),
        ("idiot", "idiot*", False),
    ],
)
def test_banks_look_for_whole_words(term, text, found):
    index = BankIndex({"b": bank(term, evasions=True)})
    assert ("b" in index.search(normalise(text))) is found


def test_a_bank_without_evasions_takes_words_as_they_are():
    index = BankIndex({"b": bank("hang on")})
    assert index.search(normalise("hanng on, h*ng on")) == {}
    assert index.search(normalise("HANG ON!"))["b"] == (Span(0, 7),)
    assert BankIndex({}).search(normalise("anything")) == {}


def test_patterns_of_people_cannot_stall_the_judge():
    hostile = Pattern(any=("(a+)+$", "(a|aa)+$", "(.*a){12}"))
    text = "a" * 20_000 + "!"
    finding = CompiledPattern(hostile).finding(text, normalise(text))
    assert finding.truth in {Truth.TRUE, Truth.FALSE}


def test_a_raw_pattern_sees_the_text_as_sent():
    text = "ABC \u0410"
    finding = CompiledPattern(Pattern(view="raw", any=("\u0410",))).finding(text, normalise(text))
    assert finding.spans == (Span(4, 5),)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("luhn", "4111 1111 1111 1111", "4111 1111 1111 1112"),
        ("luhn", "378282246310005", "0000000000000000"),
        ("ni_number", "AB123456C", "ZZ123456C"),
        ("uk_phone", "+44 (0)7700 900123", "0800 555 111"),
        ("uk_phone", "01632 960001", "0163"),
        ("not_official_mail", "jo@example.com", "desk@wealdshire.police.uk"),
        ("postcode", "A5 1SX", "A5 1st"),
        ("address", "14 Mill Lane", "30 mph on the road"),
        ("vehicle_mark", "AB12 CDE", "M25 was"),
        ("vehicle_mark", "f123abc", "m25 abc"),
    ],
)
def test_checks(check, right, wrong):
    assert CHECKS[check](right)
    assert not CHECKS[check](wrong)


def instructions(text):
    """Count the bytecode instructions of one judgement, caches warm."""
    post = subject(text)
    rules.judge(post)
    count = 0

    def trace(frame, event, _argument):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        rules.judge(post)
    finally:
        sys.settrace(before)
    return count


POST = (
    "I cannot believe that nobody has come out yet, it's been three hours since I called 101 and the car's still "
    "blocking the road outside the school. Please can someone ring me back? Thanks "
)


def test_a_judgement_costs_few_instructions_and_grows_with_the_text_alone():
    once, ten = instructions(POST), instructions(POST * 10)
    assert once <= 25_000
    assert ten <= 12 * once


def test_at_is_the_date_that_counts():
    assert bank("ab").expires > AT.date()


def test_the_example_in_the_guide_is_a_right_file():
    guide = (BASE.parents[3] / "docs" / "moderation.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    file = read_rules(example, "docs/moderation.md")
    base = [read_rules(path.read_text(encoding="utf-8"), path.name) for path in sorted(BASE.glob("*.yaml"))]
    assert Ruleset([*base, file]).rules
