"""Messaging: what people write to each other, and what they are notified of.

Owns: messages, conversations, blocks, notifications, follows, person_snapshots,
    candidate_snapshots, stream_items.
Publishes: message.sent, notification.created, employer.followed, employer.unfollowed,
    personal_data.erased.
Consumes: user.registered, user.activated, user.updated, user.erased, candidate.updated,
    application.submitted, application.status_changed, application.withdrawn,
    feedback.submitted, job.posted, job.expired.
"""
