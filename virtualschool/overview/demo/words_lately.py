"""What people of the made-up authority wrote in the last days: by links, to colleagues, in files and to each other. Nothing here is of anybody."""

# What is answered by a link, by who answers and the question's key. None of it holds a word that an adult has to read the same day.
SAID = {
    "child": {
        "like_best": "The water tray and the blue bike.",
        "anything_else": "My bear comes too.",
        "best_and_worst": "Best is art and the library. Worst is when we have a different teacher and nobody told me before.",
        "who_helps": "Mrs Thornfield. It helps when she sits with me at the start and then goes.",
        "proud_and_wish": "I read a whole book by myself. I wish we could do swimming again.",
        "one_change": "A quiet place at lunch. I would rather not be called out of lessons for meetings.",
        "ahead": "I finished my project on bridges. I would like to do joinery, or something with boats.",
        "right_course": "Mostly. I would stay if I could do the second year with the same tutor.",
        "in_the_way": "The bus costs a lot and comes late. There is nowhere quiet to study in the evening.",
        "hopes": "An apprenticeship in catering, and my own flat with a decent oven.",
    },
    "carer": {
        "going_well": "Gets up by themselves now and tells us about lessons at tea.",
        "worries": "Sunday evenings are long. The new timetable came on the Monday itself.",
        "home_learning": "Reading most evenings, maths when we sit beside. The tablet from school works.",
        "from_school": "A message on Fridays of what comes next week.",
    },
    "parent": {
        "hopes": "That school goes on being somewhere to look forward to, and college afterwards.",
        "know": "Always loved drawing. Gets quiet when things are too loud, and comes round with a few minutes alone.",
        "told": "A letter each term with the report, and a photograph of something they made.",
    },
}
# Found by the list of harm words: the first is answered by the social worker, the second waits.
WORRYING = (
    "A boy on the bus said he would hurt me if I sit at the front again.",
    "I am scared of the walk home when it is dark. Nobody knows.",
)
WORRY_DONE = (
    "Rang the carer and the school the same evening. The school has spoken to both; a seat beside the driver from Monday. "
    "Asked again on Tuesday: says that it has stopped."
)
# said, what came of it, the answer
YOU_SAID = (
    (
        "Tell me before there is a different teacher.",
        "did",
        "Mr Beckley tells you the day before, and it is on your card.",
    ),
    (
        "I want to do swimming again.",
        "will",
        "There is a place on Wednesdays after half-term; Ms Oakley has put you down for it.",
    ),
    (
        "Have the meeting without so many people.",
        "not",
        "Your social worker and your school must be there. The others send what they want to say on paper.",
    ),
)
ASK_COLLEAGUE = "You teach them every day: a paragraph on how it goes is plenty. The meeting is soon."
# Actions of a meeting: what, who; the first was done, the second is late, the third is still to come.
DECIDED = (
    ("Ask the educational psychologist for a date", "Mrs Thornfield, inclusion team"),
    ("Send the reading list to the carer", "Mr Beckley, form tutor"),
    ("Visit the college on its open evening", "The social worker"),
)
NOT_SO = (
    "Asked again last week; these are the words they want to keep.",
    "It is still so: we looked at it together at the meeting.",
    "The number stands in the reading assessment that is added to the section.",
)
AMEND_WHY = (
    "The mock results came after the PEP was sent in, and change where the child stands.",
    "The school has changed the subjects since; what stands here is last term’s.",
)
AMENDED = "Put right after the mock results: a grade above what stood here in two subjects."
SECOND_WHY = "A first PEP of a new school: somebody else looks at it too."
SECOND = (
    "Marked without the first one’s marks in view.",
    "The targets say what and not how much, and the child’s own words changed nothing.",
    "Good on voice; the money is not tied to what the targets say.",
)
SECOND_AGREED = "We read it together: the targets have numbers, in the table below them. It stays as it was; the next one says so in the target."
CAME_BACK = "550 5.1.1 The mailbox does not exist"
REPORT = (
    "School report, autumn",
    "Reading: working towards, and steadily closer.",
    "Mathematics: at the level expected.",
    "Comes in smiling on most days; Mondays are slower.",
)
LETTER = (
    "Letter of the class teacher",
    "Dear all, here is what I would have said at the meeting.",
    "Friends are there, and the reading corner is used every day.",
    "A word beforehand about any change goes a long way.",
)

# Why the SEN team is asked: what an SEN officer may read, never the child's story.
SEN_WHY = {
    "assessment": "Two terms of SEN support with an educational psychologist’s advice, and the gap in reading has grown.",
    "review": "The annual review falls due this term; the PEP meeting could be on the same day.",
    "consultation": "The present school says that it cannot give the small groups that the plan asks for.",
    "phase": "The child changes phase next September, and no school is named in the plan yet.",
}
