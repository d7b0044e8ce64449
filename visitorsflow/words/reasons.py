"""The reasons: what is wrong with a file, a folder, a setting, the database, Telegram, the API.

Each reason has both languages side by side: first as it is spoken in Taiwan, then in English, as in the log.
"""

_SYSTEM = {
    "quoted": ("{text}", "{text}"),
    "ENOSPC": ("硬碟沒有空間了", "No space left on device"),
    "EDQUOT": ("硬碟的配額用完了", "Disk quota exceeded"),
    "EACCES": ("沒有權限", "Permission denied"),
    "EPERM": ("不允許這個動作", "Operation not permitted"),
    "EROFS": ("硬碟是唯讀的", "Read-only file system"),
    "ENOENT": ("找不到檔案或資料夾", "No such file or directory"),
    "ESTALE": ("網路磁碟機的連線失效了", "Stale file handle"),
    "EIO": ("硬碟讀寫錯誤", "Input/output error"),
    "ETIMEDOUT": ("沒有回應", "Connection timed out"),
}

# -- files and folders (intake) -------------------------------------------------------------------------
_FILES = {
    "no answer from": ("{place}", "{place} does not answer"),
    "unlisted": ("{path}（{why}）", "{path} can't be listed: {why}"),
    "unmade": ("{path} 建立不了：{why}", "{path} can't be made: {why}"),
    "unseen": ("{path}（{why}）", "{path} can't be looked at: {why}"),
    "unread": ("{path}（讀不出來：{why}）", "{path} can't be read: {why}"),
    "unmoved": ("{path}（移不走：{why}）", "{path} can't be moved: {why}"),
    "unmoved to": ("{path}（移不到 {to}：{why}）", "{path} can't be moved to {to}: {why}"),
    "unopened": ("打不開：{why}", "can't be opened: {why}"),
    "too large for memory": (
        "檔案太大，這台電腦的記憶體不夠",
        "a file is too large for this machine's memory",
    ),
    "moved too early": (
        "移走的時候還有人在寫，請把 {path} 移回資料夾",
        "it was written to while it was moved away; move {path} back into the folder",
    ),
    "is a link": ("是捷徑（連結），程式不會跟著走", "is a symbolic link, and links are not followed"),
    "is a folder": ("是資料夾，不是檔案", "is a folder, not a file"),
    "is no file": ("不是一般的檔案", "is no regular file"),
    "is too large": ("超過 {megabytes} MB", "is larger than {megabytes} MB"),
    "is empty": ("是空的", "is empty"),
    "is not UTF-8": ("不是 UTF-8 文字：{hint}", "is not UTF-8 text: {hint}"),
    "looks like UTF-16": ("看起來是 UTF-16", "it looks like UTF-16"),
    "at byte": ("第 {byte} 個位元組", "at byte {byte}"),
    "is not JSON": (
        "不是（完整的）JSON：第 {line} 行第 {column} 個字，{message}",
        "is not (whole) JSON: {message} at line {line}, column {column}",
    ),
    "is nested too deeply": ("巢狀太多層，不像人次清單", "is nested too deeply to be a list of crossings"),
    "no list": ("內容是 {found}，應該是人次的清單", "holds {found} where a list of crossings is expected"),
    "too many bad": (
        "有問題的紀錄超過 {most} 筆；這一筆{why}",
        "has more than {most} bad records; this one {why}",
    ),
    "too many alike": ("完全相同的紀錄超過 {most} 筆", "more than {most} records are alike"),
    "no object": ("是 {found}，應該是一筆紀錄", "is {found} where an object is expected"),
    "field missing": ("沒有 {field}", "{field} is missing"),
    "no time": (
        "{field} 是 {found}，不是 YYYYMMDDhhmmss 的時間",
        "{field} is {found}, which is no time YYYYMMDDhhmmss",
    ),
    "no whole number": ("{field} 是 {found}，不是整數", "{field} is {found}, which is no whole number"),
    "out of range": (
        "{field} 是 {found}，超出 {lowest} 到 {highest}",
        "{field} is {found}, beyond {lowest} .. {highest}",
    ),
    "some rejected": (
        "{total} 筆紀錄中有 {bad} 筆有問題；第 {number} 筆：{why}",
        "{bad} of {total} records rejected; record {number}: {why}",
    ),
    "rejected file": ("{name} {why}", "{name} {why}"),
    "rejected records": (
        "{name}：{total} 筆紀錄中有 {bad} 筆有問題，其他的都存好了。",
        "{name}: {bad} of {total} records rejected, the rest stored.",
    ),
    "rejected record": ("第 {number} 筆：{why}　{text}", "record {number}: {why}: {text}"),
    "try again": (
        "修好以後，把整個檔案移回攝影機的資料夾，程式就會再處理一次；已經存好的不會重複計算。",
        "To try again, fix the file and move it back whole into the watched folder: what is stored already does not count twice.",
    ),
}

# -- the database ---------------------------------------------------------------------------------------
_DATABASE: dict[str, tuple[str, str]] = {}

# -- Telegram -------------------------------------------------------------------------------------------
_TELEGRAM = {
    # Signing in.
    "not signed in": ("還沒有登入 Telegram", "not signed in to Telegram"),
    "sign-in failed": ("沒有登入 Telegram：{why}", "not signed in to Telegram: {why}"),
    "signed out": (
        "Telegram 把這台電腦登出了（{said}）",
        "Telegram has signed this machine out ({said})",
    ),
    "session damaged": ("登入資料檔壞了（{said}）", "the session file is damaged ({said})"),
    "session unusable": ("登入資料檔 {path} 不能用：{said}", "the session file {path} can't be used: {said}"),
    "sign in again": (
        "{why}；請在終端機執行一次 uploadData.py 並登入，在那之前通知只會寫在 log 裡",
        "{why}; alerts only stand in this log until you start uploadData.py once in a terminal and sign in",
    ),
    "bot signs in again": ("{why}；bot 會自己重新登入", "{why}; the bot signs in again"),
    "token refused": (
        "bot_token 不對：{said}；@BotFather 那裡有正確的",
        "bot_token is refused: {said}; @BotFather shows the right one",
    ),
    "wrong code": ("驗證碼錯了 {tries} 次", "code wrong {tries} times"),
    "wrong password": ("兩步驟驗證的密碼錯了 {tries} 次", "two-step password wrong {tries} times"),
    "nobody answers": ("終端機沒有人回答", "no answer at the terminal"),
    # Delivering.
    "telegram silent": (
        "Telegram 超過 {seconds:g} 秒沒有回應",
        "Telegram does not answer within {seconds:g} s",
    ),
    "telegram away": ("連不上 Telegram：{said}", "Telegram can't be reached: {said}"),
    "telegram asks to wait": ("Telegram 要我們等一下再送", "Telegram asks to wait"),
    "telegram asks to wait for": (
        "Telegram 要我們等 {seconds} 秒再送",
        "Telegram asks to wait {seconds} s",
    ),
    "telegram refuses": ("Telegram 不接受：{said}", "Telegram refuses it: {said}"),
    "no message can go": (
        "訊息送不到「{to}」：{said}；請修改 telegram_to，或這個帳號在那裡的權限",
        "no message can go to {to!r}: {said}; fix telegram_to, or what this account may do there",
    ),
    "status message unknown": (
        "查不到或記不下是哪一則訊息：{why}",
        "which message it is can't be read or kept: {why}",
    ),
    # The recipient.
    "no such recipient": (
        "Telegram 找不到這個帳號可以送訊息的「{to}」；請修改 telegram_to",
        "Telegram knows no {to!r} that this account may write to; fix telegram_to",
    ),
    "no such group": (
        '這個帳號沒有加入叫做「{to}」的群組；請修改 telegram_to（使用者名稱前面要加 @，例如 "@name"）',
        "Telegram knows no group {to!r} that this account is in; fix telegram_to "
        '(who has a username is written with the @: "@name")',
    ),
    "groups alike": (
        "有 {count} 個群組都叫「{to}」：請在 telegram_to 填 {numbers}",
        "{count} groups are named {to!r}: put {numbers} into telegram_to",
    ),
    "or": ("{one} 或 {other}", "{one} or {other}"),
    "bot to itself": (
        'bot 不能送給自己：請在 telegram_to 填群組的號碼，不要填 "me"；uploadData.py --check 會列出號碼',
        'a bot can\'t write to itself: put the number of a group into telegram_to, not "me"; '
        "uploadData.py --check shows the numbers",
    ),
    "bot by title": (
        "bot 不能用名稱找群組：請在 telegram_to 填群組的號碼，不要填「{to}」；"
        "uploadData.py --check 會列出號碼",
        "a bot can't find a group by its title: put its number into telegram_to, not {to!r}; "
        "uploadData.py --check shows the numbers",
    ),
    "bot sees nobody": (
        "bot 看不到 telegram_to 的那個號碼：請把 bot 加進群組，或請那個人打開 bot 的對話，按 Start",
        "Telegram shows this bot nobody of the number in telegram_to: "
        "add it to the group, or let the person press Start in its chat",
    ),
}

# -- config.py, the command line, whose the files are ---------------------------------------------------
_SETTINGS: dict[str, tuple[str, str]] = {}

# -- the report and its API -----------------------------------------------------------------------------
_REPORT: dict[str, tuple[str, str]] = {}

# -- the venue: cameras, capacity, clocks, disk ---------------------------------------------------------
_VENUE = {
    "people": ("{people} / {capacity}", "{people} / {capacity}"),
    "minutes": ("{minutes}", "{minutes}"),
    "gigabytes": ("{gigabytes} GB", "{gigabytes} GB"),
    "stopped since": ("{since} 起停止", "stopped since {since}"),
    "silent since": ("{since} 起沒有回應", "no sign of life since {since}"),
    "last report": ("{sent}", "{sent}"),
}

_ALL = _SYSTEM | _FILES | _DATABASE | _TELEGRAM | _SETTINGS | _REPORT | _VENUE
TEXTS = {
    "zh-TW": {key: chinese for key, (chinese, _) in _ALL.items()},
    "en": {key: english for key, (_, english) in _ALL.items()},
}
