"""The one field of a subscription."""

from __future__ import annotations

from eventhub.registration.forms import AddressForm


class SubscribeForm(AddressForm):
    """Asks for the address that wants to hear about the next edition."""
