"""The reasons: what is wrong with a file, a folder, a setting, the database, Telegram, the API.

Each reason has both languages side by side: first as it is spoken in Taiwan, then in English, as in the log.
"""

_SYSTEM = {
    "quoted": ("{text}", "{text}"),
    "in both languages": ("{chinese}", "{english}"),
    "lines": ("{first}\n{others}", "{first}\n{others}"),
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
    "folder holds us": (
        "資料夾 {folder} 裡有程式自己的檔案（{own}）：請給攝影機一個專用的資料夾",
        "the folder {folder} holds {own}: give the camera one of its own",
    ),
    "folder not made": (
        "資料夾 {folder} 建立不了：{why}",
        "the folder {folder} can't be made: {why}",
    ),
    "ENOTDIR": ("上一層不是資料夾", "Not a directory"),
    "EISDIR": ("是資料夾，不是檔案", "Is a directory"),
    "EEXIST": ("已經有同名的檔案", "File exists"),
    "folder taken": (
        "{folder} 已經有程式在處理了：{by}。一個資料夾只能由一個程式處理",
        "{folder} is worked on by another uploader already: {by}. One folder, one uploader",
    ),
    "files rejected": ("{files} 個檔案，例如 {first}", "{files} of them, like {first}"),
    "unlisted": ("{path}（{why}）", "{path} can't be listed: {why}"),
    "no folder": (
        "沒有 {folder} 這個資料夾：找不到 {missing}{hint}",
        "there is no folder {folder}: {missing} is missing{hint}",
    ),
    "once makes no folder": (
        "加上 --once 就不會自己建立：請建立這個資料夾，或把路徑改對（config.py 的 watch_folder）。",
        "With --once it is not made: make this folder, or correct its path (watch_folder in config.py).",
    ),
    "folder is made": ("{why}；現在建立一個", "{why}; it is made now"),
    "unmade": ("{path} 建立不了：{why}", "{path} can't be made: {why}"),
    "unseen": ("{path}（{why}）", "{path} can't be looked at: {why}"),
    "unread": ("{path}（讀不出來：{why}）", "{path} can't be read: {why}"),
    "unwritten": ("{path} 寫不進去：{why}", "{path} can't be written: {why}"),
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
        "不是（完整的）JSON，第 {line} 行第 {column} 個字讀不懂：「{message}」",
        "is not (whole) JSON: {message} at line {line}, column {column}",
    ),
    "is nested too deeply": ("巢狀太多層，不像人次清單", "is nested too deeply to be a list of crossings"),
    "no web token": (
        "至少要 16 個字，只能用英文字母、數字、- 和 _",
        "must have at least 16 letters, digits, - and _",
    ),
    "web no address": (
        "--web {address} 要寫成 位址:連接埠，例如 127.0.0.1:8080",
        "--web {address}: write ADDRESS:PORT, as 127.0.0.1:8080",
    ),
    "web needs token": (
        "--web {address}：別台電腦也看得到，所以 config.py 要有 web_token。可以用這一行：",
        "--web {address}: other PCs can look there, so config.py needs web_token. You can use this line:",
    ),
    "web not listening": ("不能用 {address}：{why}", "{address} can't be used: {why}"),
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
    "no such time": (
        "{field} 是 {found}，不是 {format} 的時間",
        "{field} is {found}, which is no time {format}",
    ),
    "twice an hour": (
        "{field} 是 {found}，那個小時因為時鐘撥慢會有兩次，區間的人數分不出是哪一次",
        "{field} is {found}, in the hour that comes twice when clocks go back: counts can't tell which",
    ),
    "ends early": (
        "結束時間 {until} 比開始時間 {since} 早",
        "ends at {until}, before it begins at {since}",
    ),
    "no line": ("{field} 是 {found}，不能當作攝影機的名稱", "{field} is {found}, which can't name a camera"),
    "line too long": (
        "加上 {field} 以後，攝影機的名稱 {name} 超過 {most} 個字",
        "{field} makes the camera's name {name}, longer than {most} characters",
    ),
    "no records": (
        "找不到紀錄的清單 {path}，那裡是 {found}",
        "holds no records at {path}, but {found}",
    ),
    "too many people": ("一個檔案超過 {most} 人次", "counts more than {most} people in one file"),
    "some rejected": (
        "{total} 筆紀錄中有 {bad} 筆有問題；第 {number} 筆：{why}",
        "{bad} of {total} records rejected; record {number}: {why}",
    ),
    "rejected file": ("{name} {why}", "{name} {why}"),
    "rejected records": (
        "{name}：{total} 筆紀錄中有 {bad} 筆有問題，其他的都存好了。",
        "{name}: {bad} of {total} records rejected, the rest stored.",
    ),
    "rejected record": ("第 {number} 筆：{why}：{text}", "record {number}: {why}: {text}"),
    "try again": (
        "修好以後，把整個檔案移回攝影機的資料夾，程式就會再處理一次；已經存好的不會重複計算。",
        "To try again, fix the file and move it back whole into the watched folder: what is stored already does not count twice.",
    ),
}

# -- the database ---------------------------------------------------------------------------------------
# The log has the server's words alone, to be looked up; staff first read what they mean.
_SAYS = "{where}: {said}"
_DATABASE = {
    "nothing yet": (
        "{where}：還沒有資料；uploadData.py 第一次啟動以後才會有",
        "{where}: there is nothing yet; uploadData.py makes it when it is started first",
    ),
    "not forgotten": ("拿不掉：{why}", "it can't be forgotten: {why}"),
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
    "look at the login": (
        "請檢查 config.py 的 host、user 和 password。",
        "Check host, user and password in config.py.",
    ),
    "run as administrator": (
        "請資料庫管理員執行：\n{sql}",
        "As the database's administrator, run:\n{sql}",
    ),
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
        "{found}什麼都沒有改。請資料庫管理員執行程式印出的 SQL（舊資料都會留著），再重新啟動。",
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
    "other venue here": (
        "攝影機 {camera} 用這個資料庫，但它的 ssid 是 {ssid}：兩個場館共用資料庫，人數會混在一起；"
        "請讓每個場館有自己的資料庫（docs/growing.md）",
        "camera {camera} uses this database for the ssid {ssid}: two venues in one database report each"
        " other's people; give each a database of its own (docs/growing.md)",
    ),
    "not in the overview": ("今天的統計少了：{why}", "missing in the overview of the day: {why}"),
}

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
    "group closed": (
        "「{to}」現在不能發言，開放以後通知會再傳",
        "nobody may write to {to!r} now; alerts go again when that is allowed",
    ),
    "status message is old": (
        "群組裡的狀況訊息更新不了，會再試：{why}",
        "the status message is not up to date: {why}",
    ),
    "picture waits": ("統計圖送不出去，會再試：{why}", "a picture waits: {why}"),
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
    "bot to nobody": (
        'telegram_to = "me"：bot 不能送給自己；請填群組或個人的號碼（uploadData.py --check 會列出來），或 "@name"',
        'telegram_to = "me": a bot can\'t write to itself; set the number of a group or a person '
        '(uploadData.py --check shows them), or "@name"',
    ),
    "bot to itself": (
        'bot 不能送給自己：請在 telegram_to 填群組的號碼，不要填 "me"',
        'a bot can\'t write to itself: put the number of a group into telegram_to, not "me"',
    ),
    "bot by title": (
        "bot 不能用名稱找群組：請在 telegram_to 填群組的號碼，不要填「{to}」",
        "a bot can't find a group by its title: put its number into telegram_to, not {to!r}",
    ),
    "not in the group": (
        "這個帳號不在「{to}」裡：請把它加進群組",
        "this account is not in {to!r}: add it to the group",
    ),
    "bot sees nobody": (
        "bot 看不到 telegram_to 的那個號碼：請把 bot 加進群組，或請那個人打開 bot 的對話，按 Start",
        "Telegram shows this bot nobody of the number in telegram_to: "
        "add it to the group, or let the person press Start in its chat",
    ),
}

# -- config.py, the command line, whose the files are ---------------------------------------------------
_WRITE_PATHS_ZH = r'路徑請寫成 r"C:\Folder" 或 "C:/Folder"'
_WRITE_PATHS = r'write a path as r"C:\Folder" or "C:/Folder"'
_SETTINGS = {
    "in config": ("{path}：{why}", "{path}: {why}"),
    "in line": ("第 {line} 行：{why}", "line {line}: {why}"),
    "setting": ("{name}：{why}", "{name}: {why}"),
    "unknown setting": ("沒有 {name} 這個設定{hint}", "unknown setting {name}{hint}"),
    "did you mean": ("；是不是 {name}？", "; did you mean {name}?"),
    "no bool": ("只能是 True 或 False", "should be True or False"),
    "no dict": ('要寫成 {{"名稱": "值"}}', 'should be names and values, like {{"name": "value"}}'),
    "not known": ("沒有這個名稱", "is no name that is known here"),
    "not finite": ("要是有限的數字", "should be a finite number"),
    "no number": ("要是數字", "should be a valid number"),
    "no int": ("要是整數", "should be a whole number"),
    "not above": ("要大於 {gt}", "should be greater than {gt}"),
    "below": ("不能小於 {ge}", "should be greater than or equal to {ge}"),
    "above": ("不能大於 {le}", "should be less than or equal to {le}"),
    "none of": ("只能是 {expected}", "should be {expected}"),
    "missing": ("少了這一項", "is missing"),
    "no path": ("要是路徑", "should be a path"),
    "too long": ("最多 {max_length} 個字", "should have at most {max_length} characters"),
    "too short": ("至少要有 {min_length} 個字", "should have at least {min_length} character"),
    "no text": ("要是文字，寫在引號裡", "should be a text in quotes"),
    "comma at the end": (
        "最後多了一個逗號：請把它刪掉",
        "the comma at the end of the line must go",
    ),
    "too many values": ("最多 {max_length} 個值", "should have at most {max_length} values"),
    "no tuple": ("要是括號裡的幾個值", "should be several values in brackets"),
    "no format": (
        '要寫成準備好的格式的名稱，或 {{"time": "…"}} 這樣的說明',
        'should be the name of a preset, or a description like {{"time": "..."}}',
    ),
    "no preset": (
        "沒有「{name}」這個格式，有的是 {known}{hint}",
        "there is no {name!r}; the presets are {known}{hint}",
    ),
    "format unknown": ("不認識 {word} 這個詞{hint}", "{word} is not known here{hint}"),
    "format missing": ("少了 {word}", "{word} is missing"),
    "format mixed": (
        "{one} 是一人一筆用的，{other} 是每段時間的人數用的，不能一起用",
        "{one} is for single crossings and {other} for counts per interval: keep one of them",
    ),
    "format both ways": ("{value} 不能同時是 in 和 out", "{value} can't be both in and out"),
    "format no key": ("{word} 要是檔案裡的名稱", "{word} should be the name of a key in the files"),
    "format no path": (
        'records 要寫成像 "Data[].CountingInfo[]" 這樣',
        'records is written like "Data[].CountingInfo[]"',
    ),
    "format no values": (
        "{word} 要是文字、數字，或它們的清單",
        "{word} should be a text, a number, or a list of them",
    ),
    "format no only": (
        'only 要寫成 {{"名稱": 值}}',
        'only should be keys and values, like {{"name": 1}}',
    ),
    "no time format": (
        'time_format 可以是 {known}，或是完整的日期和時間，像 "%Y-%m-%d %H:%M:%S"{hint}',
        'time_format is {known}, or the pattern of a whole time like "%Y-%m-%d %H:%M:%S"{hint}',
    ),
    "no clock": ('時間要寫成 "HH:MM"，例如 "08:00"', 'a time is written "HH:MM", for example "08:00"'),
    "no zone": ('時區要寫成像 "Asia/Taipei" 這樣{hint}', 'a time zone is written like "Asia/Taipei"{hint}'),
    "zone by offset": (
        '請寫地名，像 "Asia/Taipei"，不要寫跟 UTC 差幾個小時',
        'write a place, like "Asia/Taipei", and not the hours from UTC',
    ),
    "no host": (
        '只能是主機的名稱或 IP 位址，像 "192.168.1.10"，不要加 http:// 和連接埠；連接埠寫在 port',
        'write a name or an IP address alone, like "192.168.1.10", without http://; its port stands in port',
    ),
    "no web host": (
        '只能是名稱，像 "visitors.venue.lan"，不要加 http:// 和連接埠',
        'write a name alone, like "visitors.venue.lan", without http:// and without a port',
    ),
    "no URL": (
        "網址要寫成像 https://api.example.org/upload 這樣",
        "a URL is written like https://api.example.org/upload",
    ),
    "no token": (
        "要照 @BotFather 給的寫，像 123456789:AAF-and-so-on",
        "write it as @BotFather gives it, like 123456789:AAF-and-so-on",
    ),
    "control sign": (
        f"裡面的 \\ 變成看不見的字了：{_WRITE_PATHS_ZH}",
        f"a \\ in it became a sign that can't be seen: {_WRITE_PATHS}",
    ),
    "no home": (
        "~ 沒有對應的家目錄：請寫完整的路徑",
        "there is no home folder for its ~: write the whole path",
    ),
    "both set": ("{one} 和 {other} 都設了，只能留一個", "{one} and {other} are both set; keep one of them"),
    "needs": ("少了 {missing}，設了 {first} 就要有它", "{missing} is missing; {first} needs it"),
    "no sender": (
        "少了 bot_token 或 phone_number，設了 api_id 就要有其中一個",
        "bot_token or phone_number is missing; api_id needs one of them",
    ),
    "not all tags": (
        "tag_ids 要有 Count、CountAccuIn、CountAccuOut 三個",
        "tag_ids needs all of Count, CountAccuIn and CountAccuOut",
    ),
    "no ssl_ca": ("ssl_ca：沒有 {path} 這個檔案", "ssl_ca: there is no file {path}"),
    "exposed": (
        "別的使用者也讀得到 {path}，裡面有密碼；請執行：chmod 600 {path}",
        "others can read {path}, which holds secrets: chmod 600 {path}",
    ),
    # the command line
    "no day": (
        "{text} 不是 YYYY-MM-DD，也不是 today 或 yesterday",
        "{text} is neither YYYY-MM-DD nor today nor yesterday",
    ),
    "day without end": ("這一天太晚，沒有結束的時間", "that day has no end"),
    "no count": ("{text} 不是 1 到 999999 的數字", "{text} is no number from 1 to 999999"),
    "no folder name": ("資料夾的名稱是空的", "the name of the folder is empty"),
    "no camera name": ("攝影機的名稱是空的", "the name of the camera is empty"),
    "no config name": ("設定檔的名稱是空的", "the name of the settings' file is empty"),
    "option needs": ("--{option} 要跟 --{other} 一起用", "--{option} needs --{other}"),
    "days without csv": ("--date A..B 只能跟 --csv 一起用", "--date A..B goes with --csv only"),
    "demo alone": (
        "--demo 只能單獨用：它有自己的資料夾和資料庫",
        "--demo goes alone: it has a folder and a database of its own",
    ),
    "try alone": (
        "--try 後面寫檔案，只能再加 --config",
        "--try takes files, and goes with --config only",
    ),
    "bundle alone": (
        "--bundle 只能跟 FOLDER 和 --config 一起用",
        "--bundle goes with FOLDER and --config only",
    ),
    "web alone": (
        "--web 只能跟 --config 一起用：它只顯示資料庫裡的資料",
        "--web goes with --config only: it only shows what the database knows",
    ),
    "forget alone": (
        "--forget 只能跟 --config 和 --yes 一起用",
        "--forget goes with --config and --yes only",
    ),
    "check alone": (
        "--check 只能跟 FOLDER、--ring 和 --config 一起用",
        "--check goes with FOLDER, --ring and --config only",
    ),
    "view alone": (
        "--view 沒有資料夾：它只顯示資料庫裡的資料",
        "--view has no folder: it only shows what the database knows",
    ),
    "wrong order": ("--date A..B：B 不能比 A 早", "--date A..B: B is before A"),
    "many days": ("--date A..B：一次最多 {most} 天", "--date A..B: {most} days at most"),
    "no api_url": (
        "config.py 沒有設定 api_url（加上 --dry-run 就不需要）",
        "api_url is not set in config.py (--dry-run works without)",
    ),
    # config.py as an editor saved it
    "config unread": ("{path} 讀不出來：{why}", "{path} can't be read: {why}"),
    "no Python": ("不是正確的 Python（{hint}）", "not valid Python ({hint})"),
    "python error": ("{error}（{hint}）", "{error} ({hint})"),
    "in quotes": ("文字要放在引號裡", "texts stand in quotes"),
    "misnamed": (
        "找不到 {path}：那裡有個沒用到的 {name}，請改名成 {right}{how}",
        "{path} is missing: rename {name}, which is there and not used, to {right}{how}",
    ),
    "show extensions": (
        "（Windows 請先打開「副檔名」的顯示）",
        " (in Windows, show file name extensions first)",
    ),
    "config is a folder": (
        "{path} 是資料夾，應該是檔案：請把這個資料夾移到別處，再把 config.py.example 複製成 config.py",
        "{path} is a folder, and must be a file: move it elsewhere, and copy config.py.example to config.py",
    ),
    "config in folder": (
        "{path} 是資料夾：請寫出檔案，也就是 {file}",
        "{path} is a folder: give the file, {file}",
    ),
    "config is RTF": (
        "{path} 是 RTF 檔，不是純文字：請另存成純文字（UTF-8）",
        "{path} is an RTF file: save it as plain text (UTF-8)",
    ),
    "write =": ("請寫成 {name} = …，用 = 代替 :", "write {name} = ..., with = in place of :"),
    "sets nothing": (
        '這樣不會設定任何東西：請一行寫一個設定，像 camera = "north"',
        'this sets nothing: write each setting on a line of its own, like camera = "north"',
    ),
    "at the margin": (
        "這一行要從最左邊開始寫：請刪掉前面的空格",
        "the line must begin at the margin: delete the space before it",
    ),
    "config is damaged": (
        "{path} 壞掉了：請重寫一份，並存成 UTF-8",
        "{path} is damaged: write it again, and save it as UTF-8",
    ),
    "escape": (
        f"文字裡的 \\ 會變成特別的字：{_WRITE_PATHS_ZH}",
        f"a \\ in a text begins a special sign: {_WRITE_PATHS}",
    ),
    "escape at the end": (
        f"文字的最後不能是 \\：{_WRITE_PATHS_ZH}",
        f"a text can't end with \\: {_WRITE_PATHS}",
    ),
    "save as UTF-8": ("請存成 UTF-8", "save it as UTF-8"),
    "no text file": (
        "檔案壞掉了，或不是文字檔：請重寫一份，並存成 UTF-8",
        "it is damaged, or no text: write it again, and save it as UTF-8",
    ),
    "unseen sign": (
        "裡面有看不見的空格或符號：請刪掉，重新輸入",
        "it holds a space or sign that can't be seen: delete it, and type it again",
    ),
    "type figures": (
        "數字請把輸入法切到英文再打",
        "type figures with the input method switched to English",
    ),
    "type instead": (
        "請把輸入法切到英文，用 {right} 代替 {wrong}",
        "type {right} in place of {wrong}, with the input method switched to English",
    ),
    # whose the files are
    "not ours": (
        "{me} 不能用 {path}，它是 {owner} 的：請執行 {command}",
        "{me} can't use {path}, which belongs to {owner}: run {command}",
    ),
    "not ours, or start as": (
        "{me} 不能用 {path}，它是 {owner} 的：請用 {owner} 啟動（sudo -u {owner} …），或執行 {command}",
        "{me} can't use {path}, which belongs to {owner}: start this as {owner} (sudo -u {owner} …), "
        "or run {command}",
    ),
    "as root": (
        "現在是用 root 執行，可是 {home} 是 {owner} 的，root 在那裡建立的檔案 {owner} 不能用："
        "請用 {owner} 啟動（sudo -u {owner} …）{first}",
        "this runs as root, and {home} belongs to {owner}, who can't use what root makes there: "
        "start it as {owner} (sudo -u {owner} …){first}",
    ),
    "after": ("，先執行 {command}", ", after {command}"),
}

# -- the report and its API -----------------------------------------------------------------------------
_REPORT = {
    "api away": ("連不上 API：{why}", "the API can't be reached: {why}"),
    "api slow": (
        "API 在 {seconds} 秒內沒有回完",
        "the API did not finish its answer within {seconds} s",
    ),
    "api said": ("HTTP {status}{said}{objection}", "HTTP {status}{said}{objection}"),
    "its words": ("：{text}", ": {text}"),
    "objection": ("（{why}）", " ({why})"),
    "not unlocked": (
        "主管機關開放這台電腦的 IP 位址了嗎？",
        "has the authority unlocked the IP address of this machine?",
    ),
    "redirects": (
        "它轉到 {elsewhere}，回報不會送到那裡；請改 api_url",
        "it redirects to {elsewhere}, where the report is not sent; fix api_url",
    ),
    "stored late": (
        "檔案等了一分鐘以上才存入",
        "files wait for more than a minute before they are stored",
    ),
    "cut JSON": ("開頭像 JSON，但不完整：是不是被切斷了？", "begins like JSON and is none: was it cut?"),
    "no JSON": (
        "不是 JSON，也不是 api_success 裡的字：{words}；api_url 對嗎？"
        "如果這其實表示成功，請把這句話加進 config.py 的 api_success",
        "neither JSON nor one of api_success: {words}; is api_url right?"
        " If that was a yes, add it to api_success in config.py",
    ),
    "Desc says no": (
        "Desc 不是 api_success 裡的字：{words}；如果這其實表示成功，請把那個字加進 config.py 的 api_success",
        "Desc is none of api_success: {words}; if that was a yes, add its word to api_success in config.py",
    ),
    "nothing says yes": (
        "裡面沒有 Desc，也沒有 api_success 裡的字：{words}；如果這其實表示成功，請把其中表示成功的值加進 config.py 的 api_success",
        "it has no Desc, and no value that is one of api_success: {words};"
        " if that was a yes, add the value that says so to api_success in config.py",
    ),
    "unreadable": ("HTTP {status}，但回覆{why}", "HTTP {status}, with a reply {why}"),
    "reply too long": ("超過 {kilobytes} KB", "of more than {kilobytes} KB"),
    "reply packed": (
        "解不開（{encoding}：{error}）",
        "that can't be unpacked ({encoding}: {error})",
    ),
    "reply cut": ("被切斷了（{encoding}）", "that was cut ({encoding})"),
}

# -- the venue: cameras, capacity, clocks, disk ---------------------------------------------------------
VENUE = {
    "same camera twice": (
        "電腦 {host} 上有另一個 uploadData.py 也用 {camera} 這個名字：請在 config.py 給每台攝影機不同的 camera",
        "another uploadData.py with the name {camera} runs on {host}:"
        " give each camera a name of its own in config.py",
    ),
    "camera from address": (
        "攝影機的名字 {camera} 是用這台電腦的 IP 位址取的：請在 config.py 設定 camera",
        "camera {camera} is from this machine's address: set `camera` in config.py",
    ),
    "not used any more": (
        "config.py 的 {name} 已經用不到了，那一行可以刪掉",
        "{name} in config.py is not used any more: the line can go",
    ),
    "may count twice": (
        "資料表裡最新的資料是別的攝影機（{names}）的，沒有 {camera} 的，而 {folder} 裡有 {count} 個檔案在等。"
        "如果 {camera} 是新的攝影機，沒有問題；如果這些檔案以前的程式已經存過，就會重複計算："
        "請先看 docs/migration.md",
        "the newest rows in the table are of other cameras ({names}), none is of {camera};"
        " files waiting in {folder}: {count}. If this is a new camera, all is well."
        " If an older program has stored them, they count twice: see docs/migration.md first",
    ),
    "no file events": (
        "系統不會通知有新檔案（{why}），程式每幾秒自己看一次資料夾",
        "no file system events ({why}): the folder is listed every few seconds",
    ),
    "no log file": ("log 檔寫不進去：{path}：{why}", "no log file: {path}: {why}"),
    "no heartbeat": (
        "heartbeat_url 連不上，每分鐘會再試：{why}",
        "heartbeat_url can't be reached, trying every minute: {why}",
    ),
    "table beside": (
        "{table} 旁邊還有資料表 {other}，它的資料不會計入",
        "there is a table {other} beside {table}: its rows are not counted",
    ),
    "no default": (
        "不認得 occurrence 欄位的程式存不進去；如果有這種程式，請資料庫管理員執行："
        "ALTER TABLE {table} ALTER occurrence SET DEFAULT 0;",
        "a program that knows no column occurrence can't insert; if there is one, run as the database's"
        " administrator: ALTER TABLE {table} ALTER occurrence SET DEFAULT 0;",
    ),
    "people": ("{people} / {capacity}", "{people} / {capacity}"),
    "minutes": ("{minutes}", "{minutes}"),
    "hours ahead": ("快整整 {hours} 小時", "just {hours} h ahead"),
    "hours behind": ("慢整整 {hours} 小時", "just {hours} h behind"),
    "zone ahead": (
        '快整整 {hours} 小時（攝影機的時間對的話，請在 config.py 寫 timezone = "{zone}"）',
        'just {hours} h ahead (if it is right, write timezone = "{zone}" into config.py)',
    ),
    "zone behind": (
        '慢整整 {hours} 小時（攝影機的時間對的話，請在 config.py 寫 timezone = "{zone}"）',
        'just {hours} h behind (if it is right, write timezone = "{zone}" into config.py)',
    ),
    "gigabytes": ("{gigabytes} GB", "{gigabytes} GB"),
    "stopped since": ("{since} 起停止", "stopped since {since}"),
    "silent since": ("{since} 起沒有回應", "no sign of life since {since}"),
    "last report": ("{sent}", "{sent}"),
}

TEXTS = _SYSTEM | _FILES | _DATABASE | _TELEGRAM | _SETTINGS | _REPORT | VENUE
