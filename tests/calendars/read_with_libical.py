"""What libical reads in calendar files, for the Python of the system, which has its bindings.

`python3 read_with_libical.py FILE…` prints a JSON list.
"""

import json
import sys
from pathlib import Path

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402

KINDS = ICalGLib.PropertyKind


def utc(time):
    if time.is_date():
        return time.as_ical_string()
    return time.convert_to_zone(ICalGLib.Timezone.get_utc_timezone()).as_ical_string()


def value(component, kind):
    found = component.get_first_property(kind)
    return None if found is None else found.get_value_as_string()


def partstat(event):
    found = event.get_first_property(KINDS.ATTENDEE_PROPERTY)
    return None if found is None else found.get_parameter_as_string("PARTSTAT")


def events(calendar):
    kind = ICalGLib.ComponentKind.VEVENT_COMPONENT
    event = calendar.get_first_component(kind)
    while event is not None:
        yield {
            "uid": event.get_uid(),
            "sequence": event.get_sequence(),
            "starts": utc(event.get_dtstart()),
            "ends": utc(event.get_dtend()),
            "summary": event.get_summary(),
            "description": event.get_description(),
            "location": event.get_location(),
            "status": value(event, KINDS.STATUS_PROPERTY),
            "organizer": value(event, KINDS.ORGANIZER_PROPERTY),
            "attendee": value(event, KINDS.ATTENDEE_PROPERTY),
            "partstat": partstat(event),
        }
        event = calendar.get_next_component(kind)


def read(path):
    calendar = ICalGLib.Component.new_from_string(Path(path).read_bytes().decode())
    return {"method": value(calendar, KINDS.METHOD_PROPERTY), "events": list(events(calendar))}


sys.stdout.write(json.dumps([read(path) for path in sys.argv[1:]]))
