"""What Telegram's refusals mean, as sets of Telethon's errors. What is in none of them may work later."""

from telethon import errors

# The session is worth nothing any more: a person must sign in again.
SIGNED_OUT = (errors.UnauthorizedError, errors.AuthKeyDuplicatedError, errors.AuthKeyNotFound)

# The same request would be refused again. AuthKeyError is 406, which Telegram answers for much more
# than keys.
REFUSED = (errors.BadRequestError, errors.ForbiddenError, errors.NotFoundError, errors.AuthKeyError)

# Every message would be refused: the recipient is wrong, or this account may not write to it. What is not
# here is refused for the message's own sake, also what Telethon does not know: if it held back the
# messages after it, one bad message would silence us. CHAT_WRITE_FORBIDDEN is not here: when a group
# that was closed for some hours opens again, nobody needs the old alerts.
NO_MESSAGE_CAN_GO = (
    errors.ChannelBannedError,
    errors.ChannelIdInvalidError,
    errors.ChannelInvalidError,
    errors.ChannelPrivateError,
    errors.ChannelPublicGroupNaError,
    errors.ChatAdminRequiredError,
    errors.ChatForbiddenError,
    errors.ChatIdInvalidError,
    errors.ChatInvalidError,
    errors.ChatRestrictedError,
    errors.FrozenMethodInvalidError,
    errors.FrozenParticipantMissingError,
    errors.InputUserDeactivatedError,
    errors.PeerFloodError,
    errors.PeerIdInvalidError,
    errors.PeerIdNotSupportedError,
    errors.UserBannedInChannelError,
    errors.UserBlockedError,
    errors.UserDeletedError,
    errors.UserIdInvalidError,
    errors.UserInvalidError,
    errors.UserIsBlockedError,
    errors.UserIsBotError,
    errors.UserKickedError,
    errors.UsernameInvalidError,
    errors.UsernameNotOccupiedError,
    errors.UserNotParticipantError,
    errors.UserPrivacyRestrictedError,
    errors.UserRestrictedError,
    errors.YouBlockedUserError,
)


def said(error: BaseException) -> str:
    """What Telegram said, without the names of Telethon's requests."""
    return str(error).partition(" (caused by ")[0] or type(error).__name__
