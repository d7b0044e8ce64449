"""What `--help` says in Chinese. The English stands beside each option, in the scripts.

By script, then by the option's name; "" is what the script does.
"""

USAGE, OPTIONS, ARGUMENTS = "用法：", "選項", "參數"

BOTH = {
    "help": "顯示這份說明",
    "config": "設定檔（預設是程式旁邊的 config.py）",
    "version": "顯示版本",
}
CHINESE = {
    "uploadData.py": BOTH
    | {
        "": "把資料夾裡每個 JSON 檔案的每一筆進出存進資料庫，不漏也不重複；太久沒有新檔案就通知。",
        "folder": "要看的資料夾（預設是設定裡的 watch_folder）",
        "once": "把資料夾裡的檔案處理完就結束",
        "plain": "終端機只顯示 log，不顯示畫面",
        "verbose": "每存一個檔案，log 就寫一行",
        "bundle": "做一個 zip 檔給幫忙處理的人，裡面沒有密碼（預設放在 config.py 旁邊）",
        "view": "只看今天的畫面，任何一台電腦都可以",
        "json": "跟 --view 一起用：印出一個 JSON 物件就結束",
        "web": "讓瀏覽器看今天的人流（預設是 127.0.0.1:8080）",
        "check": "把設定和連線檢查一遍，告訴你哪裡要處理",
        "ring": "跟 --check 一起用：不問就傳一則測試訊息",
        "try_files": "只顯示這些檔案會怎麼讀，不存任何資料",
        "demo": "兩分鐘看完一天，什麼都不用準備",
        "forget": "把不再使用的攝影機從畫面和通知裡拿掉",
        "yes": "跟 --forget 一起用：不再確認",
    },
    "callAPI.py": BOTH
    | {
        "": "把今天的場內、進場、出場人數回報給主管機關的 API，然後結束。",
        "date": "YYYY-MM-DD、today（今天）或 yesterday（昨天）；預設是今天到現在。跟 --csv 一起用也可以寫 A..B，從 A 到 B 每一天",
        "dry_run": "只印出會送出的內容，不送出",
        "csv": "把那一天每台攝影機每小時的人次寫進 FILE 或印出來，給 Excel 用",
        "history": "列出最近 N 次回報，所有日期，或 --date 那一天的（預設 20 次）",
    },
}
