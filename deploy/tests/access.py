"""Who may make which call: one line a call of the API, one column a kind of caller.

A column holds the status that the caller gets. The lines are tried in their order.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One call: `{…}` in its path and body are filled with what the owners own."""

    method: str
    path: str
    anonymous: int
    candidate: int
    """The owner, where the call is about a candidate's rows."""
    other_candidate: int
    employer: int
    """The owner, where the call is about an employer's rows."""
    other_employer: int
    admin: int
    body: Any = None
    query: str = ""


PERSON = {"name": "Somebody"}
NOBODY_ELSE = {"password": "Wrong123!"}
COMPANY = {"taxNumber": "0101234567", "name": "X", "country": "Vietnam",
           "website": "https://x.example"}  # fmt: skip
JOB = {
    "jobInfo": {"title": "Keeper of keys", "expireDate": "2099-12-31"},
    "jdInfo": {"location": "Hà Nội", "salary": "1000 USD", "description": "Keeps keys."},
    "skillIds": [1],
    "categoryIds": [1],
}
HISTORY = {"comName": "FPT", "position": "Developer", "startTime": "2023-01-01"}

# fmt: off
ACCESS = [
    # auth: without a token, for everybody
    *(Line("POST", f"/auth/{path}", status, status, status, status, status, status, body)
      for path, status, body in [
        ("register", 422, {}),
        ("verify-otp", 400, {"email": "nobody@access.example", "otpCode": "000000"}),
        ("resend-otp", 200, {"email": "nobody@access.example"}),
        ("login", 401, {"emailOrPhone": "nobody@access.example", "password": "x"}),
        ("login/form", 400, None),
        ("refresh-token", 401, {"refreshToken": "x"}),
        ("forgot-password", 200, {"email": "nobody@access.example"}),
        ("reset-password", 400, {"email": "nobody@access.example", "otpCode": "000000",
                                 "newPassword": "Password123!"}),
      ]),
    Line("GET", "/files/cvs/{nothing}/{nothing}", 403, 403, 403, 403, 403, 403),
    Line("GET", "/privacy/erasures/{nothing}", 404, 404, 404, 404, 404, 404),
    # auth: oneself                              anon cand other empl other admin
    Line("GET", "/users/me",                      401, 200, 200, 200, 200, 200),
    Line("PUT", "/users/me",                      401, 200, 200, 200, 200, 200, PERSON),
    Line("POST", "/users/me/avatar",              401, 415, 415, 415, 415, 415),
    Line("GET", "/users/me/export",               401, 200, 200, 200, 200, 200),
    Line("DELETE", "/users/me",                   401, 401, 401, 401, 401, 401, NOBODY_ELSE),
    Line("GET", "/auth/me",                       401, 200, 200, 200, 200, 200),
    Line("PUT", "/auth/me",                       401, 200, 200, 200, 200, 200, {}),
    Line("GET", "/auth/sessions",                 401, 200, 200, 200, 200, 200),
    Line("DELETE", "/auth/sessions/{session}",    401, 200, 404, 404, 404, 404),
    Line("POST", "/auth/change-password",         401, 401, 401, 401, 401, 401,
         {"currentPassword": "Wrong123!", "newPassword": "Password1234!"}),
    Line("PUT", "/admin/users/{employer}/active", 401, 403, 403, 403, 403, 200, {"isActive": True}),
    # auth: candidates
    Line("GET", "/candidates/{candidate}",        401, 403, 403, 200, 200, 200),
    Line("PUT", "/candidates/me/cv",              401, 200, 200, 403, 403, 403,
         {"cvUrl": "https://x.example/cv.pdf"}),
    Line("GET", "/candidates/me/job-history",     401, 200, 200, 403, 403, 403),
    Line("POST", "/candidates/me/job-history",    401, 201, 201, 403, 403, 403, HISTORY),
    Line("PUT", "/candidates/me/job-history/{history}",
                                                  401, 200, 404, 403, 403, 403, HISTORY),
    Line("DELETE", "/candidates/me/job-history/{history}",
                                                  401, 200, 404, 403, 403, 403),
    Line("GET", "/candidates/me/skills",          401, 200, 200, 403, 403, 403),
    Line("PUT", "/candidates/me/skills",          401, 200, 200, 403, 403, 403, {"skillIds": [1]}),
    # auth: employers and companies
    Line("POST", "/companies",                    401, 403, 403, 409, 409, 403, COMPANY),
    Line("GET", "/companies/{company}",           200, 200, 200, 200, 200, 200),
    Line("PUT", "/employers/me",                  401, 403, 403, 200, 200, 403, PERSON),
    Line("GET", "/employers/{employer}",          200, 200, 200, 200, 200, 200),
    # jobs
    Line("GET", "/jobs",                          200, 200, 200, 200, 200, 200),
    Line("GET", "/jobs/recommended",              401, 200, 200, 403, 403, 403),
    Line("GET", "/jobs/{job}",                    200, 200, 200, 200, 200, 200),
    Line("GET", "/jobs/{job}/match",              401, 200, 200, 403, 403, 403),
    Line("POST", "/jobs/post",                    401, 403, 403, 201, 201, 403, JOB),
    Line("PUT", "/jobs/update/{job}",             401, 403, 403, 200, 403, 200, {}),
    Line("DELETE", "/jobs/delete/{job}",          401, 403, 403, 409, 403, 409),
    Line("POST", "/jobs/{job}/relate",            401, 403, 403, 200, 403, 403,
         {"relatedJobId": "{other_job}"}),
    Line("GET", "/jobs/{job}/related",            200, 200, 200, 200, 200, 200),
    Line("DELETE", "/jobs/{job}/relate/{other_job}",
                                                  401, 403, 403, 200, 403, 403),
    Line("DELETE", "/jobs/delete/{other_job}",    401, 403, 403, 200, 403, 200),
    Line("GET", "/employers/me/jobs",             401, 403, 403, 200, 200, 403),
    Line("GET", "/employers/{employer}/jobs",     200, 200, 200, 200, 200, 200),
    Line("GET", "/skills",                        200, 200, 200, 200, 200, 200),
    Line("GET", "/categories",                    200, 200, 200, 200, 200, 200),
    *(Line(method, f"/admin/{path}",              401, 403, 403, 403, 403, status, body)
      for method, path, status, body in [
        ("POST", "skills", 201, {"name": "Keeping keys"}),
        ("PUT", "skills/1", 200, {}),
        ("POST", "skills/1/merge", 422, {"intoId": 1}),
        ("POST", "categories", 201, {"nameVi": "Giữ chìa khóa", "nameEn": "Keeping keys"}),
        ("PUT", "categories/1", 200, {}),
        ("POST", "categories/1/merge", 422, {"intoId": 1}),
      ]),
    # applications
    Line("POST", "/jobs/{job}/apply",             401, 409, 201, 403, 403, 403, {}),
    Line("GET", "/candidates/me/applies",         401, 200, 200, 403, 403, 403),
    Line("GET", "/jobs/{job}/applies",            401, 403, 403, 200, 403, 403),
    Line("PUT", "/applies/{apply}/status",        401, 403, 403, 200, 404, 403,
         {"status": "Shortlisted"}),
    Line("GET", "/applies/{apply}/history",       401, 200, 404, 200, 404, 404),
    Line("POST", "/jobs/{job}/feedback",          401, 409, 409, 403, 403, 403,
         {"content": "Nhanh gọn.", "rank": 5}),
    Line("GET", "/jobs/{job}/feedback",           200, 200, 200, 200, 200, 200),
    Line("DELETE", "/applies/{apply}",            401, 200, 404, 403, 403, 403),
    # messaging
    Line("POST", "/messages",                     401, 422, 201, 201, 201, 201,
         {"receiverId": "{candidate}", "content": "Hello"}),
    Line("GET", "/messages",                      401, 200, 200, 200, 200, 200,
         query="with_user_id={employer}"),
    Line("PUT", "/messages/read",                 401, 200, 200, 200, 200, 200,
         {"withUserId": "{candidate}"}),
    Line("GET", "/conversations",                 401, 200, 200, 200, 200, 200),
    Line("GET", "/users/me/blocks",               401, 200, 200, 200, 200, 200),
    Line("PUT", "/users/me/blocks/{employer}",    401, 200, 200, 422, 200, 200),
    Line("DELETE", "/users/me/blocks/{employer}", 401, 200, 200, 200, 200, 200),
    Line("GET", "/notifications",                 401, 200, 200, 200, 200, 200),
    Line("GET", "/notifications/unread-count",    401, 200, 200, 200, 200, 200),
    Line("PUT", "/notifications/{notification}/read",
                                                  401, 404, 404, 200, 404, 404),
    Line("PUT", "/notifications/read-all",        401, 200, 200, 200, 200, 200),
    Line("POST", "/employers/{employer}/follow",  401, 200, 200, 403, 403, 403),
    Line("GET", "/employers/{employer}/followers",
                                                  401, 403, 403, 200, 403, 403),
    Line("GET", "/candidates/me/following",       401, 200, 200, 403, 403, 403),
    Line("GET", "/stream",                        401, 200, 200, 200, 200, 200),
    # careers and ingestion: for everybody
    Line("GET", "/careers",                       200, 200, 200, 200, 200, 200),
    Line("GET", "/careers/{nothing}",             404, 404, 404, 404, 404, 404),
    Line("GET", "/careers/by-interests",          200, 200, 200, 200, 200, 200,
         query="riasec=IRA"),
    Line("GET", "/careers/{nothing}/related",     404, 404, 404, 404, 404, 404),
    Line("GET", "/bff/catalog/career/{nothing}",  404, 404, 404, 404, 404, 404),
    Line("GET", "/market/postings",               200, 200, 200, 200, 200, 200),
    Line("GET", "/market/postings/{nothing}",     404, 404, 404, 404, 404, 404),
    Line("GET", "/market/trending",               200, 200, 200, 200, 200, 200),
    Line("GET", "/market/trending.svg",           200, 200, 200, 200, 200, 200),
    Line("GET", "/market/series",                 200, 200, 200, 200, 200, 200,
         query="skill=Python"),
    Line("GET", "/market/series.svg",             200, 200, 200, 200, 200, 200,
         query="skill=Python"),
    Line("GET", "/market/salaries",               200, 200, 200, 200, 200, 200),
    Line("GET", "/market/roles",                  200, 200, 200, 200, 200, 200),
    Line("POST", "/skills/extract",               200, 200, 200, 200, 200, 200,
         {"text": "Python"}),
    Line("GET", "/skills/gap-analysis",           401, 400, 400, 400, 400, 400, query="role=Chef"),
    # learning and projects
    Line("GET", "/learning/roadmap",              401, 200, 200, 200, 200, 200),
    Line("GET", "/learning/resources",            401, 200, 200, 200, 200, 200,
         query="skills=Python"),
    Line("GET", "/learning/resources/search",     401, 200, 200, 200, 200, 200, query="query=web"),
    Line("GET", "/projects/recommendations",      401, 200, 200, 200, 200, 200),
    Line("GET", "/projects/skill-building",       401, 200, 200, 200, 200, 200,
         query="skills=Docker"),
    Line("GET", "/projects/search",               401, 200, 200, 200, 200, 200, query="query=web"),
    Line("GET", "/projects/all",                  401, 200, 200, 200, 200, 200),
    # the last line, since it signs everybody out
    Line("POST", "/auth/logout",                  401, 200, 200, 200, 200, 200),
]
# fmt: on
