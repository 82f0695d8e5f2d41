"""Messaging: what people write to each other, and what they are notified of.

Owns: messages, notifications, person_snapshots.
Publishes: message.sent, notification.created, personal_data.erased.
Consumes: user.registered, user.activated, user.updated, user.erased,
application.submitted, application.status_changed.
"""
