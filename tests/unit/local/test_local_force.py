import re
from collections import Counter

from bluelamp.cli.local import force, signins
from bluelamp.ids import account_id


def test_the_force_is_as_large_as_the_document_says():
    accounts = force.accounts()
    kinds = Counter((one.platform, one.kind) for one in accounts)
    assert len(accounts) == 68
    assert kinds["facebook", "neighbourhood"] == 24
    assert sum(number for (platform, _), number in kinds.items() if platform == "facebook") == 40
    assert {kind for _, kind in kinds} == {"neighbourhood", "headquarters", "senior_officer", "community"}


def test_nothing_is_there_twice():
    accounts = force.accounts()
    assert len({account_id(one.platform, one.native_id) for one in accounts}) == 68
    assert len({(one.platform, one.handle) for one in accounts}) == 68
    assert len({person.email for person in force.people()}) == len(force.people())


def test_every_role_is_there():
    roles = Counter(person.role for person in force.people())
    assert roles["comms"] == 15
    assert roles["local"] == 24
    assert set(roles) == {"comms", "local", "control", "supervisor", "auditor", "admin"}


def test_a_neighbourhood_page_is_led_by_its_own_team():
    people = {person.email: person for person in force.people()}
    for one in force.accounts():
        assert one.lead in people
        assert one.deputy in people
        assert one.lead != one.deputy
        if one.kind == "neighbourhood":
            assert people[one.lead].teams == (one.team,)


def test_it_is_the_same_each_time():
    assert force.accounts() == force.accounts()


def test_passwords_are_long_and_differ():
    made = {signins.password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(one) >= 14 and re.fullmatch(r"[a-z]+(-[a-z]+){4}-\d\d", one) for one in made)
    assert len(set(signins.WORDS)) == len(signins.WORDS)
