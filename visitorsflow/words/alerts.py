"""The texts on the phone: the alerts with their advice, the status message, the closing message.

Each alert stands here once: its text, when it comes and what to do, in both languages. docs/make_tables.py makes
the table in docs/alerts.md of it.
"""

from typing import NamedTuple

from visitorsflow.words.reasons import VENUE


class Alert(NamedTuple):
    """An alert's text in both languages, when it comes, and what to do then; its end asks for nothing."""

    chinese: str
    english: str
    when: str
    do_chinese: str = "不用處理"
    do_english: str = "nothing"


_SET_CLOCK = ("校正這台電腦的時間，並打開自動對時。", "Set this PC's time, and switch on automatic time.")

# Of one PC.
ALERTS = {
    "silence": Alert(
        "已經{limit}沒有資料了，快去查看一下吧",
        "No file has come for {limit}: please have a look at the camera",
        "no file came for `idle_seconds`, in open hours",
        "攝影機沒有送檔案過來。看攝影機有沒有電、程式有沒有開、畫面有沒有當掉。",
        "Look at the camera: has it power, does its program run, or does it hang?",
    ),
    "silence over": Alert(
        "資料恢復了，中斷 {length}", "Files come again, after {length} without any", "a file came"
    ),
    "database": Alert(
        "資料庫連不上，{waiting} 個檔案等待中",
        "The database can't be reached; files waiting: {waiting}",
        "it lasts for 30 s",
        "檢查這台電腦的網路和資料庫主機。",
        "Check this PC's network, and the database's server.",
    ),
    "database over": Alert(
        "資料庫恢復，已補存 {caught_up} 個檔案",
        "The database is back; files stored since: {caught_up}",
        "all that waited is stored",
    ),
    "refusal": Alert(
        "資料庫拒絕存入，{waiting} 個檔案等待中：{reason}",
        "The database refuses to store; files waiting: {waiting}. It says: {reason}",
        "it lasts for 30 s",
        "資料庫連得到，但是不讓程式存資料。原因寫在冒號後面（沒有權限、空間滿了、唯讀），請轉給資料庫管理員。",
        "The server refuses, and says why (no right, no room, read-only): tell its administrator.",
    ),
    "refusal over": Alert(
        "資料庫可以存入了，已補存 {caught_up} 個檔案",
        "The database takes rows again; files stored since: {caught_up}",
        "all that waited is stored",
    ),
    "folder": Alert(
        "資料夾有問題，檔案無法處理：{reason}",
        "Trouble with the folder, files can't be worked on: {reason}",
        "it lasts for 30 s",
        "整個資料夾讀不到。常見的原因：網路磁碟機沒連上、資料夾被改名或刪掉、權限不對。",
        "The whole folder can't be read. Mostly a share is not mounted, the folder was renamed or deleted, or a right is missing.",
    ),
    "folder over": Alert("資料夾恢復正常", "The folder is all right again", "it can be listed again"),
    "part": Alert(
        "資料夾有一部分讀不到，其他檔案照常處理：{reason}",
        "A part of the folder can't be read, the rest goes on: {reason}",
        "it lasts for 30 s",
        "有一個子資料夾打不開，通常是權限不對。通知裡有它的名字。",
        "A sub-folder can't be opened, mostly because a right is missing. The message names it.",
    ),
    "part over": Alert(
        "資料夾已全部可以讀取",
        "Every part of the folder can be read again",
        "all sub-folders can be listed",
    ),
    "files": Alert(
        "有檔案無法處理：{reason}",
        "Some files can't be worked on: {reason}",
        "it lasts for 30 s",
        "檔案讀不到或搬不走。常見的原因：硬碟滿了、`stored/` 不能寫入，或檔案被別的程式（防毒、備份）開著。",
        "A file can't be read or moved. Mostly the disk is full, `stored/` is not writable, or another program (antivirus, backup) has the file open.",
    ),
    "files over": Alert(
        "先前無法處理的檔案都處理好了", "The files that could not be worked on are done", "none is left"
    ),
    "waiting": Alert(
        "有檔案等了十分鐘還沒寫完，請檢查攝影機的程式：{reason}",
        "A file has not been finished for ten minutes, look at the camera's program: {reason}",
        "it has waited for ten minutes and 30 s",
        "攝影機的程式一直沒把這個檔案寫完，請檢查那支程式。",
        "The camera's program has not finished this file: look at that program.",
    ),
    "waiting over": Alert(
        "先前卡住的檔案處理好了",
        "The file that had waited for long is done",
        "it is stored, rejected or gone",
    ),
    "delay": Alert(
        "檔案晚了十分鐘以上才存入，還有 {waiting} 個檔案等待中，目前的人數還不完整",
        "Files are stored more than ten minutes late, and the counts of now are not whole; files waiting: {waiting}",
        "what is stored had waited for ten minutes, for 30 s",
        "電腦關機或斷線過的話，等它補完就好。一直發生的話，請檢查資料庫和網路的速度。",
        "After the PC was off or cut off, wait until it has caught up. If it happens again and again, the database or the network is too slow.",
    ),
    "delay over": Alert(
        "檔案又能馬上存入了，已補存 {caught_up} 個檔案",
        "Files are stored at once again; stored since: {caught_up}",
        "all that waited is stored",
    ),
    "loop": Alert(
        "硬碟或網路磁碟機已經{limit}沒有回應，檔案無法處理：{reason}",
        "A disk or a network drive has not answered for {limit}, files can't be worked on: {reason}",
        "no answer for `idle_seconds`, a minute at least",
        "檢查硬碟、NAS 和網路線。",
        "Look at the disk, the NAS, the network cable.",
    ),
    "loop over": Alert(
        "硬碟或網路磁碟機恢復回應了，中斷 {length}",
        "The disk or network drive answers again, after {length}",
        "it answers",
    ),
    "program": Alert(
        "程式內部發生錯誤，會繼續重試，請通知維護人員：{reason}",
        "The program has an error inside; it goes on trying. Tell whoever maintains it: {reason}",
        "it lasts for 30 s",
        "把 `log/uploadData.log` 傳給維護人員。程式會繼續跑。",
        "Send `log/uploadData.log` to whoever maintains the program. It goes on trying.",
    ),
    "program over": Alert("程式恢復正常", "The program works again", "it works"),
    "not started": Alert(
        "攝影機 {camera} 的程式無法啟動，請處理：{reason}",
        "The program of camera {camera} could not start: {reason}",
        "at its start, when a person must fix the settings or the table",
        "到那台電腦看 `log/uploadData.log` 的最後幾行，照著修好，再重新啟動 `uploadData.py`。",
        "Read the last lines of `log/uploadData.log` on that PC, fix it, and start `uploadData.py` again.",
    ),
    "may count twice": Alert(
        *VENUE["may count twice"],
        "at a start where nobody is at the terminal to be asked",
        "新的攝影機：不用處理。舊的：先停下程式，照 docs/migration.md 做。",
        "A new camera: nothing. Else stop the program, and follow migration.md.",
    ),
    "same camera twice": Alert(
        *VENUE["same camera twice"],
        "at once, on one PC after some files; from each of the two",
        "在其中一台的 config.py 把 `camera` 改成別的名字，再重新啟動。如果只是有人用 `--once` 補存別的資料夾，不用處理，也不要改。",
        "Give `camera` another name in one of the two config.py, and start that program again. Where somebody only stores"
        " another folder with `--once`: nothing, and no other name.",
    ),
    "rejected": Alert(
        "{count} 個檔案有問題，已放到 rejected：{names}",
        "Put into rejected, since something is wrong with them ({count}): {names}",
        "at once, one message a minute at most",
        "打開 `Files/rejected/`，看檔名旁邊的 `.reason.txt`。修好之後放回 `Files`，就會重新存一次。其他檔案不受影響。",
        "Read the `.reason.txt` beside the file in `Files/rejected/`. Fix the file and move it back into `Files`. Other files are not affected.",
    ),
    "clock fast": Alert(
        "這台電腦的時間比資料庫快 {reason} 分鐘，請校正",
        "The clock of this PC is {reason} minutes ahead of the database's: please set it right",
        "more than two minutes, for a minute",
        *_SET_CLOCK,
    ),
    "clock slow": Alert(
        "這台電腦的時間比資料庫慢 {reason} 分鐘，請校正",
        "The clock of this PC is {reason} minutes behind the database's: please set it right",
        "more than two minutes, for a minute",
        *_SET_CLOCK,
    ),
    "clock fast over": Alert(
        "這台電腦的時間正常了", "The clock of this PC is right again", "less than a minute wrong"
    ),
    "clock slow over": Alert(
        "這台電腦的時間正常了", "The clock of this PC is right again", "less than a minute wrong"
    ),
    "camera's clock fast": Alert(
        "攝影機的時間比這台電腦快 {reason} 分鐘，請校正",
        "The camera's clock is {reason} minutes ahead of this PC's: set it right",
        "more than two minutes, five files in a row",
        "校正攝影機的時間。時間不對，人數會算到別的時段或別的日期。",
        "Set the camera's time: a wrong one counts people in another hour, or on another day.",
    ),
    "camera's clock slow": Alert(
        "攝影機的時間比這台電腦慢 {reason} 分鐘，或是檔案晚送，請校正",
        "The camera's clock is {reason} minutes behind this PC's, or its files come late: please set it right",
        "more than two minutes, five files in a row",
        "校正攝影機的時間。時間沒有錯的話，就是檔案太晚送到，請檢查攝影機的程式和網路。",
        "Set the camera's time. If it is right, files come late: look at the camera's program and network.",
    ),
    "camera's clock fast over": Alert(
        "攝影機的時間正常了", "The camera's clock is right again", "less than a minute wrong"
    ),
    "camera's clock slow over": Alert(
        "攝影機的時間正常了", "The camera's clock is right again", "less than a minute wrong"
    ),
    "clock zone": Alert(
        "這台電腦的時間比資料庫{reason}：時區可能不對，請檢查這台電腦的時區設定",
        "The clock of this PC is {reason} of the database's: its timezone is probably wrong",
        "a difference of whole hours, for a minute",
        "Windows：設定 → 時間與語言 → 時區選「台北」；Linux：`timedatectl set-timezone Asia/Taipei`。改好時區，再看時間對不對。",
        "Set the PC's timezone (Linux: `timedatectl set-timezone Asia/Taipei`), then look at its time again.",
    ),
    "clock zone over": Alert(
        "這台電腦的時區正常了", "The timezone of this PC is right again", "no whole hours any more"
    ),
    "camera's clock zone": Alert(
        "時區可能不對：攝影機的時間比這台電腦{reason}",
        "A timezone is probably wrong: the camera's clock, against this PC's, is {reason}",
        "a difference of whole hours, five files in a row",
        "攝影機的時間對的話，在 config.py 加上通知裡那一行 `timezone`，再重新啟動；攝影機的時間不對的話，改攝影機的時區。",
        "If the camera shows the right time, put the line `timezone` of the message into config.py and start again; if not, set the camera's timezone.",
    ),
    "camera's clock zone over": Alert(
        "攝影機的時區正常了", "The camera's timezone is right again", "no whole hours any more"
    ),
    "disk": Alert(
        "硬碟快滿了，只剩 {reason}，請清出空間；設定 stored_days 會自動刪掉舊檔案",
        "The disk is nearly full, only {reason} are left: please make room; stored_days deletes old files",
        "less than 1 GB or 2 % is free for 30 s",
        "刪掉 `Files/stored/` 裡不需要的日期。",
        "Delete the days in `Files/stored/` that nobody needs.",
    ),
    "disk over": Alert("硬碟空間足夠了", "The disk has room again", "a quarter more than that is free"),
}

# Of the venue as a whole: one PC says them for all.
ALERTS_OF_VENUE = {
    "camera": Alert(
        "攝影機 {camera} 的電腦從 {since} 起沒有回應，請檢查電源和網路",
        "The PC of camera {camera} has not answered since {since}: check its power and network",
        "no sign of life for 90 s, in open hours",
        "到那台攝影機看看：電腦有沒有開機、網路線有沒有接好。",
        "Go there: is the PC on, is its network cable plugged in?",
    ),
    "camera stopped": Alert(
        "攝影機 {camera} 的程式 {since} 已停止，請重新啟動",
        "The program of camera {camera} has been stopped since {since}: please start it",
        "it was ended, five minutes of open time ago",
        "有人關掉了那台電腦上的 `uploadData.py`，請重新啟動。",
        "Somebody ended `uploadData.py` on that PC: start it again.",
    ),
    "cameras": Alert(
        "這些攝影機的電腦沒有回應，請檢查電源和網路：{cameras}",
        "The PCs of these cameras do not answer, please check power and network: {cameras}",
        "several at once",
        "同時好幾台的話，先檢查共用的電源和網路設備。",
        "Check first the power and the network that they share.",
    ),
    "camera over": Alert(
        "攝影機 {camera} 的電腦恢復了，中斷 {length}",
        "The PC of camera {camera} answers again, after {length}",
        "it answers",
    ),
    "cameras over": Alert(
        "這些攝影機的電腦恢復了：{cameras}",
        "The PCs of these cameras answer again: {cameras}",
        "several at once",
    ),
    "capacity near": Alert(
        "場內人數已達上限的九成（{reason}），請準備管制入場",
        "Nearly full: {reason} people are inside, get ready to stop the entry",
        "90 % of `capacity`",
        "人數快滿了，請準備管制入場。",
        "Get ready to stop the entry.",
    ),
    "capacity near over": Alert(
        "場內人數降到上限的 85% 以下了",
        "No longer nearly full: fewer than 85 % of the capacity are inside",
        "fewer than 85 %",
    ),
    "capacity": Alert(
        "場內人數已達上限（{reason}），請管制入場",
        "Full: {reason} people are inside, please stop the entry",
        "100 % of `capacity`",
        "已經滿了，請停止入場，等人數降下來。",
        "Stop the entry until fewer are inside.",
    ),
    "capacity over": Alert(
        "場內人數降到上限的 95% 以下了",
        "No longer full: fewer than 95 % of the capacity are inside",
        "fewer than 95 %",
    ),
    "telegram": Alert(
        "這台電腦的通知已經{limit}送不出去了，請檢查它的網路和 Telegram 登入：{reason}",
        "No alert has gone from this PC for {limit}, look at its network and its Telegram sign-in: {reason}",
        "for ten minutes; another PC says it, and what else is the matter there",
        "到那台電腦看 `log/uploadData.log`：網路連不連得到 Telegram、要不要重新登入。",
        "Read `log/uploadData.log` there: does its network reach Telegram, must somebody sign in again?",
    ),
    "telegram over": Alert(
        "這台電腦的通知又送得出去了", "Alerts go from this PC again", "one went, or could go"
    ),
    "report": Alert(
        "已經{limit}沒有回報了，最後一次是 {reason}，請檢查 callAPI.py 的排程和 log/callAPI.log",
        "No report has been sent for {limit}, the last one at {reason}: please check cron for callAPI.py, and log/callAPI.log",
        "no report for 15 minutes, in open hours",
        "檢查負責回報的電腦有沒有開、排程（crontab）還在不在，再看 `log/callAPI.log`。",
        "Is the PC on that reports, and is its crontab still there? Then read `log/callAPI.log`.",
    ),
    "report over": Alert("回報恢復正常", "Reports are sent again", "a report was sent"),
    "report refused": Alert(
        "連續三次回報失敗，請看 log/callAPI.log：{reason}",
        "Three reports in a row were not accepted, look at log/callAPI.log: {reason}",
        "the third in a row",
        "`log/callAPI.log` 裡有對方的回覆，必要時聯絡主管機關。",
        "`log/callAPI.log` has the API's words ([what they mean](report.md#when-the-api-refuses)); tell the authority if need be.",
    ),
    "report refused over": Alert("回報恢復正常", "Reports are accepted again", "a report was accepted"),
}

_OTHERS = {
    "of camera": ("{camera}：{text}", "{camera}: {text}"),
    "rejected one": ("{name}（原因：{reason}）", "{name} ({reason})"),
    "one of the cameras": ("{camera}（從 {since} 起）", "{camera} (since {since})"),
    "one of the cameras stopped": (
        "{camera}（程式 {since} 已停止）",
        "{camera} (since {since}, the program was stopped)",
    ),
    "one of the cameras over": ("{camera}（中斷 {length}）", "{camera} (after {length})"),
    # the status message
    "status away": (
        "⚠ {since} 起資料庫連不上，以下是舊數字",
        "⚠ The database has been away since {since}; what follows is old",
    ),
    "status": ("場內 {inside} 人", "{inside} inside"),
    "status counts": ("今日進場 {came_in} 人次、出場 {went_out} 人次", "Today {came_in} in, {went_out} out"),
    "status busiest": (
        "最忙的一小時 {start}:00–{end}:00：進 {came_in}、出 {went_out}",
        "Busiest hour {start}:00–{end}:00: {came_in} in, {went_out} out",
    ),
    "status hour": (
        "上一小時 {start}:00–{end}:00：進 {came_in}、出 {went_out}",
        "Last hour {start}:00–{end}:00: {came_in} in, {went_out} out",
    ),
    "status camera": ("攝影機 {camera}：{word}", "Camera {camera}: {word}"),
    "status others": ("其他 {count} 台：{word}", "{count} others: {word}"),
    "status since": ("{word}（{since} 起）", "{word} (since {since})"),
    "status trouble": ("{word}：{about}", "{word}: {about}"),
    "camera is well": ("正常", "all right"),
    "camera is closed": ("未開放", "closed"),
    "camera is trouble": ("有問題", "in trouble"),
    "camera is silent": ("沒有資料 {length}", "no files {length}"),
    "camera is new": ("還沒有資料", "no files yet"),
    "camera is stopped": ("已停止 {length}", "stopped {length}"),
    "camera is dead": ("沒有回應 {length}", "no answer {length}"),
    "status database": ("資料庫：正常", "Database: all right"),
    "status database away": ("資料庫：連不上", "Database: can't be reached"),
    "status cameras unknown": ("攝影機：不明", "Cameras: not known"),
    "status stores nothing": (
        "存檔：⚠ 停住了，檔案在資料夾裡等，不會遺失",
        "Storing: ⚠ it stands still; files wait in the folders, nothing is lost",
    ),
    "status stores all": ("存檔：正常，沒有檔案等待", "Storing: all right, no file waits"),
    "status stores": ("存檔：正常，等待 {count} 個檔案", "Storing: all right, files waiting: {count}"),
    "status waits": (
        "存檔：⚠ 等待 {count} 個檔案（{cameras}）",
        "Storing: ⚠ files waiting: {count} ({cameras})",
    ),
    "status none rejected": ("有問題的檔案：今天沒有", "Rejected files: none today"),
    "status rejected": ("有問題的檔案：今天 {count} 個", "Rejected files: {count} today"),
    "status newest rejected": ("{text}，最近：{reason}", "{text}; the last: {reason}"),
    "status report": ("回報 {sent}：{verdict}", "Report of {sent}: {verdict}"),
    "status report late": (
        "回報 {sent}：{verdict} ⚠ 太久沒回報",
        "Report of {sent}: {verdict} ⚠ none for long",
    ),
    "status accepted": ("成功", "accepted"),
    "status refused": ("⚠ 回報失敗", "⚠ not accepted"),
    "status no answer": ("⚠ 回報沒有回應", "⚠ no answer"),
    "status no report": ("回報：還沒有", "Report: none yet"),
    "status phone": ("手機：最後送達 {at}", "Phone: last reached {at}"),
    "status missing": ("有些資料讀不到：{missing}", "Not everything can be read: {missing}"),
    # the closing message
    "closing": ("{day} {weekday} 全日統計", "{weekday} {day}, the whole day"),
    "closing counts": ("進場 {came_in} 人次、出場 {went_out} 人次", "{came_in} in, {went_out} out"),
    "closing peak": ("場內最多 {people} 人（{at}）", "At most {people} inside ({at})"),
    "closing inside": (
        "結束時還有 {people} 人未計入出場（{percent}%）",
        "{people} were not counted out at the end ({percent} %)",
    ),
    "closing more out": (
        "出場比進場多計 {people} 人（{percent}%）",
        "{people} more were counted out than in ({percent} %)",
    ),
    "closing even": ("進出人數相符", "As many were counted out as in"),
    "closing gap": ("攝影機 {camera} 中斷 {length}", "Camera {camera} was silent for {length}"),
    "closing gone": (
        "攝影機 {camera} 在 {at} 移除，之後沒有計入",
        "Camera {camera} was taken out at {at}, and did not count from then on",
    ),
    "closing no gap": ("攝影機全日正常", "No camera had a gap"),
    "closing no gap since": (
        "{since} 以後攝影機都正常，之前的沒有紀錄",
        "No camera had a gap after {since}; nothing is known of the time before",
    ),
    "closing gaps since": (
        "（{since} 以前的中斷可能沒列出來）",
        "(gaps before {since} may not be listed)",
    ),
    "closing gaps not known": ("這一天的攝影機狀況沒有紀錄", "It is not known whether the cameras had gaps"),
    "closing reports": ("回報 {sent} 次，{accepted} 次成功", "{sent} reports, {accepted} accepted"),
    "closing no report": ("當天沒有回報", "No report was sent"),
    "picture in": ("進場", "In"),
    "picture out": ("出場", "Out"),
    "picture peak": ("場內最多", "Most inside"),
    "picture gaps": ("有攝影機沒有資料的時段", "a camera sent no files"),
}

_ALL = ALERTS | ALERTS_OF_VENUE
TEXTS = {
    **{key: (text.chinese, text.english) for key, text in _ALL.items()},
    **{f"{key} do": (text.do_chinese, text.do_english) for key, text in _ALL.items()},
    **_OTHERS,
}
