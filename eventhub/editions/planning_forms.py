"""Forms that plan editions: a rule, a list, single dates; and how the rule is read from them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from wtforms.fields import FieldList, FormField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from eventhub.editions.fields import Clock, Day, Number, at_most, stripped
from eventhub.editions.forms import LARGEST
from eventhub.editions.models import SeriesRule
from eventhub.editions.pasted import Line, read_lines
from eventhub.editions.planning import When, from_lines
from eventhub.editions.public_holidays import STATES, reason_against
from eventhub.editions.recurrence import MOST, Frequency, Proposal, Recurrence, proposal
from eventhub.editions.rule_words import weekday_name
from eventhub.errors import RuleBroken
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

FREQUENCY_NAMES = {
    Frequency.WEEKLY: _l("in weeks, on a weekday"),
    Frequency.MONTHLY: _l("in months, on a weekday such as the first Tuesday"),
    Frequency.MONTHLY_BY_DATE: _l("in months, on the date of the first day"),
    Frequency.YEARLY: _l("in years, on a weekday of that month"),
    Frequency.YEARLY_BY_DATE: _l("in years, on the date of the first day"),
}
SPARE_ROWS = 3
LONGEST_STAY = 31


class RuleForm(Form):
    """A rule: how it repeats, from when to when, and what is left out."""

    frequency = SelectField(
        _l("Repeats"), choices=[SelectChoice(one.value, name) for one, name in FREQUENCY_NAMES.items()]
    )
    interval = Number(
        _l("Every so many weeks, months or years"),
        default=1,
        validators=[Optional(), NumberRange(min=1, max=52, message=_l("Enter a number from 1 to 52"))],
    )
    week = SelectField(_l("Which one in the month"), coerce=int)
    day_of_week = SelectField(_l("Weekday"), coerce=int)
    from_day = Day(_l("From"), validators=[Optional()])
    until = Day(_l("Until"), validators=[Optional()])
    holidays_of = SelectField(_l("Leave out public holidays"), default="")
    left_out = TextAreaField(
        _l("Leave out these dates, one per line"), validators=[at_most(5_000)], render_kw={"rows": 3}
    )
    start_time = Clock(_l("Start"), validators=[Optional()])
    end_time = Clock(_l("End"), validators=[Optional()])
    lasts = Number(
        _l("Days that each lasts"),
        default=1,
        validators=[
            Optional(),
            NumberRange(min=1, max=LONGEST_STAY, message=_l("Enter a number from 1 to 31")),
        ],
    )

    def offer_choices(self) -> None:
        """Name weekdays, weeks and states in the language of this request."""
        self.day_of_week.choices = [SelectChoice(str(number), weekday_name(number)) for number in range(7)]
        self.week.choices = [
            SelectChoice("1", _("first")),
            SelectChoice("2", _("second")),
            SelectChoice("3", _("third")),
            SelectChoice("4", _("fourth")),
            SelectChoice("5", _("fifth, where there is one")),
            SelectChoice("-1", _("last")),
        ]
        states = sorted((str(name), code) for code, name in STATES.items())
        self.holidays_of.choices = [
            SelectChoice("", _("no")),
            *(SelectChoice(code, _("of %(state)s", state=name)) for name, code in states),
        ]

    def hours(self) -> tuple[time | None, time | None]:
        return self.start_time.data, self.end_time.data

    def nights(self) -> int:
        return (self.lasts.data or 1) - 1

    def recurrence(self, count: int | None = None) -> Recurrence:
        """Return the rule; raises RuleBroken where its days can't be."""
        if self.from_day.data is None:
            raise RuleBroken(_("Enter the day from which on the rule counts"), field="from_day")
        if self.until.data and self.until.data < self.from_day.data:
            raise RuleBroken(_("The last day lies before the first"), field="until")
        return Recurrence(
            frequency=Frequency(self.frequency.data),
            start=self.from_day.data,
            day_of_week=self.day_of_week.data,
            interval=self.interval.data or 1,
            week=self.week.data,
            count=count,
            until=self.until.data,
        )

    def days_left_out(self) -> list[date]:
        """Return the exceptions; raises RuleBroken for lines that are no date."""
        return [line.day for line in self._read("left_out") if line.day is not None]

    def _read(self, name: str) -> list[Line]:
        """Read a field with a date in each line; every line that can't be read is named."""
        lines = read_lines(self._fields[name].data or "")
        wrong = [line for line in lines if line.error]
        for line in wrong[:-1]:
            self.refuse(_line_error(name, line))
        if wrong:
            raise _line_error(name, wrong[-1])
        return lines


class SingleDate(Form):
    """One date of several; without a day it is only planned."""

    class Meta(Form.Meta):
        csrf = False

    day = Day(_l("Day"), validators=[Optional()])
    start = Clock(_l("Start"), validators=[Optional()])
    end = Clock(_l("End"), validators=[Optional()])
    planned = StringField(
        _l("Or only planned for"),
        description=_l("A month such as 2026-05, or words such as autumn 2026"),
        filters=[stripped],
        validators=[at_most(200)],
    )


class SeveralForm(RuleForm):
    """Several editions, from a rule, from single dates or from a list."""

    way = RadioField(
        _l("Where the dates come from"),
        choices=[
            SelectChoice("rule", _l("from a rule")),
            SelectChoice("single", _l("single dates, also without a day")),
            SelectChoice("pasted", _l("from a list")),
        ],
        default="rule",
    )
    count = Number(
        _l("How many"),
        validators=[Optional(), NumberRange(min=1, max=MOST, message=_l("At most 60 editions at once"))],
    )
    singles = FieldList(FormField(SingleDate), max_entries=MOST)
    dates = TextAreaField(
        _l("Dates, one per line"),
        description=_l("Such as 7.12.2026, 15–18 Uhr or 7 December 2026, 3 to 6 pm or 2026-12-07 15:00"),
        validators=[at_most(10_000)],
        render_kw={"rows": 8},
    )
    first_number = Number(
        _l("First number"),
        description=_l("Numbers that are taken are left out"),
        validators=[
            InputRequired(_l("Enter the first number")),
            NumberRange(min=0, max=LARGEST, message=_l("Enter a number from 0 to 100000")),
        ],
    )

    def offer_rows(self) -> None:
        """Leave room for further single dates."""
        empty = sum(1 for row in self.singles if not _is_filled(row))
        for _row in range(min(SPARE_ROWS - empty, MOST - len(self.singles))):
            self.singles.append_entry()

    def proposal(self) -> Proposal:
        """Return the dates of the rule; raises RuleBroken where it says too little or meets no day."""
        ends = [end for end in (self.count.data, self.until.data) if end is not None]
        if self.from_day.data is not None and len(ends) != 1:
            raise RuleBroken(_("Say how many, or until when: one of both"), field="count")
        rule = self.recurrence(self.count.data)
        found = proposal(rule, reason_against(self.holidays_of.data, self.days_left_out()))
        if not found.days:
            raise RuleBroken(_("The rule meets no day in this time"), field="until")
        if found.cut:
            raise RuleBroken(
                _("These are more than %(most)s editions. Choose an earlier end", most=MOST), field="until"
            )
        return found

    def typed_dates(self) -> list[When]:
        """Return the single dates, or those of the list."""
        return self._singles() if self.way.data == "single" else self._pasted()

    def _singles(self) -> list[When]:
        rows = [row.form for row in self.singles if _is_filled(row)]
        if not rows:
            raise RuleBroken(_("Enter at least one day, or for when it is planned"), field="singles-0-day")
        return [self._single(row) for row in rows]

    def _single(self, row: Any) -> When:
        if row.day.data is None and not row.planned.data:
            raise RuleBroken(_("Enter the day, or for when it is planned"), field=row.day.name)
        if row.day.data is None:
            return When(None, planned=row.planned.data)
        if row.end.data and not row.start.data:
            raise RuleBroken(_("Enter the time at which it starts"), field=row.start.name)
        return When(row.day.data, row.start.data, row.end.data)

    def _pasted(self) -> list[When]:
        lines = self._read("dates")
        if not lines:
            raise RuleBroken(_("Paste at least one date"), field="dates")
        if len(lines) > MOST:
            raise RuleBroken(_("At most %(most)s editions at once", most=MOST), field="dates")
        return from_lines(lines)

    def refuse(self, broken: RuleBroken) -> None:
        """Show why not; a single date says so at its own field."""
        own = {field.name: field for row in self.singles for field in row.form}
        if broken.field in own:
            own[broken.field].errors = [*own[broken.field].errors, str(broken.message)]
            self.singles.errors = [*self.singles.errors, str(broken.message)]
        else:
            super().refuse(broken)


class AheadForm(RuleForm, SeenForm):
    """The rule by which a series gets its next editions by itself."""

    ahead = Number(
        _l("So many editions ahead"),
        description=_l("As soon as one has passed, the next one is made as a draft"),
        validators=[
            InputRequired(_l("Enter a number from 1 to 24")),
            NumberRange(min=1, max=24, message=_l("Enter a number from 1 to 24")),
        ],
    )

    def values(self) -> dict[str, Any]:
        """Return what belongs into the row; raises RuleBroken where the rule says too little."""
        rule = self.recurrence()
        return {
            "frequency": rule.frequency,
            "every": rule.interval,
            "day_of_week": rule.day_of_week,
            "week": rule.week,
            "from_day": rule.start,
            "until": rule.until,
            "holidays_of": self.holidays_of.data or "",
            "left_out": [day.isoformat() for day in self.days_left_out()],
            "start_time": self.start_time.data,
            "end_time": self.end_time.data,
            "nights": self.nights(),
            "ahead": self.ahead.data,
        }


def rule_data(rule: SeriesRule) -> dict[str, Any]:
    """Return what the form shows of a stored rule."""
    same = "day_of_week week from_day until holidays_of start_time end_time ahead".split()
    return {name: getattr(rule, name) for name in same} | {
        "frequency": rule.frequency.value,
        "interval": rule.every,
        "left_out": "\n".join(rule.left_out),
        "lasts": rule.nights + 1,
    }


def _is_filled(row: Any) -> bool:
    return any(field.data for field in row.form) or bool(row.form.errors)


def _line_error(name: str, line: Line) -> RuleBroken:
    text = line.text if len(line.text) <= 40 else line.text[:39] + "…"
    words = _("Line %(number)s, “%(text)s”: %(error)s", number=line.number, text=text, error=line.error)
    return RuleBroken(words, field=name)
