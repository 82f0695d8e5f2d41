"""The demo's accounts, seen from outside."""

import httpx

from deploy.seed import DEMO_ACCOUNTS, DEMO_PASSWORD


def signed_in(api: httpx.Client, role: str) -> dict[str, str]:
    """Sign one of them in, on a new device, and return the headers of its calls."""
    body = {"emailOrPhone": DEMO_ACCOUNTS[role], "password": DEMO_PASSWORD}
    token = api.post("/api/v1/auth/login", json=body).json()["data"]["accessToken"]
    return {"Authorization": f"Bearer {token}"}
