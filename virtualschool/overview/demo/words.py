"""Names and sentences of the made-up authority. Plainly invented: no surname here is a common one, no school has these names."""

FIRST_NAMES = (
    "Aisha Alfie Amara Anya Archie Arlo Asha Aurora Bea Bodhi Caleb Callum Carys Cora Daisy Darcy Dexter Dylan Eden Eira Elif Elodie "
    "Elsie Emre Esme Ezra Fatima Felix Finn Freya Gethin Hana Harriet Hassan Hugo Ibrahim Idris Imogen Ines Iris Isla Ivo Jasmin Jonah "
    "Kaya Keira Kofi Lana Layla Leo Lila Logan Lotte Luca Maisie Malachi Marnie Mateo Mila Mina Nadia Nell Niamh Noah Nora Olive Omar "
    "Orla Otis Penny Poppy Priya Quinn Rafi Reuben Rhys Robyn Rosa Ruby Safiya Samir Seren Sienna Silas Sofia Stanley Tariq Tegan Theo "
    "Tomas Una Violet Willow Yara Yusuf Zain Zara Zoë Éloise Chloé Zuzanna Søren"
).split()
LAST_NAMES = (
    "Ambleforth Applewick Ashgrove Barleymow Beckthorn Birchall-Moss Bracklow Brindle-Hay Cairnmoor Calderhythe Chesterwick Cloudsdale "
    "Copperfell Cranmarsh Dalefoot Deepholme Dovemere Eastlake-Fenn Elderbrook Fallowdene Farthingloe Fennimarsh Fernyhough-Lea Flintcombe "
    "Foxhollow Gallowglen Garnetly Greenhythe Grimsholt Hartmoor Hazelrigg-Toft Heatherlow Hollowmere Ivesdale Kestrelby Kingsthorn "
    "Larkspur-Vale Lindenmoor Longacre-Pool Maplethorn Marshwood Merrowdown Mossbank Nettlecombe Northmere Oakhanger Otterburn-Key "
    "Pebblewick Pinecroft Quillfeather Ravensmere Redfern-Stead Rookhope Rushmere Saltmarsh Sedgemoor-Lyn Silverdene Skylarke Snowdrift "
    "Sorrelby Stonehythe Swallowfield Tamarisk-Wold Thistlewood Thornaby-Mere Underhythe Vinegrove Wagtailby Westerdene Whinfell "
    "Wildbriar Willowherb Windrush-Fell Wrenfield Yarrowdale O’Merrow D’Ashgrove"
).split()
STAFF_NAMES = (
    "Adeola Alasdair Bethan Bronwen Carlos Cerys Damien Deborah Dilys Efua Eleri Farah Gareth Greta Hamza Helga Imran Ingrid Jacinta Jerome "
    "Kirsty Kwame Leila Lorcan Magda Marek Mehmet Moira Naomi Nikhil Oonagh Paolo Perdita Rashid Rhona Roisin Saffron Sanjay Tamsin Uzma "
    "Verity Winston Xanthe Yasmin Zelda"
).split()
SCHOOL_FIRST = (
    "Alderbrook Ashdown Beacon Birchwood Bluebell Brookside Castlegate Chestnut Cloverfield Copperbeech Crossways Daleside Eastfield "
    "Elmhurst Fairwater Fernbank Foxglove Greenway Hawthorn Heathfield Highmoor Hillcrest Hollybank Kingfisher Lakeside Larkfield "
    "Linden Longmeadow Maplewood Meadowbank Millstream Moorland Northgate Oakfield Orchard Parkside Pinewood Primrose Redwood Ridgeway "
    "Riverside Rowan Sandpiper Skylark Southfield Springfield Stonebridge Sunnybank Swallow Thornfield Valley Westbrook Whitestone "
    "Willowbank Windmill Woodlands Yewtree St-Éloi Étoile Fjellgate"
).split()
CARERS = ("Mr and Mrs", "Ms", "Mrs", "Mr")
STREETS = ("Quiet Lane", "Hidden Row", "Faraway Street", "Nowhere Close", "Secret Mews")

MY_WORDS = (
    "I like it when {adult} helps me start. Maths is better now. I want to stay at this school.",
    "Best bit is PE and my friends. Worst bit is when lessons change and nobody told me. I felt proud of my story.",
    "I don't like reading out loud. I can do it with {adult}. I want to go to the club on Thursdays.",
    "School is OK. I feel safe in the library. I want people to stop asking me why I moved.",
    "I did a drawing of the sea because we are doing the sea. I can count to a hundred.",
    "I want to be a chef. I need to know what grades I need. My meeting should be short.",
)
UNDERSTOOD = (
    "Changes without warning are hard. A word beforehand would help, and keeping {adult}.",
    "Feels that friendships hold. Is worried about another move and says so in other words.",
    "Confidence in reading has grown when it is one to one; less so in front of the class.",
    "Wants to be asked about the future and to hear straight answers.",
)
LONG_TEXT = (
    "Settled this term, with two difficult weeks in the middle that the school handled well.",
    "Agreed at the meeting with the carer and the social worker; see the targets.",
    "Working just below what is expected; the gap is smaller than in the summer.",
    "Nothing new since the last plan. The key adult checks in every morning.",
    "Support is in place and used. It is looked at again at the next meeting.",
    "Progress is uneven: strong in practical lessons, less so where there is a lot of writing.",
)
# Answers in a few words, by the question's key.
ATTAINMENT = (
    "Working towards expected; expected to reach it",
    "At the level expected; expected to stay there",
    "Above expected in part; at expected overall",
    "Just below expected; expected to catch up with help",
)
TEXT = {
    "who_to_ring": ("Carer first, then the duty social worker", "Carer, then the social worker"),
    "step_this_term": ("Spends a morning where people do it", "Asks the careers lead three questions"),
    "copies_to": ("Social worker, carer, designated teacher, Independent Reviewing Officer",),
    "funded_hours": ("15 hours, five mornings", "30 hours, every day"),
    "key_adult": ("Mx Oakley, head of year", "Mrs Thornfield, inclusion team", "Mr Beckley, form tutor"),
    "coming_to_my_meeting": ("Yes, for the first half", "Yes, with my key adult", "No, my key adult says it for me"),
    "agreed_by": ("Head teacher and social worker, this term",),
    "child_told": ("By the key adult, the same day", "By the social worker, on the way home"),
    "shared_with": ("Social worker, carer and Independent Reviewing Officer, within the week",),
    "now": ATTAINMENT,
    "named_placement": ("The school the child is at",),
}
OTHER_TEXT = ("As agreed at the meeting",)  # where the question has no example
# Rows of tables, by the question's key.
TABLES = {
    "parts": (
        {"row": "Carer", "does": ["Gets school reports", "Comes to parents’ evening", "Day-to-day decisions"]},
        {"row": "Mother", "does": ["Has parental responsibility"]},
        {"row": "Social worker", "does": ["Emergency contact", "Agrees residential trips"]},
    ),
    "courses": (
        {"subject": "English literature", "board": "AQA", "code": "8702", "tier": "No tier", "coursework": "Macbeth"},
        {"subject": "Mathematics", "board": "Pearson", "code": "1MA1", "tier": "Foundation"},
        {"subject": "Food preparation", "board": "Eduqas", "code": "C560P", "coursework": "First task handed in"},
    ),
    "course_results": (
        {"course": "English literature", "working_at": "4", "predicted": "5", "target": "5", "entered": "No"},
        {"course": "Mathematics", "working_at": "3", "predicted": "4", "target": "4", "entered": "No"},
    ),
    "course_progress": ({"course": "Level 2 catering", "passed": "3 of 8", "predicted": "Merit", "on_track": "Yes"},),
    "decisions": ({"what": "Ask for the speech and language report", "who": "Designated teacher"},),
    "languages": ({"language": "Tigrinya", "speaks": "Well", "reads": "Some"},),
    "section_f": ({"line": "A small group for reading, four times a week", "delivered": "Yes"},),
    "provider": ({"provider": "The Workshop", "registered": "Yes", "hours": 10, "subjects": "Joinery, English"},),
}
EARLY_TARGETS = (
    (
        "language",
        "Uses single words",
        "Puts three words together at snack time and in play",
        "Words heard in a ten-minute watch each Friday",
        "Talking group of three children",
        "quiet corner",
    ),
    (
        "early_years",
        "Plays beside others for two minutes",
        "Takes turns in a game with one other child",
        "Watched at play twice a week, noted in the learning journal",
        "A key person joins the game and steps back",
        "play room and garden",
    ),
    (
        "wellbeing",
        "Cries at the door each morning",
        "Comes in with the key person and settles within five minutes",
        "Minutes to settle, noted at the door each day",
        "The same key person at the door, with the sea box",
        "cloakroom",
    ),
)
TARGETS = (
    (
        "english",
        "Reads at the level of an eight-year-old",
        "Reads at the level of a nine-year-old",
        "Standardised reading age, tested in school",
        "One-to-one reading with a trained adult",
        "library",
    ),
    (
        "english",
        "Writes three sentences without help",
        "Writes two paragraphs with full stops and capitals",
        "Two pieces of independent writing a month, marked by the teacher",
        "Small-group writing",
        "classroom",
    ),
    (
        "maths",
        "Knows tables to five",
        "Knows tables to ten, 40 of 50 correct",
        "Weekly tables test out of 50",
        "Tutoring in number",
        "intervention room",
    ),
    (
        "english",
        "Working at grade 3",
        "Working at grade 4",
        "Mock paper marked by the department",
        "Tutoring in English language",
        "school library after lessons",
    ),
    (
        "attendance",
        "91% so far this year",
        "96% from now to the review date",
        "Register",
        "Breakfast with the key adult before registration",
        "inclusion base",
    ),
    (
        "wellbeing",
        "Leaves lessons three times a week",
        "Leaves lessons once a week or less",
        "Behaviour log, counted each Friday",
        "Emotional literacy sessions",
        "nurture room",
    ),
    (
        "aspiration",
        "Does not know what comes after school",
        "Has visited one college and named two courses",
        "Visit recorded, courses written down with the adviser",
        "Careers mentoring",
        "college and school",
    ),
)
# The targets that suit a phase: nobody of four years visits a college, and nobody at college learns tables to ten.
TARGETS_OF = {"E": EARLY_TARGETS, "P": TARGETS[:3] + TARGETS[4:6], "S": TARGETS, "16": TARGETS[3:]}
COSTS = (
    ("Tuition with a qualified teacher", "tuition", 3200, 1, 10),
    ("Reading support by a trained assistant", "reading", 1400, 3, 10),
    ("Emotional literacy sessions", "emotional", 1800, 2, 8),
    ("Mentoring", "adult", 2500, 1, 10),
    ("Speech and language programme", "language", 4200, 1, 6),
)
PRAISE = (
    "The child's own words are there and changed a target. Targets say what, who, where and how often.",
    "Last targets were reviewed with evidence. Every pound is tied to a target.",
    "Honest about what is off track, with a plan that the carer is part of.",
)
MEND = (
    "The targets say what, and not how you will know. Give a number and the day on which it is measured next.",
    "It is not clear what the money asked for is to change. Tie each line to what its target says.",
    "Two people could read the first target in two ways. Say where the child is now, and where by when.",
)
RISK_WHY = (
    "The carer has asked for a planning meeting after a hard fortnight and is not sure that they can go on.",
    "Two suspensions this half-term. The head has said that another may be permanent.",
    "The home has given notice for the end of the month.",
    "Contact with family has been difficult and mornings are a struggle; the carer says that they are worn out.",
    "School has put a reduced timetable to us and the young person says that they will not go back.",
)
RISK_HELP = (
    "A call with the designated teacher this week.",
    "Respite for the carer and a calm start at school.",
    "A transport plan so that the school is kept.",
    "",
)
RISK_PLANS = (
    "Meeting with carer and school on Thursday; transport kept meanwhile.",
    "Respite for two weekends, and a call with the designated teacher every Friday.",
    "The school keeps the place; a mentor from Monday, and we look again in a fortnight.",
)
RISK_HELD = "The placement held with respite."
# How many days ago it was raised, after how many it was answered (0: not yet), what was raised, and the answer.
CONCERNS: tuple[tuple[int, int, dict[str, str], str], ...] = (
    (
        25,
        0,
        {
            "kind": "recommendation",
            "area": "attendance",
            "words": "Ask the school for a plan for Monday mornings, and who rings when the child is not there by ten.",
        },
        "",
    ),
    (
        9,
        4,
        {
            "kind": "concern",
            "area": "targets",
            "words": "Neither target is about reading, which the carer and the school both worry about.",
        },
        "A reading target was set with the designated teacher on Tuesday; tuition begins next week.",
    ),
    (
        3,
        0,
        {
            "kind": "concern",
            "area": "voice",
            "words": "The plan has a drawing and no words. Who can ask again before the review?",
        },
        "",
    ),
)
BREAK_GLASS = "Duty: the child is at our office and the worker cannot be reached."
NOTES = (
    (
        "School visit",
        "Sat in on a lesson and met the designated teacher. Good relationships; the timetable needs a second look before the spring.",
    ),
    ("Call with the carer", "The carer is pleased with the homework club. Asked about options evening; sent the date."),
    (
        "Challenge to the school",
        "Asked why the intervention agreed in the last plan had not begun. It starts on Monday; I ask again in two weeks.",
    ),
    ("Celebration", "Read aloud in assembly. Wrote to say well done."),
)
HOW_OFTEN = (
    "twice a week for ten weeks",
    "every morning",
    "once a week for a term",
    "three times a week for a half-term",
)
MEETING_PLACE = "At school and online"
CANNOT_COME = "I am in court that day and cannot send anybody."
NO_SCHOOL_NOW = "The child has left the school; the meeting waits for the next school."
NO_MONEY = "There is no school that the money could go to yet; tuition is paid by the council meanwhile."
GIVEN_UP = "Not held in its term; this term's PEP takes its matters up."
LEFT_SCHOOL = "The place ended; another school is being sought"
QUESTIONS = (
    (
        "How do we tell the new school about his start in life without telling everybody?",
        "Agreed what the designated teacher needs to know, and who else does not. Sent the guide for schools.",
    ),
    (
        "Is our daughter entitled to priority for a place?",
        "Yes: children previously in care come first in oversubscription. Sent the wording for the form.",
    ),
    (
        "She finds supply teachers very hard. What can we ask for?",
        "A named adult on those days, told to her the evening before. Offered to speak to the school together.",
    ),
)
