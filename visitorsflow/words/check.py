"""The lines of `uploadData.py --check`: a text for each thing that is found.

A text "KEY do" says what to do about "KEY".
"""

TEXTS = {
    "check all well": ("檢查完了，沒有問題", "Everything was looked at, and nothing is wrong"),
    "check troubles": (
        "檢查完了，有 {count} 個地方要處理（打 {sign} 的）",
        "Everything was looked at; to be fixed ({sign}): {count}",
    ),
    "check no answer": ("等了 {seconds} 秒都沒有回應", "no answer within {seconds} s"),
    "check no answer do": (
        "硬碟、網路磁碟機、網路或那一台主機可能有問題，請先確認它有在運作",
        "a disk, a network drive, the network or that machine may be in trouble: see that it runs",
    ),
    "check defect": ("檢查的程式自己出錯了：{reason}", "the check itself has an error: {reason}"),
    "check defect do": ("請通知維護人員", "tell whoever maintains it"),
    "check config": ("設定", "Settings"),
    "check config well": ("設定檔沒有錯：{path}", "nothing is wrong in {path}"),
    "check config none": (
        "沒有設定檔 {path}，全部用預設值",
        "there is no {path}: every setting has its default",
    ),
    "check config none do": (
        "要正式使用，請把 config.py.example 複製成 config.py，再填入資料庫等設定",
        "for a venue, copy config.py.example to config.py and set the database and the rest",
    ),
    "check config wrong": ("{reason}", "{reason}"),
    "check config wrong do": ("請修改設定檔，再檢查一次", "fix config.py, and check again"),
    "check config exposed": (
        "別的使用者也讀得到 {path}，裡面有密碼",
        "other users can read {path}, which holds secrets",
    ),
    "check config exposed do": ("請執行：chmod 600 {path}", "run: chmod 600 {path}"),
    "check config retired": ("設定 {name} 已經用不到了", "the setting {name} is not used any more"),
    "check config retired do": ("把 config.py 裡的這一行刪掉就好", "delete its line in config.py"),
    "check camera guessed": (
        "攝影機的名字是 {name}，這是從這台電腦的網路位址猜的",
        "the camera's name is {name}, which is from this machine's address",
    ),
    "check camera guessed do": (
        "位址以後可能會變，請在 config.py 設定 camera",
        "an address may change: set camera in config.py",
    ),
    "check own files": ("程式自己的檔案都可以讀寫", "the program's own files can be read and written"),
    "check own files wrong": (
        "有檔案是別的使用者的，程式可能不能用",
        "some files belong to another user, and the program may not be able to use them",
    ),
    "check own files wrong do": ("{command}", "{command}"),
    "check folder": ("資料夾", "Folder"),
    "check folder there": ("找得到 {path}", "{path} is there"),
    "check folder none": ("還沒有 {path}", "there is no {path} yet"),
    "check folder none do": (
        "uploadData.py 啟動時會建立；如果是網路磁碟機，請先確認已經連上",
        "uploadData.py makes it at its start; if it is a network drive, see that it is connected",
    ),
    "check folder not made": (
        "沒有 {path}，也不能建立：{above} {reason}",
        "there is no {path}, and it can't be made: {above}: {reason}",
    ),
    "check folder below a file": (
        "沒有 {path}，也不能建立：{above} 不是資料夾",
        "there is no {path}, and it can't be made: {above} is no folder",
    ),
    "check folder below a file do": ("請檢查 watch_folder 的路徑", "look at watch_folder"),
    "check folder not made do": (
        "請檢查 watch_folder 的路徑，以及上一層資料夾的權限",
        "look at watch_folder, and at the rights on the folder above it",
    ),
    "check folder no folder": ("{path} 不是資料夾", "{path} is no folder"),
    "check folder no folder do": (
        "請把 watch_folder 改成攝影機放檔案的資料夾",
        "set watch_folder to the folder into which the camera puts its files",
    ),
    "check folder holds us": (
        "{path} 裡面有程式自己的檔案（{own}）",
        "{path} holds the program's own files ({own})",
    ),
    "check folder holds us do": (
        "請給攝影機一個專用的資料夾，再修改 watch_folder",
        "give the camera a folder of its own, and change watch_folder",
    ),
    "check folder unreadable": ("{path} 讀不到：{reason}", "{path} can't be read: {reason}"),
    "check folder unreadable do": (
        "請檢查資料夾的權限，或網路磁碟機有沒有連上",
        "look at the rights on the folder, or whether the network drive is connected",
    ),
    "check folder writable": ("可以寫入，也可以把檔案移走", "files can be written there, and moved away"),
    "check folder not writable": (
        "不能在 {path} 寫入或移動檔案：{reason}",
        "files can't be written or moved in {path}: {reason}",
    ),
    "check folder not writable do": (
        "請讓執行 uploadData.py 的使用者可以寫入這個資料夾",
        "let the user who runs uploadData.py write to this folder",
    ),
    "check folder events": ("有新檔案會馬上收到通知", "a new file is noticed at once"),
    "check folder no events": (
        "有新檔案時收不到通知，所以最多會慢五秒",
        "new files are not noticed at once, so each may be up to five seconds late",
    ),
    "check folder no events do": (
        "網路磁碟機本來就這樣，可以不用管；如果是本機硬碟（Linux），請調高 fs.inotify.max_user_watches 和 max_user_instances",
        "on a network drive this is usual and harmless; on a local disk (Linux), raise fs.inotify.max_user_watches and max_user_instances",
    ),
    "check disk": ("{path} 的硬碟還有 {free} GB", "{free} GB are free on the disk of {path}"),
    "check disk full": (
        "{path} 的硬碟只剩 {free} GB（{percent}%）",
        "only {free} GB ({percent}%) are free on the disk of {path}",
    ),
    "check disk full do": (
        "請清出空間；stored 裡的舊檔案已經存進資料庫，可以搬到別處",
        "make room; the old files in stored are in the database and may be moved elsewhere",
    ),
    "check waiting none": ("沒有檔案在等待", "no file is waiting"),
    "check waiting": (
        "{count} 個檔案在等待，最久的等了 {age}：{name}",
        "files waiting: {count}; {name} has waited longest, for {age}",
    ),
    "check waiting do": (
        "uploadData.py 啟動後就會處理；如果它正在執行，請看它的畫面或 log",
        "uploadData.py works on them when it runs; if it does, look at its screen or its log",
    ),
    "check part": ("有一部分讀不到：{reason}", "a part of it can't be read: {reason}"),
    "check part do": ("請檢查這個子資料夾的權限", "look at the rights on this sub-folder"),
    "check rejected": ("rejected 裡有 {count} 個檔案", "files in rejected: {count}"),
    "check rejected do": (
        "原因寫在旁邊的 .reason.txt；修好以後把檔案移回資料夾，不要的可以刪掉",
        "the .reason.txt beside each says why: fix it and move it back, or delete it",
    ),
    "check database": ("資料庫", "Database"),
    "check database there": ("連上了 {where}，版本 {version}", "connected to {where}, version {version}"),
    "check database sqlite": (
        "沒有設定 host，所以存在檔案 {where}",
        "host is not set: everything is kept in the file {where}",
    ),
    "check database sqlite do": (
        "試用沒問題；正式使用請在 config.py 設定 MySQL 或 MariaDB",
        "good for a first try; for a venue, set MySQL or MariaDB in config.py",
    ),
    "check database sqlite none": ("還沒有資料庫檔案（{where}）", "there is no database file yet ({where})"),
    "check database sqlite none do": (
        "uploadData.py 第一次存檔時會建立",
        "uploadData.py makes it when it stores for the first time",
    ),
    "check database settings": ("{reason}", "the settings of the database can't be used: {reason}"),
    "check database settings do": (
        "請修改 config.py 裡資料庫的設定",
        "fix the database's settings in config.py",
    ),
    "check database login": ("{reason}", "the database does not take this user or password: {reason}"),
    "check database login do": (
        "請檢查 config.py 的 host、user 和 password",
        "look at host, user and password in config.py",
    ),
    "check database none": ("{reason}", "this database is not there, or not for this user: {reason}"),
    "check database none do": ("請資料庫管理員執行：\n{sql}", "as the database's administrator, run:\n{sql}"),
    "check database refuses": ("資料庫拒絕了：{reason}", "the database refuses to store: {reason}"),
    "check database refuses do": ("請把這句話告訴資料庫管理員", "tell this to the database's administrator"),
    "check database away": ("資料庫不能用：{reason}", "the database can't be reached: {reason}"),
    "check database away do": (
        "請檢查網路、資料庫主機有沒有開機，以及 config.py 的 host 和 port",
        "look at the network, at the database's machine, and at host and port in config.py",
    ),
    "check table there": ("資料表 {table} 可以用", "the table {table} can be used"),
    "check table none": (
        "還沒有資料表 {table}，程式要用的時候會自己建立",
        "there is no table {table} yet; the program makes it when it needs it",
    ),
    "check table foreign": (
        "資料表 PeopleFlow 是別的程式的：{reason}",
        "the table PeopleFlow is another program's: {reason}",
    ),
    "check table foreign do": (
        "請資料庫管理員執行下面的 SQL，舊資料都會留著：\n{sql}",
        "as the database's administrator, run this SQL, which keeps the old rows:\n{sql}",
    ),
    "check table columns": ("資料表 {table} 的欄位不對", "the table {table} has other columns than ours"),
    "check table columns do": (
        "請資料庫管理員先把它改名，程式會建立新的：\nRENAME TABLE {table} TO {table}_old;",
        "as the database's administrator, rename it; the program makes a new one:\nRENAME TABLE {table} TO {table}_old;",
    ),
    "check rights missing": (
        "資料表 {table} 少了權限：{rights}",
        "rights missing on the table {table}: {rights}",
    ),
    "check rights missing do": (
        "請資料庫管理員執行：\n{sql}",
        "as the database's administrator, run:\n{sql}",
    ),
    "check clock": (
        "這台電腦的時鐘跟資料庫差不到 {seconds} 秒",
        "this PC's clock and the database's differ by less than {seconds} s",
    ),
    "check clock fast": (
        "這台電腦的時鐘比資料庫快 {length}",
        "this PC's clock is {length} ahead of the database's",
    ),
    "check clock slow": (
        "這台電腦的時鐘比資料庫慢 {length}",
        "this PC's clock is {length} behind the database's",
    ),
    "check clock fast do": (
        "請把這台電腦（或資料庫主機）的時間調準，並打開網路自動校時",
        "set the clock of this PC (or of the database's machine), and let it be set by the network",
    ),
    "check clock slow do": (
        "請把這台電腦（或資料庫主機）的時間調準，並打開網路自動校時",
        "set the clock of this PC (or of the database's machine), and let it be set by the network",
    ),
    "check not asked": ("資料庫的資料拿不到，所以不知道", "not known, since the database does not give it"),
    "check not asked do": ("請先處理上面資料庫的問題", "first fix what is wrong with the database"),
    "check cameras": ("攝影機", "Cameras"),
    "check cameras none": ("還沒有攝影機的紀錄", "no camera has been heard of yet"),
    "check cameras none do": ("uploadData.py 啟動後就會有", "there will be one when uploadData.py runs"),
    "check camera well": ("{name}（{host}）：{health}", "{name} ({host}): {health}"),
    "check camera closed": ("{name}（{host}）：{health}", "{name} ({host}): {health}"),
    "check camera new": ("{name}（{host}）：{health}", "{name} ({host}): {health}"),
    "check camera stopped": ("{name}（{host}）：{health}", "{name} ({host}): {health}"),
    "check camera silent": ("{name}（{host}）：{health}", "{name} ({host}): {health}"),
    "check camera dead": ("{name}（{host}）：{health}", "{name} ({host}): {health}"),
    "check camera trouble": ("{name}（{host}）：有問題，{trouble}", "{name} ({host}): trouble, {trouble}"),
    "check camera troubles": ("；", "; "),
    "check camera dead do": (
        "請看這台電腦有沒有開機、網路通不通、uploadData.py 有沒有在執行",
        "see whether that PC is on, its network works and uploadData.py runs",
    ),
    "check camera silent do": (
        "請看攝影機和它的程式有沒有在運作",
        "see whether the camera and its program work",
    ),
    "check camera stopped do": (
        "如果不是故意停的，請在那台電腦啟動 uploadData.py",
        "if nobody meant to stop it, start uploadData.py on that PC",
    ),
    "check camera trouble do": (
        "請在那台電腦執行 uploadData.py --check",
        "run uploadData.py --check on that PC",
    ),
    "check camera new do": (
        "請看攝影機的程式是不是把檔案放到對的資料夾",
        "see whether the camera's program puts its files into the right folder",
    ),
    "check camera same name": (
        "{host} 也用 {name} 這個名字，它正在執行",
        "{host} uses the name {name} too, and runs now",
    ),
    "check camera same name do": (
        "如果這台電腦也有攝影機，請在 config.py 給每台不同的 camera 名字",
        "if this PC has a camera, give each its own name: camera in config.py",
    ),
    "check report": ("回報", "Report"),
    "check report accepted": ("上次回報是 {age}前，成功", "the last report was sent {age} ago, and accepted"),
    "check report refused": (
        "上次回報是 {age}前，沒有成功：{reply}",
        "the last report was sent {age} ago, and not accepted: {reply}",
    ),
    "check report refused do": (
        "請看 log/callAPI.log；如果是 401 或 403，請對方確認這台電腦的 IP 有沒有開通",
        "see log/callAPI.log; with 401 or 403, ask the authority to unlock this PC's IP",
    ),
    "check report late": ("已經 {age}沒有回報了", "no report has been sent for {age}"),
    "check report late do": (
        "請檢查 crontab 裡的 callAPI.py 是否每五分鐘執行一次，再看 log/callAPI.log",
        "see that crontab starts callAPI.py every five minutes, then look at log/callAPI.log",
    ),
    "check report not due": (
        "上次回報是 {age}前；現在還不用回報（沒有開放，或今天還沒有人經過）",
        "the last report was sent {age} ago; none is due (closed, or nobody has come yet)",
    ),
    "check report none": ("還沒有回報過", "no report has been sent yet"),
    "check report none do": (
        "請把 callAPI.py 加到 crontab，每五分鐘執行一次",
        "put callAPI.py into crontab, every five minutes",
    ),
    "check telegram": ("Telegram", "Telegram"),
    "check telegram none": (
        "沒有設定 api_id，通知只會寫在 log 裡",
        "api_id is not set: alerts only stand in the log",
    ),
    "check telegram none do": (
        "想用手機收通知，請看 README 的 Telegram 部分",
        "to get them on a phone, see Telegram in the README",
    ),
    "check telegram signed out": ("還沒有登入", "not signed in"),
    "check telegram signed out do": (
        "請在終端機執行一次 uploadData.py，照畫面輸入驗證碼",
        "start uploadData.py once in a terminal, and type the code that it asks for",
    ),
    "check telegram used": (
        "uploadData.py 正在使用，這裡就不再登入一次",
        "uploadData.py is using it, so the check does not sign in beside it",
    ),
    "check telegram used do": (
        "要檢查收件人，請先停止 uploadData.py，再檢查一次",
        "to check the recipient, stop uploadData.py first",
    ),
    "check telegram used well": (
        "uploadData.py 正在使用，通知送得出去",
        "uploadData.py is using it, and its alerts arrive",
    ),
    "check telegram used trouble": (
        "uploadData.py 正在使用，但是通知送不出去：{reason}",
        "uploadData.py is using it, and its alerts do not go out: {reason}",
    ),
    "check telegram used trouble do": (
        "請看 log/uploadData.log 裡 alerts wait 的那一行",
        'see the line with "alerts wait" in log/uploadData.log',
    ),
    "check telegram signed in": ("已經登入，帳號是 {account}", "signed in as {account}"),
    "check telegram recipient": ("通知會送給 {recipient}", "alerts go to {recipient}"),
    "check telegram recipient wrong": ("{reason}", "{reason}"),
    "check telegram recipient wrong do": ("請修改 config.py 的 telegram_to", "fix telegram_to in config.py"),
    "check telegram reminder": (
        '通知是送給自己的（telegram_to = "me"），只能用提醒的方式響，會慢 15 秒',
        'alerts go to the account itself (telegram_to = "me"): they ring only as reminders, 15 s late',
    ),
    "check telegram reminder do": (
        "改用群組比較好：把值班的人都加進同一個群組，再把 telegram_to 設成那個群組",
        "a group is better: add all who are on duty to one, and set telegram_to to it",
    ),
    "check telegram others": (
        "群組裡別人的手機會響，這個帳號自己的手機不會響",
        "the phones of the others there ring, those of this account itself do not",
    ),
    "check telegram others do": (
        "如果值班的人就是用這個帳號，請改用 bot（bot_token）來送",
        "if those on duty use this account, let a bot send (bot_token)",
    ),
    "check telegram chats": ("telegram_to 可以填下面的號碼", "what may stand in telegram_to"),
    "check telegram chats do": ("{chats}", "{chats}"),
    "check telegram wait": (
        "請現在到要收通知的群組裡輸入 {command}，這裡等 {seconds} 秒",
        "write {command} in the group that is to get the alerts, within {seconds} s",
    ),
    "check telegram nobody": (
        "沒有收到任何訊息，所以不知道群組的號碼",
        "nobody has written, so the number of the group is not known",
    ),
    "check telegram nobody do": (
        "請確認 bot 已經加進群組，再檢查一次；也可以打開 bot 的對話，按 Start",
        "see that the bot was added to the group, and check again; or press Start in the bot's own chat",
    ),
    "check telegram myself": ("自己", "this account itself"),
    "check telegram person": ("個人", "person"),
    "check telegram group": ("群組", "group"),
    "check telegram channel": ("頻道", "channel"),
    "check telegram token": ("{reason}", "{reason}"),
    "check telegram token do": (
        "請檢查 config.py 的 bot_token，要跟 @BotFather 給的一樣",
        "see that bot_token in config.py is what @BotFather gave",
    ),
    "check telegram refused": ("{reason}", "{reason}"),
    "check telegram refused do": (
        "請在終端機重新啟動 uploadData.py，再登入一次",
        "start uploadData.py once more in a terminal, and sign in again",
    ),
    "check telegram away": ("現在連不上：{reason}", "it can't be reached now: {reason}"),
    "check telegram away do": (
        "請檢查這台電腦能不能上網；通知會先留著，連上以後再送",
        "see whether this PC is online; alerts wait until it is",
    ),
    "check api": ("主管機關的 API", "The authority's API"),
    "check api none": ("沒有設定 api_url，這台電腦不回報", "api_url is not set: this PC sends no reports"),
    "check api none do": (
        "如果要由這台電腦回報，請在 config.py 設定 api_url",
        "if this PC should, set api_url in config.py",
    ),
    "check api name": ("找不到 {host} 這個名稱：{reason}", "the name {host} is not found: {reason}"),
    "check api name do": (
        "請檢查 api_url 有沒有打錯，以及這台電腦的 DNS",
        "see whether api_url is spelt right, and the DNS of this PC",
    ),
    "check api refused": (
        "{host}:{port} 連不上：{reason}（{tried}）",
        "{host}:{port} can't be reached: {reason} ({tried})",
    ),
    "check api refused do": (
        "請檢查網路和防火牆；這台電腦的 IP 可能要請對方開通",
        "look at the network and the firewall; the authority may have to unlock this PC's IP",
    ),
    "check api there": ("{host}:{port} 連得上（{address}）", "{host}:{port} can be reached ({address})"),
    "check api proxy": (
        "經過代理伺服器 {host}:{port}，後面的憑證這裡看不到",
        "the way goes through the proxy {host}:{port}; the certificate behind it is not seen here",
    ),
    "check api proxy do": (
        "要確認，請執行 callAPI.py，再看結果",
        "to be sure, run callAPI.py and look at its result",
    ),
    "check api plain": ("api_url 是 http，內容沒有加密", "api_url is http: what is sent is not encrypted"),
    "check api plain do": ("請問對方有沒有 https 的網址", "ask the authority for an https address"),
    "check api certificate": ("憑證沒有問題，有效到 {until}", "its certificate is good until {until}"),
    "check api certificate ends": ("憑證快到期了（{until}）", "its certificate ends soon ({until})"),
    "check api certificate ends do": ("請提醒對方更新憑證", "tell the authority to renew it"),
    "check api certificate wrong": ("憑證有問題：{reason}", "its certificate is not good: {reason}"),
    "check api certificate wrong do": (
        "先看這台電腦的時間對不對；時間沒錯，請通知對方。對方用自己的憑證機構時，請把它的檔案路徑放進環境變數 REQUESTS_CA_BUNDLE",
        "see whether this PC's clock is right; if it is, tell the authority. If it signs its own certificates, name the file of its CA in the environment variable REQUESTS_CA_BUNDLE",
    ),
    "check api tls": ("加密連線建立不起來：{reason}", "no encrypted connection: {reason}"),
    "check api tls do": ("請檢查 api_url 的 https 和埠號", "look at https and the port in api_url"),
}
