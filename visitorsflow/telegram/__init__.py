"""One channel for messages: Telegram. Telethon is known here alone."""
