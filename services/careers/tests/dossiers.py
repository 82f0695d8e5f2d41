"""Four occupations as a source tells of them: all, a little, an "All Other", a military one.

The facts are O*NET's, shortened; CC BY 4.0.
"""

from libs.common.testing import Bench
from services.careers.etl import loader
from services.careers.etl.content import content_of
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
from services.careers.models import Career

DEVELOPERS = Dossier(
    "15-1252.00",
    Header(
        "Software Developers",
        None,
        "Research, design, and develop computer and network software.",
        "O*NET Database",
        "30.1",
    ),
    titles=(
        Title("Software Engineer", "reported", in_mnm=True),
        Title("Application Integration Engineer", "reported"),
        Title("Kỹ sư phần mềm", "alternate"),
        Title("Node.js/Front-End Programmer", "alternate"),
    ),
    tasks=tuple(
        Task(f"Do the {nth} thing.", number, "Core", 90 - number)
        for number, nth in enumerate(("first", "second", "third", "fourth", "fifth"), 1)
    ),
    technology=(
        Technology("Object oriented development software", "Python", 43232408, True, True),
        Technology("Web platform development software", "Mozilla Rhino", 43232408, False, False),
    ),
    ksas=(
        Ksa("knowledge", "2.C.3.a", "Computers and Electronics", 92, 5.9),
        Ksa("skill", "2.B.3.e", "Programming", 72, 4.75),
        Ksa("ability", "1.A.1.b.4", "Deductive Reasoning", 75, 4.62),
    ),
    prep=Prep(4, "Job Zone Four: Considerable Preparation Needed", "Most require a degree."),
    interests=Interests("I", "IRC", 43, 90, 29, 10, 14, 62),
    outlook=Outlook(
        growth_label="Bright",
        label_source="O*NET Web Services",
        openings_est=115_200,
        growth_pct=15.8,
        projection_soc="15-1252",
        projection_source="BLS Employment Projections 2024-34",
    ),
    work_activities=(WorkActivity("4.A.3.b.1", "Working with Computers", 98, 5.9),),
    dwas=(Dwa("4.A.2.a.1.I02.D08", "Analyze project data."),),
    work_context=(
        WorkContext("4.C.1.a.2.h", "Electronic Mail", None, 100, (Response("Every day", 100),)),
    ),
    education_pct=(EducationShare("Bachelor's degree", 75, 6), EducationShare("Some college", 9)),
    wages_us=Wages("15-1252", annual_median=135_980, source="BLS OEWS", source_version="May 2025"),
    related=(
        Related("15-2051.00", "Data Scientists", "Primary-Short"),
        Related("11-9199.00", "Managers, All Other", "Primary-Long"),
        Related("15-1251.00", "Computer Programmers", "Supplemental"),  # not loaded
    ),
)
SCIENTISTS = Dossier(
    "15-2051.00",
    Header(
        "Data Scientists",
        None,
        "Develop and implement a set of techniques or analytics applications.",
        "O*NET Database",
        "30.1",
    ),
    titles=(
        Title("Data Scientist", "reported", in_mnm=True),
        Title("Developer of Models", "alternate"),
    ),
    tasks=(Task("Analyze, manipulate, or process large sets of data.", 21564),),
    technology=(Technology("Data base user interface and query software", "SQL", None, True),),
    prep=Prep(5, "Job Zone Five: Extensive Preparation Needed"),
    interests=Interests("I", "I"),  # as My Next Move tells it: the top alone
    outlook=Outlook(growth_label="Average", label_source="O*NET Web Services"),
)
ALL_OTHER = Dossier(
    "11-9199.00",
    Header(
        "Managers, All Other",
        None,
        "All managers not listed separately.",
        "O*NET Database",
        "30.1",
    ),
    titles=(Title("Clean Room Software Manager", "alternate"),),
    outlook=Outlook(openings_est=106_700, projection_source="BLS Employment Projections 2024-34"),
)
MILITARY = Dossier(
    "55-3011.00",
    Header(
        "Air Crew Members",
        None,
        "Perform in-flight duties to ensure the successful completion of missions.",
        "O*NET Database",
        "30.1",
    ),
)
ALL = (DEVELOPERS, SCIENTISTS, ALL_OTHER, MILITARY)


async def store(bench: Bench, *dossiers: Dossier) -> None:
    """Write occupations as the loader does, each in one transaction."""
    for dossier in dossiers:
        content = content_of(dossier)
        async with bench.db.write() as session:
            stored = await session.get(Career, dossier.onet_code)
            due = loader._Due(dossier.onet_code, b"", stored.part_hashes if stored else {})
            await loader._write(session, due, content, {*due.hashes, *content.hashes})
