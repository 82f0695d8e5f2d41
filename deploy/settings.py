"""Settings of the processes themselves: where they listen and where they find each other."""

from urllib.parse import urlsplit

from pydantic import Field

from gateway.settings import GatewaySettings


class DeploySettings(GatewaySettings):
    """What the `waymark` command reads beside the common settings and the gateway's."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    demo_data: bool | None = Field(
        None, description="`waymark up` loads demo accounts and jobs; yes, but not in production."
    )
    auth_url: str = Field("http://127.0.0.1:8001", description="Where the auth service is.")
    jobs_url: str = Field("http://127.0.0.1:8002", description="Where the jobs service is.")
    applications_url: str = Field(
        "http://127.0.0.1:8003", description="Where the applications service is."
    )
    messaging_url: str = Field(
        "http://127.0.0.1:8004", description="Where the messaging service is."
    )
    careers_url: str = Field("http://127.0.0.1:8005", description="Where the careers service is.")
    ingestion_url: str = Field(
        "http://127.0.0.1:8006", description="Where the ingestion service is."
    )

    @property
    def wants_demo(self) -> bool:
        """Whether the demo is to be loaded."""
        return self.environment != "production" if self.demo_data is None else self.demo_data

    def unfit_for_production(self) -> list[str]:
        """Say what of these settings is only fit for trying out; nothing in development."""
        if self.environment != "production":
            return []
        faults = {
            "DEMO_DATA=0 (the demo's passwords are public)": self.demo_data is True,
            "SMTP_URL (else mails, with their codes, are files)": self.smtp_url is None,
            "PUBLIC_URL (else links to files lead to localhost)": self.public_url is None,
            "RATE_LIMIT_SCALE above 0 (else no client is slowed down)": self.rate_limit_scale == 0,
        }
        return [wanted for wanted, missing in faults.items() if missing]

    def url_of(self, service: str) -> str:
        """Return where `service` is to be found in a system of many processes."""
        return str(getattr(self, f"{service}_url"))

    def port_of(self, service: str) -> int:
        """Return the port in the URL of `service`: where it listens when nothing else is said."""
        return urlsplit(self.url_of(service)).port or 80
