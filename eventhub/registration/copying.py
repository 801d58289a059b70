"""The next edition counts its places as the one before: by attendance, and by the same roles."""

from __future__ import annotations

from eventhub.extensions import db
from eventhub.facts import EditionCopied
from eventhub.registration import queries
from eventhub.registration.models import ParticipantRole, QuotaKind
from eventhub.registration.quotas import add_quota


def copy_places(fact: EditionCopied) -> None:
    """Copy the limits on site and online, the roles with theirs, and how free places are passed on.

    A role keeps its name, so that questions that only some roles are asked find it. Limited options come with
    the questions; seats held back belong to the people of one edition.
    """
    source, edition = fact.source, fact.edition
    edition.may_change_place = source.may_change_place
    edition.offer_hours = source.offer_hours
    if source.offer_hours is not None:
        fact.copied.append("offer_hours")
    quotas = queries.quotas(source) if source.quota_count else ()
    attendance = [quota for quota in quotas if quota.kind is QuotaKind.ATTENDANCE]
    for quota in attendance:
        add_quota(edition, QuotaKind.ATTENDANCE, quota.reference, quota.capacity)
    if attendance:
        fact.copied.append("attendance")
    capacities = {quota.reference: quota.capacity for quota in quotas if quota.kind is QuotaKind.ROLE}
    roles = queries.roles(source) if capacities else ()
    for role in roles:
        copy = ParticipantRole(
            edition_id=edition.id,
            slug=role.slug,
            title=role.title,
            title_en=role.title_en,
            position=role.position,
        )
        db.session.add(copy)
        db.session.flush()  # its quota names its key
        add_quota(edition, QuotaKind.ROLE, str(copy.id), capacities.get(str(role.id)))
    if roles:
        fact.copied.append(f"roles:{len(roles)}")
