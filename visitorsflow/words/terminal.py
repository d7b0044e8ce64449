"""The texts on a terminal: the view, `--history`, `--csv`, and the questions of signing in."""

TEXTS = {
    # the view
    "view without": ("⚠ 少 {count} 台", "⚠ {count} missing"),
    "view inside": ("場內", "inside"),
    "view capacity": ("／上限 {capacity}", " of {capacity}"),
    "view nearly full": ("快滿了", "nearly full"),
    "view full": ("滿了", "FULL"),
    "view in": ("進", "in"),
    "view out": ("出", "out"),
    "view came in": ("進場", "in"),
    "view went out": ("出場", "out"),
    "view busiest": ("最忙 {hour} 點 {count} 人次", "busiest {hour}:00 {count}"),
    "view busiest short": ("最忙 {hour} 點 {count}", "top {hour}:00 {count}"),
    "view scale": ("最高", "top"),
    "view scale of": ("{count}／時", "{count}/h"),
    "view hour": ("時", "hour"),
    "view old": ("⚠ {at} 的舊數字（{age}前）", "⚠ old numbers, of {at} ({age} ago)"),
    "view nothing yet": ("還沒有今天的數字", "no numbers of today yet"),
    "view seconds": ("{count} 秒", "{count} s"),
    "view minutes": ("{count} 分鐘", "{count} min"),
    "view hours": ("{count} 小時", "{count} h"),
    "view days": ("{count} 天", "{count} d"),
    "view ago": ("{age}前", "{age} ago"),
    "view too small": ("視窗太小，請放大到 80x24", "Too small: make it 80x24"),
    "view database": ("資料庫", "database"),
    "view database works": ("正常", "well"),
    "view database unread": ("還沒讀取", "not read yet"),
    "view database old": ("沒有回應", "no answer"),
    "view database away": ("連不上", "away"),
    "view database refuses": ("拒絕存入", "refuses"),
    "view folder": ("資料夾", "folder"),
    "view folder works": ("正常", "well"),
    "view folder trouble": ("有問題", "bad"),
    "view telegram": ("手機", "phone"),
    "view telegram works": ("可通知", "ready"),
    "view telegram reached": ("最後送達 {at}", "last reached {at}"),
    "view telegram waits": ("送不出去", "fails"),
    "view telegram none": ("未設定", "not set up"),
    "view telegram nobody": ("還沒有電腦可通知", "no PC ready yet"),
    "view report none": ("還沒有回報過", "no report yet"),
    "view report yes": ("回報成功", "report accepted"),
    "view report no": ("回報失敗", "report refused"),
    "view report silent": ("回報沒有回應", "report: no answer"),
    "view report partial": ("資料不完整", "partial"),
    "view report late": ("太久沒回報", "late"),
    "view program": ("程式有錯誤", "error in the program"),
    "view not yet": (
        "還沒有資料：uploadData.py 第一次啟動後才會有",
        "nothing yet: start uploadData.py first",
    ),
    "view missing": ("讀不到：{what}", "can't be read: {what}"),
    "view camera name": ("攝影機", "camera"),
    "view camera health": ("狀態", "state"),
    "view camera crossing": ("最後有人經過", "last crossing"),
    "view camera in": ("進場", "in"),
    "view camera out": ("出場", "out"),
    "view camera file": ("最後收到檔案", "last file"),
    "view camera age": ("距今", "age"),
    "view camera waiting": ("等待", "wait"),
    "view camera none": ("還沒有攝影機的資料", "nothing of any camera yet"),
    "view camera more": ("還有 {count} 台：{healths}", "{count} more: {healths}"),
    "view reasons": ("；", "; "),
    "view reason of": ("{camera} {text}", "{camera} {text}"),
    "view camera": ("攝影機 {name}：{health}", "camera {name}: {health}"),
    "view health well": ("正常", "well"),
    "view health closed": ("未開放", "closed"),
    "view health unknown": ("不明", "not known"),
    "view health new": ("還沒有資料", "no file yet"),
    "view health trouble": ("有問題", "trouble"),
    "view health stopped": ("停止", "stopped"),
    "view health silent": ("沒有資料", "no files"),
    "view health dead": ("沒有回應", "no answer"),
    "view uploader": ("本機 {camera}", "this PC {camera}"),
    "view stored": ("本次啟動後已存 {count} 個檔案", "{count} stored since the start"),
    "view stored at": ("（{at}）", " ({at})"),
    "view waiting": ("等待 {count}", "{count} waiting"),
    "view rejected count": ("今天有問題的檔案 {count}", "{count} rejected today"),
    "view newest rejected": ("{name} 已放到 rejected（原因：{reason}）", "rejected last: {name}  {reason}"),
    "view all PCs": ("所有電腦", "all PCs"),
    "view none rejected": ("今天沒有有問題的檔案", "no file was rejected today"),
    "view progress": (
        "補存中 {done}/{total}　每秒 {speed} 個",
        "catching up {done}/{total}  {speed} a second",
    ),
    "view left": ("　還要 {left}", "  {left} left"),
    "view rejected": ("{name} 已放到 rejected（原因：{reason}）", "rejected {name}: {reason}"),
    "view read again": (
        "{name} 存好之後又被改寫，重新讀取",
        "{name} was changed after it was stored: read again",
    ),
    "view report accepted": ("回報恢復正常", "reports are accepted again"),
    "view report refused": ("回報失敗：{reply}", "report refused: {reply}"),
    "view report silent now": ("回報沒有回應：{reply}", "report without an answer: {reply}"),
    "view reason": ("{reason}", "{reason}"),
    "view remark": ("請看 log/uploadData.log：{text}", "{text}"),
    "view alerts wait": ("手機通知送不出去：{reason}", "alerts can't be sent: {reason}"),
    "view told": ("{text}", "{text}"),
    "view told over": ("{text}，已恢復，中斷 {length}", "{text}: over after {length}"),
    "view unread": ("資料庫：{reason}", "database: {reason}"),
    "view read": ("資料庫連上了，中斷 {length}", "the database answers again, after {length}"),
    "view no happenings": ("今天還沒有新的事件", "nothing new today"),
    "view notices": ("啟動時的警告（按任意鍵收起）：", "warnings of the start (any key puts them away):"),
    "demo over": (
        "示範結束：這一天進場 {came_in} 人次、出場 {went_out} 人次。正式使用請看 README.md",
        "The demo is over: {came_in} came in that day, {went_out} went out. README.md tells how to begin",
    ),
    "ask may store": ("{reason}。要存入嗎？(y/N)", "{reason}. Store them? (y/N)"),
    "view keys": ("Ctrl-C 結束　? 說明", "Ctrl-C ends  ? help"),
    "view keys only": ("q 結束　? 說明", "q ends  ? help"),
    "view ending": (
        "再按一次 Ctrl-C（5 秒內）才會停止存入",
        "press Ctrl-C again within 5 s to stop the storing",
    ),
    "view help title": ("畫面說明", "What the screen says"),
    "view help end": ("按任意鍵回到畫面", "any key: back"),
    "view help": (
        "場內、進場、出場|整個場地今天的人次，跟回報一樣；開到半夜以後：場內接著算\n"
        "⚠ 少 東門|東門的資料還沒進來，現在的人數比實際少\n"
        "⚠ 舊數字|資料庫連不上，這是那個時間的數字，不是現在的\n"
        "回報成功、回報失敗|最後一次回報給主管機關的結果；太久沒回報：請檢查 callAPI.py 的排程\n"
        "手機 最後送達|最後一次送到手機的時間；可通知：最近沒有通知；送不出去：恢復後補送\n"
        "長條圖|往上是每小時進場，往下是每小時出場；> 是現在這個小時；最高：長條全滿代表的人次\n"
        "攝影機 正常|檔案一直有進來\n"
        "沒有資料|開放時間內太久沒有檔案：看攝影機有沒有電、程式有沒有當掉\n"
        "沒有回應|那台電腦關機了，或網路斷了：請檢查電源和網路\n"
        "停止|那台電腦上的程式被人關掉了：請重新啟動\n"
        "不明|資料庫連不上，不知道攝影機現在怎麼樣\n"
        "未開放|現在不是開放時間，沒有檔案是正常的\n"
        "等待|還沒存進資料庫的檔案數，之後會補存，不會遺失；? 是資料庫連不上，不知道\n"
        "有問題的檔案|內容不對，已放到 Files/rejected，原因寫在旁邊的 .reason.txt\n"
        "結束|Ctrl-C 停止程式，還沒存的檔案留在資料夾，下次啟動會繼續；--view 的畫面按 q",
        "inside, in, out|people of the whole venue today, as reported; past midnight, inside goes on\n"
        "⚠ without east|rows of that camera are missing: the numbers are too low\n"
        "⚠ old numbers|the database can't be reached: these are the numbers of that time\n"
        "report accepted, refused|the authority's answer to the last report; late: look at cron for callAPI.py\n"
        "phone last reached|when a message last arrived; ready: none lately; fails: alerts wait, and go later\n"
        "the bars|up: who came in each hour, down: who went out; > is this hour; top: a bar of full height\n"
        "well|files come\n"
        "no files|none for too long, in open hours: has the camera power, does its program run?\n"
        "no answer|that PC is off, or its network: check both\n"
        "stopped|somebody has ended its program: start it again\n"
        "not known|the database can't be reached\n"
        "closed|no files need come now\n"
        "waiting|files not in the database yet, nothing is lost; ?: not known\n"
        "rejected|files with something wrong, in Files/rejected, each with its .reason.txt\n"
        "to end|Ctrl-C ends the program, what waits in the folder waits for the next start; with --view: q",
    ),
    "about silence": ("沒有資料", "no files"),
    "about database": ("資料庫連不上", "database away"),
    "about refusal": ("資料庫拒絕存入", "database refuses"),
    "about folder": ("資料夾", "folder"),
    "about part": ("資料夾", "folder"),
    "about files": ("檔案", "files"),
    "about waiting": ("檔案", "files"),
    "about loop": ("硬碟或網路磁碟機", "disk or network drive"),
    "about program": ("程式", "program"),
    "about telegram": ("Telegram", "Telegram"),
    "about clock fast": ("電腦時間快 {reason} 分鐘", "clock {reason} min fast"),
    "about clock slow": ("電腦時間慢 {reason} 分鐘", "clock {reason} min slow"),
    "about clock zone": ("電腦的時區可能不對，{reason}", "this PC's timezone is probably wrong, {reason}"),
    "about camera's clock fast": ("攝影機時間快 {reason} 分鐘", "camera's clock {reason} min fast"),
    "about camera's clock slow": ("攝影機時間慢 {reason} 分鐘", "camera's clock {reason} min slow"),
    "about camera's clock zone": (
        "時區可能不對，攝影機{reason}",
        "timezone is probably wrong, camera {reason}",
    ),
    "about camera": ("電腦沒有回應", "its PC does not answer"),
    "about capacity near": ("快滿了", "nearly full"),
    "about capacity": ("滿了", "full"),
    "about report": ("太久沒回報", "no report for long"),
    "about report refused": ("回報失敗", "reports refused"),
    "about delay": ("檔案太晚存入", "files are stored late"),
    "about rejected": ("有問題的檔案", "rejected files"),
    "about disk": ("硬碟快滿了", "disk nearly full"),
    # callAPI.py --history and --csv
    "history sent": ("送出時間", "sent at"),
    "history day": ("日期", "day"),
    "history inside": ("場內", "inside"),
    "history in": ("進", "in"),
    "history out": ("出", "out"),
    "history verdict": ("結果", "result"),
    "history accepted": ("✓ 成功", "✓ accepted"),
    "history refused": ("✗ 回報失敗", "✗ refused"),
    "history no answer": ("? 沒有回應", "? no answer"),
    "history partial": ("資料不完整", "partial"),
    "history reply": ("對方的回覆", "reply"),
    "history none": ("還沒有送出過回報（{where}）", "No report has been sent yet ({where})"),
    "history none of day": ("{day} 沒有送出過回報（{where}）", "No report has been sent for {day} ({where})"),
    "history no table": (
        "還沒有回報紀錄：{where} 裡沒有 PeopleFlowReport 這個資料表。callAPI.py 下次送出回報時會自己建立；如果一直沒有，請給資料庫帳號 CREATE 權限",
        "No report is kept yet: there is no table PeopleFlowReport in {where}. callAPI.py makes it when it sends its next report; if it does not, give the database's user the right CREATE",
    ),
    "sheet in": ("進 {of}", "in {of}"),
    "sheet out": ("出 {of}", "out {of}"),
    "sheet written": ("寫好了：{file}", "written: {file}"),
    "sheet total": ("合計", "total"),
    # uploadData.py --forget
    "forget unknown": (
        "沒有 {name} 這台攝影機；有的是：{names}",
        "There is no camera {name}; there are: {names}",
    ),
    "forget sure": (
        "把攝影機 {name} 從畫面和通知裡拿掉？它存過的人次都會留著。(y/N) ",
        "Take camera {name} out of the view and the alerts? What it has stored stays. (y/N) ",
    ),
    "forget kept": ("沒有改變", "Nothing was changed"),
    "forget done": (
        "攝影機 {name} 已經拿掉；它的程式如果再啟動，就會自己回來",
        "Camera {name} is taken out; it is back by itself when its program is started again",
    ),
    # signing in to Telegram
    "ask to begin": (
        "Telegram：按 Enter，登入驗證碼就會傳到 {phone}：",
        "Telegram: press Enter to have a sign-in code sent to {phone}: ",
    ),
    "ask code": ("驗證碼：", "Code: "),
    "ask password": ("兩步驟驗證的密碼：", "Two-step password: "),
    "sign-in done": ("已經登入 Telegram（{phone}）", "Signed in to Telegram ({phone})"),
    "sign-in failed": (
        "{reason}。程式會繼續執行，通知先寫在 log 裡",
        "{reason}. The program goes on, and alerts stand in its log",
    ),
    "ask again": (
        "不對，還可以試 {left} 次。{question}",
        "That was not right, tries left: {left}. {question}",
    ),
    "bundle begins": ("正在收集資料，最多要幾分鐘 ...", "Collecting, which may take some minutes ..."),
    "bundle made": (
        "做好了：{path}（{size} kB）。密碼、權杖、電話號碼都遮住了，可以傳給幫忙處理的人",
        "Made {path} ({size} kB). Passwords, tokens and phone numbers are hidden in it: send it to whoever helps",
    ),
    "bundle unwritten": (
        "{path} 寫不進去：{reason}。請換一個檔名或資料夾：--bundle 檔名",
        "{path} can't be written: {reason}. Give another one: --bundle FILE",
    ),
}
