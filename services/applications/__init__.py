"""Applications: who applied for which job, how far each has come, and what came of it.

Owns: applications, application_moves, feedbacks, job_snapshots, candidate_snapshots.
Publishes: application.submitted, application.status_changed, application.withdrawn,
    feedback.submitted, personal_data.erased.
Consumes: job.posted, job.updated, job.closed, job.expired, candidate.updated, user.erased.
"""
