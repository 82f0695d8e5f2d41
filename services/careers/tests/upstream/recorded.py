"""What the recorded answers of O*NET Web Services v1.9 say, in the one shape.

Ids, names and figures stand here as one reads them in the recordings; only long prose is theirs.
"""

from typing import Any

from services.careers.etl.shape import (
    Dossier,
    Dwa,
    EducationShare,
    Header,
    Interests,
    Ksa,
    Outlook,
    Prep,
    Related,
    Response,
    Task,
    Technology,
    Title,
    Wages,
    WorkActivity,
    WorkContext,
)

BRIGHT = Outlook(
    "New job opportunities are very likely in the future. This career will grow rapidly in the "
    "next few years. Bright Outlook: Grow Rapidly.",
    "Bright",
    ("Grow Rapidly",),
    "O*NET Web Services",
)


def chief_executives(report: Any) -> Dossier:
    """Return what My Next Move says of 11-1011.00."""
    career = report["career"]
    first, second, third = career["on_the_job"]["task"]
    knowledge = (
        ("2.C.1.a", "management"),
        ("2.C.1.f", "human resources (HR)"),
        ("2.C.7.a", "English language"),
        ("2.C.8.a", "public safety and security"),
        ("2.C.8.b", "law and government"),
        ("2.C.3.a", "computers and electronics"),
    )
    skills = (
        ("2.A.2.a", "thinking about the pros and cons of different ways to solve a problem"),
        ("2.A.1.d", "talking to others"),
        ("2.B.2.i", "noticing a problem and figuring out the best way to solve it"),
        (
            "2.B.4.e",
            "thinking about the pros and cons of different options and picking the best one",
        ),
        ("2.B.4.h", "measuring how well a system is working and how to improve it"),
    )
    abilities = (
        ("1.A.1.a.1", "listen and understand what people say"),
        ("1.A.1.a.3", "communicate by speaking"),
        ("1.A.1.b.4", "use rules to solve problems"),
        (
            "1.A.1.b.5",
            "make general rules or come up with answers from lots of detailed information",
        ),
        ("1.A.1.c.1", "choose the right type of math to solve a problem"),
        ("1.A.1.c.2", "add, subtract, multiply, or divide"),
        ("1.A.1.e.2", "see hidden patterns"),
    )
    technology = (
        ("Enterprise resource planning ERP software", "Microsoft Dynamics", 43231602, True),
        ("Enterprise resource planning ERP software", "Oracle PeopleSoft", 43231602, True),
        ("Presentation software", "Mentimeter", 43232106, False),
        ("Presentation software", "Microsoft PowerPoint", 43232106, True),
        ("Accounting software", "Intuit QuickBooks", 43231601, True),
        ("Accounting software", "Sage 50 Accounting", 43231601, False),
    )
    called = (
        "CEO (Chief Executive Officer)",
        "Chief Financial Officer (CFO)",
        "Chief Operating Officer (COO)",
        "President",
    )
    return Dossier(
        "11-1011.00",
        Header(short_title_en="Chief Executives", short_desc_en=career["what_they_do"]),
        titles=tuple(Title(title, "reported", in_mnm=True) for title in called),
        tasks=(Task(first), Task(second), Task(third)),
        technology=tuple(Technology(*one) for one in technology),
        ksas=(
            *(Ksa("knowledge", *one) for one in knowledge),
            *(Ksa("skill", *one) for one in skills),
            *(Ksa("ability", *one) for one in abilities),
        ),
        prep=Prep(
            5,
            education="master's degree, bachelor's degree",
            usually_needed=("master's degree", "bachelor's degree"),
        ),
        interests=Interests("E", "E"),
        outlook=BRIGHT,
        wages_us=Wages(
            "11-1011",
            annual_10=80000,
            annual_median=206680,
            annual_90=239200,
            hourly_10=38.46,
            hourly_median=99.37,
            hourly_90=115.0,
            top_coded=("annual_90", "hourly_90"),
            source="O*NET Web Services",
        ),
    )


def civil_engineers(report: Any) -> Dossier:
    """Return what My Next Move says of 17-2051.00."""
    career = report["career"]
    first, second, third = career["on_the_job"]["task"]
    knowledge = (
        ("2.C.3.c", "design"),
        ("2.C.3.b", "product and service development"),
        ("2.C.4.a", "arithmetic, algebra, geometry, calculus, or statistics"),
        ("2.C.4.b", "physics"),
        ("2.C.7.a", "English language"),
        ("2.C.1.a", "management"),
    )
    skills = (
        ("2.A.1.b", "listening to others, not interrupting, and asking good questions"),
        ("2.A.1.a", "reading work related information"),
        ("2.B.2.i", "noticing a problem and figuring out the best way to solve it"),
        (
            "2.B.4.g",
            "figuring out how a system should work and how changes in the future will affect it",
        ),
        (
            "2.B.4.e",
            "thinking about the pros and cons of different options and picking the best one",
        ),
    )
    abilities = (
        ("1.A.1.a.3", "communicate by speaking"),
        ("1.A.1.a.4", "communicate by writing"),
        (
            "1.A.1.b.5",
            "make general rules or come up with answers from lots of detailed information",
        ),
        ("1.A.1.b.3", "notice when problems happen"),
        ("1.A.1.c.1", "choose the right type of math to solve a problem"),
        ("1.A.1.c.2", "add, subtract, multiply, or divide"),
        ("1.A.1.e.3", "quickly compare groups of letters, numbers, pictures, or other things"),
    )
    technology = (
        ("Computer aided design CAD software", "Autodesk AutoCAD Civil 3D", 43232604, True),
        ("Computer aided design CAD software", "Autodesk Revit", 43232604, True),
        ("Presentation software", "Microsoft PowerPoint", 43232106, True),
        ("Analytical or scientific software", "Procore software", 43232605, True),
        ("Analytical or scientific software", "The MathWorks MATLAB", 43232605, True),
    )
    called = ("Civil Engineer", "Design Engineer", "Project Engineer", "Structural Engineer")
    return Dossier(
        "17-2051.00",
        Header(short_title_en="Civil Engineers", short_desc_en=career["what_they_do"]),
        titles=tuple(Title(title, "reported", in_mnm=True) for title in called),
        tasks=(Task(first), Task(second), Task(third)),
        technology=tuple(Technology(*one) for one in technology),
        ksas=(
            *(Ksa("knowledge", *one) for one in knowledge),
            *(Ksa("skill", *one) for one in skills),
            *(Ksa("ability", *one) for one in abilities),
        ),
        prep=Prep(
            4,
            education="bachelor's degree, associate's degree",
            usually_needed=("bachelor's degree", "associate's degree"),
        ),
        interests=Interests("R", "R"),
        outlook=BRIGHT,
        wages_us=Wages(
            "17-2051",
            annual_10=63220,
            annual_median=95890,
            annual_90=150640,
            hourly_10=30.4,
            hourly_median=46.1,
            hourly_90=72.42,
            source="O*NET Web Services",
        ),
    )


def mechanical_engineers(sections: Any) -> Dossier:
    """Return what O*NET OnLine says of 17-2141.00, as far as it was recorded."""
    zone = sections["job_zone"]
    questions = [one["description"] for one in sections["work_context"]["element"]]
    activities = (
        (
            "4.A.3.b.2",
            "Drafting, Laying Out, and Specifying Technical Devices, Parts, and Equipment",
            96,
        ),
        ("4.A.3.b.1", "Working with Computers", 93),
        ("4.A.2.b.1", "Making Decisions and Solving Problems", 89),
    )
    dwas = (
        ("4.A.1.a.1.I02.D08", "Review technical documents to plan work."),
        ("4.A.2.b.2.I14.D01", "Design industrial processing systems."),
        ("4.A.2.b.2.I14.D03", "Design industrial equipment."),
        ("4.A.2.a.1.I07.D07", "Evaluate characteristics of equipment or systems."),
        ("4.A.2.b.1.I09.D06", "Implement design or process improvements."),
    )
    contexts: tuple[tuple[str, str, int, dict[str, int]], ...] = (
        ("4.C.1.a.2.h", "Electronic Mail", 100, {"Every day": 100}),
        (
            "4.C.1.a.4",
            "Contact With Others",
            93,
            {"Constant contact with others": 74, "Contact with others most of the time": 25},
        ),
        (
            "4.C.2.a.1.a",
            "Indoors, Environmentally Controlled",
            89,
            {"Every day": 69, "Once a week or more but not every day": 27},
        ),
        (
            "4.C.1.a.2.f",
            "Telephone",
            86,
            {"Every day": 49, "Once a week or more but not every day": 46},
        ),
        (
            "4.C.1.a.2.l",
            "Face-to-Face Discussions",
            85,
            {"Every day": 46, "Once a week or more but not every day": 49},
        ),
        ("4.C.1.b.1.e", "Work With Work Group or Team", 85, {}),
        (
            "4.C.3.b.4",
            "Importance of Being Exact or Accurate",
            83,
            {"Extremely important": 39, "Very important": 56},
        ),
        (
            "4.C.3.a.4",
            "Freedom to Make Decisions",
            81,
            {"A lot of freedom": 50, "Some freedom": 27, "Limited freedom": 22},
        ),
        (
            "4.C.3.b.8",
            "Structured versus Unstructured Work",
            81,
            {"A lot of freedom": 49, "Some freedom": 27, "Limited freedom": 22},
        ),
        (
            "4.C.3.a.2.a",
            "Impact of Decisions on Co-workers or Company Results",
            74,
            {"Very important results": 42, "Important results": 19, "Moderate results": 30},
        ),
    )
    related = (
        ("17-3021.00", "Aerospace Engineering and Operations Technologists and Technicians"),
        ("17-2141.02", "Automotive Engineers"),
        ("17-3023.00", "Electrical and Electronic Engineering Technologists and Technicians"),
    )
    levels = (
        ("Bachelor's degree", 52),
        ("Associate's degree", 29),
        ("Post-secondary certificate", 9),
    )
    return Dossier(
        "17-2141.00",
        prep=Prep(
            4,
            "Job Zone Four: Considerable Preparation Needed",
            zone["education"],
            zone["related_experience"],
            zone["job_training"],
            "(7.0 to < 8.0)",
        ),
        interests=Interests(
            "R", "R", r_score=93, i_score=72, a_score=20, s_score=2, e_score=13, c_score=61
        ),
        work_activities=tuple(WorkActivity(*one) for one in activities),
        dwas=tuple(Dwa(*one) for one in dwas),
        work_context=tuple(
            WorkContext(
                key, name, question, value, tuple(Response(*one) for one in answers.items())
            )
            for question, (key, name, value, answers) in zip(questions, contexts, strict=True)
        ),
        education_pct=tuple(EducationShare(*one) for one in levels),
        related=tuple(Related(*one) for one in related),
    )
