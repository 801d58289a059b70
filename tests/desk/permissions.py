"""Who opens which page below /manage: written down a second time, apart from what the pages declare.

A new page goes into the row of the capability that it declares. Whoever reads a row must agree that people
with these roles, and nobody else, may do what its pages do. Pages of other features keep the feature's name.
"""

from __future__ import annotations

from eventhub.organisations.roles import Role

EVERYBODY = frozenset(Role)
PROGRAMME = frozenset((Role.OWNER, Role.ORGANISER, Role.AGENDA_EDITOR))
PEOPLE = frozenset((Role.OWNER, Role.ORGANISER, Role.REGISTRATION_DESK))
ORGANISERS = frozenset((Role.OWNER, Role.ORGANISER))
OWNERS = frozenset((Role.OWNER,))

NO_SIGN_IN = frozenset(
    "accounts.ask_for_code accounts.code accounts.enter accounts.follow accounts.sent accounts.sign_in"
    " accounts.sign_out accounts.use_passkey openid.begin openid.finish"
    " roles.accept roles.decline roles.show".split()
)
"""Pages on the way to being signed in, and those of a role offered by mail, whose link proves the address."""
NO_ROLE = frozenset(
    "accounts.account accounts.add_passkey accounts.end_session accounts.forget_identity"
    " accounts.remove_passkey accounts.remove_token accounts.sign_out_everywhere accounts.tokens"
    " desk.dashboard desk.organisations desk.series_list".split()
)
"""Pages of everybody who is signed in: of their own account, and those that list what is theirs."""

TO_LOOK: dict[frozenset[Role], str] = {
    EVERYBODY: "agenda agenda_board agenda_table agenda_versions agenda_workbook edition history numbers"
    " numbers_table preview series series_history series_numbers series_numbers_table step",
    PROGRAMME: "edit_room edit_track engagements import_slots new_speaker paste_agenda rooms shift_agenda"
    " speaker speaker_photo speakers start_agenda tracks",
    PEOPLE: "answer_file answers check_in check_in_people check_in_worker companions companions_of day"
    " edit_message edit_registration group"
    " grouping groups groups_table invitations invite mail mails message messages new_message"
    " new_teams points print_file print_page printing received registration registrations"
    " registrations_table registrations_workbook signups signups_table slot_signups wishes",
    ORGANISERS: "ahead cancel capacity delete edit_edition edit_seats edit_series import_editions mail_text"
    " mail_texts new_edition new_question new_series new_timed_mail next_edition notice"
    " organisation organisation_logo postpone privacy question questions seats_held_back several"
    " timed_mail timed_mails",
    OWNERS: "change_membership change_role delete_series doctor.doctor hand_over members team",
}
"""Who may open a page, by its name in `desk`."""

TO_CHANGE: dict[frozenset[Role], str] = {
    PROGRAMME: "agenda agenda_versions copy_slot delete_room delete_slot delete_speaker"
    " delete_track discard_draft edit_room edit_track engagements import_slots"
    " move_slot new_speaker note_answer paste_agenda redo_agenda remind_speakers rooms"
    " shift_agenda speaker split_slot start_agenda tracks undo_agenda work_quietly",
    PEOPLE: "add_team add_to_groups ask_for_companions ask_who_comes change_invitations"
    " change_registrations companions_of delete_groups"
    " edit_message edit_registration group grouping groups invite let_in message new_message"
    " new_teams propose_groups publish_groups publish_results remove_from_team remove_signup"
    " send_mail_again take_back try_address_again walk_in",
    ORGANISERS: "add_ready_made ahead allocate_wishes attach cancel capacity complete copy_questions"
    " default_mail_text delete delete_timed_mail detach edit_edition edit_seats edit_series"
    " end_signups import_editions inherit_questions mail_text move_question new_edition"
    " new_question new_series new_timed_mail next_edition organisation own_questions"
    " postpone privacy publish question reinstate release_seats remove_question reopen"
    " seats_held_back several slot_signups stop_ahead timed_mail undo_edit unpublish wishes",
    OWNERS: "change_membership change_role delete_series doctor.doctor end_membership end_role hand_over"
    " members team withdraw_membership withdraw_offer",
}
"""Who may send the form of a page."""


BY_TOKEN: dict[frozenset[Role], str] = {
    EVERYBODY: "agenda edition editions series",
    PEOPLE: "registrations",
}
"""What programs read with a token of somebody who has such a role, by its name in `api`."""
OF_THE_TOKEN = frozenset(("api.all_series", "api.nothing", "api.start"))
"""What answers each token with what is its own."""


def permitted_by_token(endpoint: str) -> frozenset[Role] | None:
    """Return the roles whose tokens read this, or None for an address without an entry."""
    name = endpoint.removeprefix("api.")
    return next((roles for roles, names in BY_TOKEN.items() if name in names.split()), None)


def permitted(endpoint: str, method: str) -> frozenset[Role] | None:
    """Return the roles that may do this, or None for a page without an entry."""
    table = TO_LOOK if method == "GET" else TO_CHANGE
    name = endpoint.removeprefix("desk.")
    return next((roles for roles, names in table.items() if name in names.split()), None)
