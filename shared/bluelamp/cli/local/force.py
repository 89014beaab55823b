"""The demonstration force: Wealdshire Police, which does not exist. Its accounts, teams and people are invented.

68 accounts: 40 Facebook pages, 24 of them run by neighbourhood teams, and 28 X profiles. 15 communications officers,
24 local officers, one for each neighbourhood team, two supervisors, two in the control room, an auditor and an
administrator.
Ids and addresses never change from run to run: they are derived from the order of the names below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SLUG = "wealdshire"
NAME = "Wealdshire Police"
DOMAIN = "wealdshire.police.example"

Kind = Literal["neighbourhood", "headquarters", "senior_officer", "community"]
Role = Literal["comms", "local", "control", "supervisor", "auditor", "admin"]

COMMUNICATIONS = "communications"
COMMAND = "command"
COMMUNITY = "community"

NEIGHBOURHOODS = (
    "Ashcombe",
    "Barrow Green",
    "Chalkford",
    "Danehurst",
    "Elmsgate",
    "Farleigh",
    "Goldbourne",
    "Hartsmere",
    "Holloway Cross",
    "Inglewell",
    "Kestrel Hill",
    "Kingsdown",
    "Larkfold",
    "Millbridge",
    "Netherwick",
    "Oakenfold",
    "Penhurst",
    "Quarrybank",
    "Rushmere Vale",
    "Saltersgate",
    "Stoke Weald",
    "Thornleigh",
    "Westerby",
    "Yarrowdale",
)
PAGES_HEADQUARTERS = (
    "Wealdshire Police",
    "Wealdshire Police Control Room",
    "Wealdshire Roads Policing",
    "Wealdshire Police Careers",
    "Wealdshire Police Dogs",
    "Wealdshire Rural Crime Team",
    "Wealdshire Police Museum",
    "Wealdshire Cyber Protect",
)
PAGES_COMMUNITY = (
    "Wealdshire Horsewatch",
    "Wealdshire Farmwatch",
    "Wealdshire Neighbourhood Watch",
    "Wealdshire Police Cadets",
    "Wealdshire Special Constabulary",
    "Wealdshire Heritage Watch",
    "Wealdshire Riverwatch",
    "Wealdshire Shopwatch",
)
PROFILES_HEADQUARTERS = (
    ("Wealdshire Police", "wealdpolice"),
    ("Wealdshire Police 101", "weald101"),
    ("Wealdshire Roads Policing", "wealdroads"),
    ("Wealdshire Police Dogs", "wealddogs"),
    ("Wealdshire Drones", "wealddrones"),
    ("Wealdshire Firearms Licensing", "wealdlicensing"),
    ("Wealdshire Rural Crime", "wealdrural"),
    ("Wealdshire Cyber Protect", "wealdcyber"),
    ("Wealdshire Police Jobs", "wealdjobs"),
    ("Wealdshire Appeals", "wealdappeals"),
)
PROFILES_SENIOR = (
    ("Chief Constable Ruth Amberley", "CCRuthAmberley"),
    ("DCC Marcus Thorne", "DCCThorne"),
    ("ACC Leila Farouk", "ACCLeilaFarouk"),
    ("ACC Gwen Pritchard", "ACCPritchard"),
    ("Ch Supt Owen Tadley", "ChSuptTadley"),
    ("Ch Supt Ngozi Bright", "ChSuptBright"),
    ("Supt Harriet Cole", "SuptCole"),
    ("Supt Iain Mackie", "SuptMackie"),
    ("Supt Yusuf Rahman", "SuptRahman"),
    ("Ch Insp Dawn Petty", "ChInspPetty"),
    ("Ch Insp Luca Moretti", "ChInspMoretti"),
    ("Insp Sally Wren", "InspWren"),
)
PROFILES_COMMUNITY = (
    ("Wealdshire Horsewatch", "wealdhorsewatch"),
    ("Wealdshire Farmwatch", "wealdfarmwatch"),
    ("Wealdshire Cadets", "wealdcadets"),
    ("Wealdshire Specials", "wealdspecials"),
    ("Wealdshire Bike Register", "wealdbikes"),
    ("Wealdshire Boatwatch", "wealdboatwatch"),
)
COMMUNICATIONS_OFFICERS = (
    "Amara Lindqvist",
    "Ben Hollis",
    "Catrin Rees",
    "Dilip Mehta",
    "Eleanor Voss",
    "Finn Gallagher",
    "Grace Achebe",
    "Hamish Laird",
    "Isobel Trant",
    "Jamal Whitlock",
    "Keiko Tanner",
    "Lowri Beck",
    "Mateusz Nowak",
    "Nadia Coombes",
    "Oscar Pym",
)
LOCAL_OFFICERS = (
    "Alice Munday",
    "Bilal Sharif",
    "Cara Donnelly",
    "Dominic Hale",
    "Esther Quaye",
    "Frank Ibbotson",
    "Georgie Latham",
    "Hugo Sands",
    "Imran Chowdhury",
    "Jess Tremlett",
    "Kofi Boateng",
    "Laura Stride",
    "Mei Castle",
    "Neil Burrows",
    "Olu Adeyemi",
    "Polly Kerr",
    "Quentin Ash",
    "Rhian Morgan",
    "Sunil Perera",
    "Tess Oldroyd",
    "Umar Siddiq",
    "Vera Lacey",
    "Will Garrod",
    "Zofia Krol",
)

# Two accounts on which a second person agrees first. The last of their kinds, as whoever tries the stack out, the test
# of the main path included, takes the first. Supervisors reach the accounts of neighbourhood teams alone.
DELETE_APPROVED = "weald.yarrowdale"
REPLY_APPROVED = "wealdboatwatch"

# Has neither acknowledged the guide nor been trained: signed in as she is, one sees the gate shut.
NOT_THROUGH_THE_GATE = "Zofia Krol"

FIRST_PAGE = 104_270_000_000_001
FIRST_PROFILE = 1_480_000_000_000_000_017
ID_GAP = 7_919


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demonstration force."""

    name: str
    role: Role
    teams: tuple[str, ...] = ()
    second_factor: bool = False

    @property
    def email(self) -> str:
        """Return their address, with which they sign in."""
        return f"{self.name.lower().replace(' ', '.')}@{DOMAIN}"


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demonstration force; lead and deputy are addresses."""

    platform: Literal["facebook", "x"]
    native_id: str
    name: str
    handle: str
    kind: Kind
    team: str
    lead: str
    deputy: str
    local_delete: bool = False
    approve_delete: Literal["supervisor"] | None = None
    approve_reply: Literal["lead"] | None = None


def team_of(neighbourhood: str) -> str:
    """Return the short name of a neighbourhood's team."""
    return neighbourhood.lower().replace(" ", "-")


def people() -> list[DemoPerson]:
    """Return everybody."""
    teams = tuple(team_of(name) for name in NEIGHBOURHOODS)
    half = len(teams) // 2
    return [
        *(DemoPerson(name, "comms", (COMMUNICATIONS,)) for name in COMMUNICATIONS_OFFICERS),
        *(DemoPerson(name, "local", (team,)) for name, team in zip(LOCAL_OFFICERS, teams, strict=True)),
        DemoPerson("Petra Holm", "control"),
        DemoPerson("Ravi Anand", "control"),
        DemoPerson("Sheila Drummond", "supervisor", teams[:half], second_factor=True),
        DemoPerson("Tobias Reed", "supervisor", teams[half:], second_factor=True),
        DemoPerson("Ursula Finch", "auditor", second_factor=True),
        DemoPerson("Victor Osei", "admin", second_factor=True),
    ]


def accounts() -> list[DemoAccount]:
    """Return the 68 accounts."""
    everybody = people()
    comms = [person.email for person in everybody if person.role == "comms"]
    local = [person.email for person in everybody if person.role == "local"]
    pages = [
        *(
            _Named(f"{name} Neighbourhood Policing", f"weald.{team_of(name)}", "neighbourhood", team_of(name))
            for name in NEIGHBOURHOODS
        ),
        *(_Named(name, _page_handle(name), "headquarters", COMMUNICATIONS) for name in PAGES_HEADQUARTERS),
        *(_Named(name, _page_handle(name), "community", COMMUNITY) for name in PAGES_COMMUNITY),
    ]
    profiles = [
        *(_Named(name, handle, "headquarters", COMMUNICATIONS) for name, handle in PROFILES_HEADQUARTERS),
        *(_Named(name, handle, "senior_officer", COMMAND) for name, handle in PROFILES_SENIOR),
        *(_Named(name, handle, "community", COMMUNITY) for name, handle in PROFILES_COMMUNITY),
    ]
    made = []
    for index, named in enumerate([*pages, *profiles]):
        on_facebook = index < len(pages)
        number = index if on_facebook else index - len(pages)
        leads = local if named.kind == "neighbourhood" else comms
        made.append(
            DemoAccount(
                platform="facebook" if on_facebook else "x",
                native_id=str((FIRST_PAGE if on_facebook else FIRST_PROFILE) + number * ID_GAP),
                name=named.name,
                handle=named.handle,
                kind=named.kind,
                team=named.team,
                lead=leads[number % len(leads)],
                deputy=leads[(number + 1) % len(leads)],
                # Every third neighbourhood team may delete, so that both policies can be seen.
                local_delete=named.kind == "neighbourhood" and number % 3 == 0,
                approve_delete="supervisor" if named.handle == DELETE_APPROVED else None,
                approve_reply="lead" if named.handle == REPLY_APPROVED else None,
            )
        )
    return made


@dataclass(frozen=True)
class _Named:
    name: str
    handle: str
    kind: Kind
    team: str


def _page_handle(name: str) -> str:
    return name.lower().replace(" ", ".")
