"""A way to people's phones, as the alerts see it: three things that it does, and three ways to fail."""

from typing import Protocol

from visitorsflow.facts import Message, Status


class Channel(Protocol):
    """A way to people's phones, like Telegram; `name` is what the log calls it. For one thread at a time.

    Each method returns when it is done, or raises one of three errors:

    - ChannelAway: later. It is tried again after 1, 2, 4 … 60 s, or after what the channel asks for;
    - ChannelBlocked: no message can go until a person acts. It is tried again every five minutes;
    - MessageRefused: never this message. It is logged with its text, and the next one goes on.
    """

    name: str

    @property
    def is_of_many(self) -> bool:
        """True when it goes to a group or a channel, as far as that is known by now."""

    def deliver(self, message: Message) -> None:
        """Make the phones ring. The same `random_id` again is shown once."""

    def check(self) -> None:
        """Raise what a delivery would raise, so that a lost sign-in is known before the next alert."""

    def show(self, status: Status) -> None:
        """Make this the text of the day's status message, without a sound."""
