"""What people write to a police force, by kind, with gaps that the trickle fills.

Everything is invented: places are Wealdshire's, telephone numbers come from Ofcom's ranges for drama (07700 900xxx
and 01632 960xxx), number plates belong to nobody. What is hateful is kept to a mild line or two without slurs, and
swearing is starred: enough to see the rules work.
"""

PHRASES: dict[str, tuple[str, ...]] = {
    "thanks": (
        "Thank you to the two officers who helped my mum on {street} last night, they were brilliant 👏",
        "Great work all, nice to see a presence in {town} again",
        "Just want to say cheers to PC {surname}, found my lad's bike within the hour!",
        "Well done to all involved. Proud of our local team 💙",
        "that was quick!! reported it at 9 and they were here by half past. thankyou",
    ),
    "question": (
        "Hi, how do I report a noisy party? Is it you or the council?",
        "Is the front desk at {town} station open on Saturdays?",
        "Does anyone know why the helicopter was over {town} at 2am??",
        "What time does the road reopen pls, need to get to work. {road} still shut",
        "Can I still hand in a knife anonymously at the {town} surrender bin",
        "How long does a lost property report take to get a reference number?",
    ),
    "crime_report": (
        "Somebody smashed the window of my van on {street} last night and took all my tools. Who do I report it to?",
        "my shed got broken in to around 3am, two lads on a moped, one in a grey hoody. {street}, {town}",
        "Just seen a man trying car door handles along {street}, black jacket, heading towards the park NOW",
        "Our shop was robbed again, third time this month and nobody has been. CCTV available",
        "My daughter's phone was snatched outside {town} station at 4.15 today by someone on an e-bike",
        "There is a bloke dealing out of a silver Corsa behind the Co-op in {town} every single night",
    ),
    "lost_dog": (
        "LOST DOG 🐶 Bramble, brown cocker spaniel, slipped her lead near {street} {town}. Please share!",
        "found a very friendly staffie wandering on {road}, no collar, safe at ours. anyone missing him?",
        "Has anyone handed in a small grey terrier called Alfie? Missing since the fireworks in {town}",
    ),
    "parking": (
        "Cars parked on the pavement outside {town} primary AGAIN. Mums with prams having to walk in the road",
        "When are you going to do something about the parking on {street}? Ambulance couldn't get through",
        "double yellows might as well not exist in {town}. no enforcement ever",
        "Blue van blocking my drive on {street} since yesterday, what can I do?",
    ),
    "asb": (
        "Same kids setting off fireworks by the shops on {street} every night, elderly residents are frightened",
        "Off road bikes tearing up the rec in {town} for the third sunday running. Nobody comes.",
        "Youths throwing stones at buses on {road}, the driver had to stop. This is getting out of hand",
        "Drug litter all over the play area in {town}, needles and everything. Kids use that!!",
    ),
    "appeal_lead": (
        "I think I saw this man in the {town} Wetherspoons on Friday about 8ish, he was with a woman with red hair",
        "My dashcam was running on {road} at the time of the crash. Where can I send the footage?",
        "I know that jacket, lad who worked at the car wash on {street}. Not giving names on here, can someone ring me",
        "That car was parked on {street} for two days before it happened. I have a photo with the plate",
    ),
    "complaint": (
        "Waited 47 minutes on 101 and then got cut off. What do we pay council tax for",
        "Absolute joke of a force. Quick enough when you want to do someone for 34 in a 30",
        "Rang you 3 times about the same neighbour. Three times! Nothing.",
        "never see a copper in {town} any more, you shut the station and that was that",
    ),
    "abuse": (
        "You lot are a useless bunch of w*nkers, couldn't catch a cold",
        "PC {surname} is a lying piece of sh*t and everyone in {town} knows it",
        "f*** off you absolute clowns, do some real policing",
        "the woman in this video is a disgusting fat pig, hope she loses her job",
    ),
    "hate": (
        "They should all be sent back where they came from, every last one of them. Not our people.",
        "Typical of that religion, they are all the same, vermin",
    ),
    "threat": (
        "I know which car you drive PC {surname}. Watch your back when you finish your shift.",
        "if he comes down {street} again me and my brothers are going to put him in hospital, thats a promise",
        "Tell that grass we know where she lives. Her windows are going in tonight",
    ),
    "personal_data": (
        "The man you want is Darren {surname}, 14 {street}, {town}. His number is {mobile}",
        "please can someone call me about my case, {landline} or {mobile}, my date of birth is 4/7/{year}",
        "That's {surname}'s van, reg {plate}. He lives at number {number} {street}, go round there",
        "My email is {first}.{surname}@example.com and phone {mobile}, crime ref 47/{crime}/26",
    ),
    "life_risk": (
        "My friend is on {bridge} right now and says he's going to jump off the bridge, please someone come quick",
        "i cant do this any more. im at {bridge}. tell my kids im sorry",
        "there's a woman screaming in the flat above me on {street} and he's saying he will kill her. please hurry",
        "My nan isn't answering, her door is open and there's blood in the hall. {street} {town}. At work, can't ring",
    ),
    "spam": (
        "Earn £500 a day from home!!! Ask me how 👉 hxxps://quick-cash.example/{crime}",
        "I lost all my money to scammers but Mr {surname} recovery expert got it back, message him on {mobile}",
        "Cheap number plates no questions asked ➡️ plates.example 💯💯",
        "WIN a free air fryer, first 100 to click bit.example/{crime}",
    ),
    "chatter": (
        "Good morning all ☕",
        "😂😂😂",
        "Shared to {town} Community Group",
        "My uncle used to be a sergeant there in the 80s, lovely man",
        "Following",
        "@{first} {surname} look at this!!",
    ),
    "answer": (
        "Totally agree with you",
        "That's not what happened, I was there.",
        "Have you tried reporting it online? Took me five minutes",
        "same here on {street}, been going on for weeks",
        "ffs give them a break they're doing their best",
        "Hope they catch him 🙏",
        "You're talking rubbish as usual, {first}",
    ),
    "after_edit": (
        "EDIT: {text} (sorted now, thanks)",
        "{text} - update: still nobody has come",
        "{text} *street, not road",
    ),
}

# How often each kind is written, against the others.
MIX: dict[str, float] = {
    "thanks": 14,
    "question": 14,
    "crime_report": 12,
    "lost_dog": 5,
    "parking": 10,
    "asb": 10,
    "appeal_lead": 6,
    "complaint": 10,
    "chatter": 8,
    "abuse": 5,
    "hate": 2,
    "threat": 2,
    "personal_data": 4,
    "life_risk": 1.5,
    "spam": 4,
}

OWN_POSTS = (
    "APPEAL | Did you see the collision on {road} near {town} at about 5.40pm on Tuesday? Quote {crime}.",
    "Officers are on patrol in {town} this evening after reports of anti-social behaviour. Come and say hello.",
    "Have you seen Jamie, 15, missing from {town}? He was last seen on {street} wearing a navy coat.",
    "A man has been charged after a burglary on {street}, {town}. The case is before the court: please do not comment.",
    "Our next beat surgery is at {town} library on Thursday from 10am. Tell us what matters to you.",
    "Reminder: report crime on our website or by calling 101. In an emergency always call 999.",
)

TOWNS = ("Ashcombe", "Millbridge", "Farleigh", "Kingsdown", "Westerby", "Holloway Cross", "Penhurst", "Stoke Weald")
STREETS = ("Station Road", "Orchard Way", "Church Lane", "Hazel Close", "Mill Street", "The Avenue", "Bakers Row")
ROADS = ("the A2190", "the ring road", "the B3072", "Ashcombe bypass")
BRIDGES = ("the Millbridge viaduct", "Farleigh footbridge", "the bridge over the A2190")
FIRST = ("Karen", "Dave", "Priya", "Tom", "Aisha", "Gary", "Sian", "Mohammed", "Lucy", "Kev", "Ewa", "Grace", "Callum")
SURNAMES = (
    "Hartley",
    "Okafor",
    "Smithson",
    "Patel",
    "Nowak",
    "Bennett",
    "Rahman",
    "Wood",
    "Pritchard",
    "Doyle",
    "Kaur",
)
