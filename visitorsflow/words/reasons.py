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
    "no answer from": ("{place} 沒有回應", "{place} does not answer"),
    "unlisted": ("{path} 讀不到：{why}", "{path} can't be listed: {why}"),
    "unmade": ("{path} 建立不了：{why}", "{path} can't be made: {why}"),
    "unseen": ("{path} 看不到：{why}", "{path} can't be looked at: {why}"),
    "unread": ("{path} 讀不出來：{why}", "{path} can't be read: {why}"),
    "unmoved": ("{path} 移不走：{why}", "{path} can't be moved: {why}"),
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
    "rejected record": ("第 {number} 筆：{why}", "record {number}: {why}"),
    "try again": (
        "修好以後，把檔案移回攝影機的資料夾，程式就會再處理一次。",
        "To try again, fix the file and move it back into the watched folder.",
    ),
}

# -- the database ---------------------------------------------------------------------------------------
# The log has the server's words alone, to be looked up; staff first read what they mean.
_SAYS = "{where}: {said}"
_DATABASE = {
    "database says": ("{where} 回覆「{said}」", _SAYS),
    "database login": ("{where} 不接受這個帳號或密碼（{said}）", _SAYS),
    "database unknown": ("{where} 沒有這個資料庫，或是這個帳號不能用它（{said}）", _SAYS),
    "database right": ("{where} 的這個帳號權限不夠（{said}）", _SAYS),
    "database no table": ("{where} 還沒有這個資料表（{said}）", _SAYS),
    "database connections": ("{where} 的連線數滿了（{said}）", _SAYS),
    "database locked": ("{where} 被別的程式鎖住了（{said}）", _SAYS),
    "database unreachable": ("{where} 連不上（{said}）", _SAYS),
    "database lost": ("{where} 的連線斷了（{said}）", _SAYS),
    "database read-only": ("{where} 現在是唯讀的，不能寫入（{said}）", _SAYS),
    "database full": ("{where} 的硬碟沒有空間了（{said}）", _SAYS),
    "database unopened": ("{where} 打不開（{said}）", _SAYS),
    "database damaged": ("{where} 壞了，或不是資料庫的檔案（{said}）", _SAYS),
    "database in use": ("{where} 的連線正在使用中", "{where}: another one uses the connection"),
    "database unusable": (
        "{where} 的設定不能用（{said}）",
        "{where}: these settings can't be used: {said}",
    ),
    "database replaced": (
        "{where} 被刪除或換掉了，從現在起用新的檔案",
        "{where}: this file was deleted or replaced; a new one is used from now on",
    ),
    "database_url unsupported": (
        "database_url：不支援 {backend}，只能用 MySQL、MariaDB 或 SQLite",
        "database_url: {backend} is not supported; MySQL, MariaDB and SQLite are",
    ),
    "database_url unusable": ("database_url 不能用（{said}）", "database_url: {said}"),
    "database_url not understood": (
        "database_url 看不懂，要寫成 mysql+pymysql://user:password@host/db",
        "database_url: not understood; write mysql+pymysql://user:password@host/db",
    ),
    "database_url password": (
        "database_url 的密碼裡，@ 要寫成 %40，/ 要寫成 %2F，: 要寫成 %3A",
        "database_url: in a password write @ as %40, / as %2F, : as %3A",
    ),
    "database_url no file": (
        "database_url：SQLite 要寫出檔案，例如 sqlite:///visitorsflow.db",
        "database_url: SQLite needs a file, as in sqlite:///visitorsflow.db",
    ),
    "table in the way": (
        "{found}什麼都沒有改。請資料庫管理員執行 --check 印出的 SQL（舊資料都會留著），再重新啟動。",
        "{found} Nothing was changed. Convert it with this SQL, which keeps the old rows, then start again:",
    ),
    "table other columns": (
        "{where} 裡的資料表 {found} 欄位或主鍵跟我們的不一樣。",
        "there is a table {found} with other columns or another key in {where}.",
    ),
    "table other letters": (
        "{where} 裡沒有資料表 {table}，只有大小寫不同的 {found}。",
        "there is no table {table}, but a table {found}, in other letters, in {where}.",
    ),
    "table converted before": (
        "{found}{earlier} 是以前轉換時留下的，會留著；這次舊資料存成 {old}。",
        "{found} {earlier} is there from an earlier conversion and stays;"
        " this time the old rows are kept as {old}.",
    ),
    "what and why": ("{what}：{why}", "{what}: {why}"),
    "table unwritten": ("不能寫入：{why}", "can't be written: {why}"),
    "both": ("{one}；{other}", "{one}; {other}"),
}

# -- Telegram -------------------------------------------------------------------------------------------
_TELEGRAM: dict[str, tuple[str, str]] = {}

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
