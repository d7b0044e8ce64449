"""When each alert comes, and what to do then, in both languages; docs/make_tables.py makes a table of it."""

from typing import NamedTuple


class Advice(NamedTuple):
    """The advice beside an alert's text; the end of a trouble asks for nothing."""

    when: str
    chinese: str = "不用處理"
    english: str = "nothing"


CLOCK = (
    "校正這台電腦的時間，並打開自動對時。",
    "Set this PC's time, and switch on automatic time.",
)

OF_ONE_PC = {
    "silence": Advice(
        "no file came for `idle_seconds`, in open hours",
        "攝影機沒有送檔案過來。看攝影機有沒有電、程式有沒有開、畫面有沒有當掉。",
        "Look at the camera: has it power, does its program run, or does it hang?",
    ),
    "silence over": Advice("a file came"),
    "database": Advice(
        "it lasts for 30 s",
        "檢查這台電腦的網路和資料庫主機。",
        "Check this PC's network, and the database's server.",
    ),
    "database over": Advice("all that waited is stored"),
    "refusal": Advice(
        "it lasts for 30 s",
        "資料庫連得到，但是不讓我們寫。原因寫在冒號後面（沒有權限、空間滿了、唯讀），請轉給資料庫管理員。",
        "The server refuses, and says why (no right, no room, read-only): tell its administrator.",
    ),
    "refusal over": Advice("all that waited is stored"),
    "folder": Advice(
        "it lasts for 30 s",
        "整個資料夾讀不到。常見的原因：網路磁碟機沒連上、資料夾被改名或刪掉、權限不對。",
        "The whole folder can't be read. Mostly a share is not mounted, the folder was renamed or deleted, "
        "or a right is missing.",
    ),
    "folder over": Advice("it can be listed again"),
    "part": Advice(
        "it lasts for 30 s",
        "有一個子資料夾打不開，通常是權限不對。通知裡有它的名字。",
        "A sub-folder can't be opened, mostly because a right is missing. The message names it.",
    ),
    "part over": Advice("all sub-folders can be listed"),
    "files": Advice(
        "it lasts for 30 s",
        "檔案讀不到或搬不走。常見的原因：硬碟滿了、`stored/` 不能寫入，或檔案被別的程式（防毒、備份）開著。",
        "A file can't be read or moved. Mostly the disk is full, `stored/` is not writable, or another "
        "program (antivirus, backup) has the file open.",
    ),
    "files over": Advice("none is left"),
    "waiting": Advice(
        "it has waited for ten minutes and 30 s",
        "攝影機的程式一直沒把這個檔案寫完，請檢查那支程式。",
        "The camera's program has not finished this file: look at that program.",
    ),
    "waiting over": Advice("it is stored, rejected or gone"),
    "loop": Advice(
        "no answer for `idle_seconds`, a minute at least",
        "檢查硬碟、NAS 和網路線。",
        "Look at the disk, the NAS, the network cable.",
    ),
    "loop over": Advice("it answers"),
    "program": Advice(
        "it lasts for 30 s",
        "把 `log/uploadData.log` 傳給維護人員。程式會繼續跑。",
        "Send `log/uploadData.log` to whoever maintains the program. It goes on trying.",
    ),
    "program over": Advice("it works"),
    "rejected": Advice(
        "at once, one message a minute at most",
        "打開 `Files/rejected/`，看檔名旁邊的 `.reason.txt`。修好之後放回 `Files`，就會重新存一次。"
        "其他檔案不受影響。",
        "Read the `.reason.txt` beside the file in `Files/rejected/`. Fix the file and move it back into "
        "`Files`. Other files are not affected.",
    ),
    "clock fast": Advice("more than two minutes, for a minute", *CLOCK),
    "clock slow": Advice("more than two minutes, for a minute", *CLOCK),
    "clock fast over": Advice("less than a minute wrong"),
    "clock slow over": Advice("less than a minute wrong"),
    "camera's clock fast": Advice(
        "more than two minutes, five files in a row",
        "校正攝影機的時間。時間不對，人數會算到別的時段或別的日期。",
        "Set the camera's time: a wrong one counts people in another hour, or on another day.",
    ),
    "camera's clock slow": Advice(
        "more than two minutes, five files in a row",
        "校正攝影機的時間。時間沒有錯的話，就是檔案太晚送到，請檢查攝影機的程式和網路。",
        "Set the camera's time. If it is right, files come late: look at the camera's program and network.",
    ),
    "camera's clock fast over": Advice("less than a minute wrong"),
    "camera's clock slow over": Advice("less than a minute wrong"),
    "disk": Advice(
        "less than 1 GB or 2 % is free for 30 s",
        "刪掉 `Files/stored/` 裡不需要的日期。",
        "Delete the days in `Files/stored/` that nobody needs.",
    ),
    "disk over": Advice("a quarter more than that is free"),
}

OF_THE_VENUE = {
    "camera": Advice(
        "no sign of life for 90 s, in open hours",
        "到那台攝影機看看：電腦有沒有開機、網路線有沒有接好。",
        "Go there: is the PC on, is its network cable plugged in?",
    ),
    "camera stopped": Advice(
        "it was ended, five minutes of open time ago",
        "有人關掉了那台電腦上的 `uploadData.py`，請重新啟動。",
        "Somebody ended `uploadData.py` on that PC: start it again.",
    ),
    "cameras": Advice(
        "several at once",
        "同時好幾台的話，先檢查共用的電源和網路設備。",
        "Check first the power and the network that they share.",
    ),
    "camera over": Advice("it answers"),
    "cameras over": Advice("several at once"),
    "capacity near": Advice(
        "90 % of `capacity`", "人數快滿了，請準備管制入場。", "Get ready to stop the entry."
    ),
    "capacity near over": Advice("fewer than 85 %"),
    "capacity": Advice(
        "100 % of `capacity`",
        "已經滿了，請停止入場，等人數降下來。",
        "Stop the entry until fewer are inside.",
    ),
    "capacity over": Advice("fewer than 95 %"),
    "report": Advice(
        "no report for 15 minutes, in open hours",
        "檢查負責回報的電腦有沒有開、排程（crontab）還在不在，再看 `log/callAPI.log`。",
        "Is the PC on that reports, and is its crontab still there? Then read `log/callAPI.log`.",
    ),
    "report over": Advice("a report was sent"),
    "report refused": Advice(
        "the third in a row",
        "`log/callAPI.log` 裡有對方的回覆，必要時聯絡主管機關。",
        "`log/callAPI.log` has the API's words ([what they mean](report.md#when-the-api-refuses)); tell the "
        "authority if need be.",
    ),
    "report refused over": Advice("a report was accepted"),
}
