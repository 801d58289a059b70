// What ical.js reads in calendar files: `node read_calendar.mjs FILE…` prints a JSON list.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const utc = (time) => time.isDate ? time.toString() : time.convertToZone(ICAL.Timezone.utcTimezone).toString();
const address = (event, name) => event.getFirstPropertyValue(name) ?? null;

function read(path) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  }
  const events = calendar.getAllSubcomponents("vevent").map((event) => ({
    uid: event.getFirstPropertyValue("uid"),
    sequence: event.getFirstPropertyValue("sequence"),
    starts: utc(event.getFirstPropertyValue("dtstart")),
    ends: utc(event.getFirstPropertyValue("dtend")),
    summary: event.getFirstPropertyValue("summary"),
    description: event.getFirstPropertyValue("description"),
    location: event.getFirstPropertyValue("location"),
    status: event.getFirstPropertyValue("status"),
    organizer: address(event, "organizer"),
    attendee: address(event, "attendee"),
    partstat: event.getFirstProperty("attendee")?.getParameter("partstat") ?? null,
  }));
  ICAL.TimezoneService.reset();
  return { method: calendar.getFirstPropertyValue("method"), events };
}

console.log(JSON.stringify(process.argv.slice(2).map(read)));
