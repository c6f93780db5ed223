"""One function per thing a person does, one transaction each: gather, decide, write.

Whatever takes a ``meeting_id`` raises ``MeetingUnknown`` where there is no such meeting.
"""
