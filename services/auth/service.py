"""The identity service, as deploy/ sees it."""

from pathlib import Path

from libs.common.mail import send_mail
from libs.common.service import Service
from services.auth import purges
from services.auth.api import router
from services.auth.cli import commands
from services.auth.commands.sealing import missing_keys
from services.auth.consumers import consumers
from services.auth.demo import seed_demo
from services.auth.files import delete_file
from services.auth.models import metadata
from services.auth.otp_mail import mail_code
from services.auth.personal_data import personal_data
from services.auth.settings import settings

service = Service(
    name="auth",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    consumers=[*consumers, mail_code, send_mail, delete_file],
    tasks=purges.tasks,
    peers=["jobs", "applications", "messaging", "careers", "ingestion"],
    seed_demo=seed_demo,
    commands=commands,
    settings=settings,
    faults=missing_keys,
)
