"""Sentences of our own making, as the public writes them to a police page: no set of such posts may be used.

They teach the scorer what is ordinary here (thanks, questions, reports, and criticism of the police, which is not
abuse), how threats are worded, and that it is the predicate, not the group, that makes hate.
They are made from parts by a seeded generator, so they are many and alike:
figures on them say little, and the model card leaves them out.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

_PLACES = (
    "the high street", "Mill Lane", "the park", "our estate", "the station", "the Co-op", "the school gates",
    "the leisure centre", "the A43", "the bus stop", "the canal path", "the market square",
)  # fmt: skip
_PEOPLE = (
    "my son", "my mum", "my neighbour", "a lad", "an old lady", "a black man", "a Muslim woman", "a gay couple",
    "a young woman", "a disabled man", "two kids on bikes", "a Jewish family", "a trans woman", "an Asian family",
    "a Polish builder", "a Traveller family", "a white van driver", "a homeless man",
)  # fmt: skip
_POLICE = ("the police", "you lot", "Wealdshire Police", "your officers", "the force", "101")
_WHEN = ("last night", "this morning", "again", "on Tuesday", "an hour ago", "about 9pm", "yesterday", "just now")
_THINGS = ("car", "bike", "van", "purse", "phone", "shed tools", "catalytic converter", "dog")

_ORDINARY = (
    "Well done {police}, great work on {place}.",
    "Thank you to the officers who helped {person} {when}.",
    "Has anyone seen a lost dog near {place}?",
    "What time does the road near {place} reopen?",
    "My {thing} was stolen from outside {place} {when}.",
    "Can somebody tell me how to report a stolen {thing}?",
    "{person} was attacked on {place} {when}, hope they are ok.",
    "There are lads selling drugs near {place} {when}, please send someone.",
    "Somebody shouted racist abuse at {person} near {place} {when}.",
    "He called {person} horrible names {when} and nobody did anything.",
    "I want to report a hate crime against {person}.",
    "So sorry to hear this, thoughts are with the family.",
    "RIP, such sad news for everyone on {place}.",
    "I rang {police} {when} and still no answer.",
    "Is the event at {place} still on this weekend?",
    "Rough sleeping near {place} has got worse, {person} needs help.",
    "Speeding on {place} {when}. When will there be cameras?",
    "My kids loved meeting the police horses at {place}!",
    "Happy birthday to the best community officer on {place}.",
    "I saw {person} fall over near {place} {when} and called an ambulance.",
    "Two men fighting outside {place} {when}, one had a knife.",
    "I think I saw the man from your appeal near {place} {when}.",
    "We are proud to have {person} on our street.",
    "Congratulations to {person} on joining {police}.",
)
_CRITICAL = (
    "{police} are useless, nobody came {when}.",
    "What a waste of taxpayers money. {police} never turn up.",
    "{police} only care about speeding fines, not burglaries.",
    "Disgraceful. My {thing} was stolen {when} and {police} did nothing.",
    "{police} should be ashamed of how {person} was treated.",
    "Absolute joke. I waited three hours for {police} {when}.",
    "Stop and search of {person} on {place} was racist and wrong.",
    "You failed {person}. Somebody should resign over this.",
    "Never trust {police} again after {when}.",
    "Institutionally racist, and {police} still deny it.",
    "So {police} have time for tiktok but not for {place}?",
    "{police} lied about what happened on {place}.",
    "Sick of {police} ignoring us on {place}.",
    "Too little too late as always from {police}.",
)
_THREAT_WHO = ("you", "him", "her", "them", "that copper", "your family", "every one of you", "that grass", "you all")
_THREATS = (
    "I'm going to kill {who}.", "im gonna stab {who} {when}", "{who} will be dead by the weekend, I promise.",
    "I know where {who} live and I'm coming with a knife", "someone should shoot {who}",
    "we'll burn the house down with {who} inside", "gonna smash your face in when I see {who}",
    "I will find {who} and make {who} pay in blood", "watch your back, I'm coming for {who}",
    "put a bullet in {who}", "{who} deserve to be hanged", "lets batter {who} outside {place}",
    "I've got a blade for {who}", "wait till I get hold of {who}, they're getting cut",
    "bomb {place} and get {who}", "I'll slit your throat if I see {who} near {place}",
    "next time I see {who} at {place} I'm running {who} over", "kick {who} to death",
)  # fmt: skip
_NEAR_THREATS = (
    "The traffic on {place} is killing me.", "I could murder a curry {when}.",
    "They smashed it at {place} {when}!", "My phone died {when} near {place}.",
    "He was stabbed near {place} {when}, is he alright?", "Someone threatened to kill {person} {when}.",
    "Bonfire at {place} {when}, bring the family.", "We beat them 3-1 at {place} {when}.",
    "Shooting a film on {place} {when}.", "You killed it at {place}, what a show.",
    "Hang your decorations near {place} {when}.", "The bomb squad were at {place} {when}.",
)  # fmt: skip
_GROUPS = (
    "Muslims", "Jews", "Black people", "Asians", "immigrants", "refugees", "gay people", "lesbians", "trans people",
    "Travellers", "Gypsies", "Poles", "Romanians", "Africans", "Indians", "Pakistanis", "women", "disabled people",
    "Hindus", "Sikhs", "asylum seekers", "foreigners",
)  # fmt: skip
_AGAINST = (
    "I hate {group}.", "{group} are vermin.", "{group} are disgusting and should leave.", "All {group} are criminals.",
    "Get rid of all {group}.", "{group} don't deserve rights.", "No {group} in our town, they are animals.",
    "{group} are a disease.", "We should ban {group}, they are scum.", "{group} are stupid and inferior.",
    "I can't stand {group}, they make me sick.", "{group} ruin everything, send them back.",
)  # fmt: skip
_FOR = (
    "I love {group}.", "{group} are welcome on {place}.", "Proud to stand with {group} in our town.",
    "{group} deserve the same rights as everybody.", "My friends are {group} and they are lovely.",
    "Great to see {group} at {place} {when}.", "{group} were at the meeting with {police} {when}.",
    "No hate against {group} here, please.", "{group} face too much abuse on {place}.",
    "Many {group} helped us after the flood.", "It's wrong to say such things of {group}.",
    "Advice for {group} who want to report a crime.", "{group} are kind and generous neighbours.",
    "{group} are people like you and me.", "Thank you to all the {group} who came {when}.",
    "{group} deserve better from {police}.", "Safety for {group} matters to all of us.",
    "We support {group} and always will.", "Happy to have {group} here.", "{group}, stay safe tonight.",
    "Two {group} told me about {place} {when}.", "Good news for {group} on {place}!",
    "{group} work hard and make {place} better.", "How can {group} join {police}?",
)  # fmt: skip
_SLURRED = (
    "{slur}", "you {slur}", "you are such a {slur}", "all these {slur} on {place}", "typical {slur}",
    "get lost {slur}", "that {slur} near {place} again", "I hate every {slur} I see",
)  # fmt: skip
_INSULTING = (
    "{insult}", "you {insult}", "you are a {insult}", "what a {insult} you are", "shut up you {insult}",
    "he is such a {insult}", "they are all {insult} on {place}", "stop being a {insult}",
)  # fmt: skip
_NOTHING = {"abuse": 0, "hate": 0, "threat": 0}
_EACH = 30
_EACH_GROUP = 60
_EACH_WORD = 60


def sentences(
    source: random.Random, slurs: Sequence[str], insults: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Give sentences and what each head should say of them; the same source gives the same sentences."""
    seen: set[str] = set()
    for templates, labels, each in (
        (_ORDINARY, _NOTHING, _EACH),
        (_CRITICAL, _NOTHING, _EACH),
        (_NEAR_THREATS, _NOTHING, _EACH),
        (_THREATS, {"threat": 1}, _EACH),
        (_FOR, _NOTHING, _EACH_GROUP),
        (_AGAINST, {"abuse": 1, "hate": 1}, _EACH_GROUP),
        (_SLURRED, {"abuse": 1, "hate": 1}, _EACH_WORD),
        (_INSULTING, {"abuse": 1}, _EACH_WORD),
    ):
        for template in templates:
            for _ in range(each):
                text = template.format(
                    place=source.choice(_PLACES),
                    person=source.choice(_PEOPLE),
                    police=source.choice(_POLICE),
                    when=source.choice(_WHEN),
                    thing=source.choice(_THINGS),
                    who=source.choice(_THREAT_WHO),
                    group=source.choice(_GROUPS),
                    slur=source.choice(slurs),
                    insult=source.choice(insults),
                )
                if text not in seen:
                    seen.add(text)
                    yield text, labels
