"""The only SQLAlchemy: tables, and functions that return domain values.

Whatever reads a meeting or its rounds by a ``meeting_id`` raises ``MeetingUnknown`` where there is no such meeting.
"""
