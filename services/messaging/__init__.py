"""Messaging: what people write to each other, and what they are notified of.

Owns: messages, notifications, person_snapshots.
Publishes: message.sent, notification.created.
Consumes: user.registered, user.activated, user.updated, application.submitted,
application.status_changed.
"""
