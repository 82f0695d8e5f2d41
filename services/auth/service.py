"""The identity service, as deploy/ sees it."""

from pathlib import Path

from libs.common.mail import send_mail
from libs.common.service import Service
from services.auth.api import router
from services.auth.cli import commands
from services.auth.demo import seed_demo
from services.auth.models import metadata
from services.auth.otp_mail import mail_code

service = Service(
    name="auth",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    consumers=[mail_code, send_mail],
    seed_demo=seed_demo,
    commands=commands,
)
