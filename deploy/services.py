"""The six services, in the order in which a person meets them."""

from collections.abc import Mapping

from libs.common.service import Service
from services.applications.service import service as applications
from services.auth.service import service as auth
from services.careers.service import service as careers
from services.ingestion.service import service as ingestion
from services.jobs.service import service as jobs
from services.messaging.service import service as messaging

SERVICES: Mapping[str, Service] = {
    service.name: service for service in (auth, jobs, applications, messaging, careers, ingestion)
}
