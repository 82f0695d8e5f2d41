"""Applications: who applied for which job, and how far each application has come.

Owns: applications, application_moves, job_snapshots, candidate_snapshots.
Publishes: application.submitted, application.status_changed, personal_data.erased.
Consumes: job.posted, job.updated, job.closed, job.expired, candidate.updated, user.erased.
"""
