"""The lines of `uploadData.py --check`: a text for each thing that is found.

A text "KEY do" says what to do about "KEY".
"""

TEXTS = {
    "check all well": (
        "檢查完了，這台電腦沒有問題",
        "Everything was looked at, and nothing is wrong with this PC",
    ),
    "try time": ("時間", "time"),
    "try direction": ("方向", "direction"),
    "try person": ("編號", "person"),
    "try people": ("人數", "people"),
    "try line": ("線", "line"),
    "try output time": ("輸出時間", "output time"),
    "try in": ("進", "in"),
    "try out": ("出", "out"),
    "try neither": ("都不是", "neither"),
    "try left out": ("不計的紀錄：{count} 筆", "records left out: {count}"),
    "try rejected": ("整個檔案不能用：{why}", "the whole file is rejected: {why}"),
    "try rejected record": ("第 {number} 筆不能用：{why}", "record {number} is rejected: {why}"),
    "try sums": (
        "進 {came_in}，出 {went_out}，從 {since} 到 {until}",
        "in {came_in}, out {went_out}, from {since} until {until}",
    ),
    "check troubles": (
        "檢查完了，這台電腦有 {count} 個地方要處理（打 {sign} 的）",
        "Everything was looked at; to be fixed on this PC ({sign}): {count}",
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
    "check own files unwritten": (
        "程式要寫入 {path}，但是不行：{reason}",
        "the program must write to {path}, and can't: {reason}",
    ),
    "check own files unwritten do": (
        "請讓執行程式的使用者可以寫入；如果硬碟是唯讀的，請把 config.py 放到可以寫入的資料夾，啟動時加 --config",
        "let the user who runs the program write there; where the disk is read-only, put config.py into a folder"
        " that can be written, and start with --config",
    ),
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
    "check folder events": ("有新檔案時，程式會馬上處理", "a new file is worked on at once"),
    "check folder no events": (
        "有新檔案時收不到通知，所以最多會慢五秒才處理",
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
    "check read": ("最新的檔案 {name} 讀得懂：{sums}", "the newest file, {name}, can be read: {sums}"),
    "check not read": ("最新的檔案 {name} 有問題：{reason}", "the newest file, {name}: {reason}"),
    "check not read do": (
        "camera_format 可能不對：用 uploadData.py --try 看它怎麼讀（docs/cameras.md）",
        "camera_format may be wrong: uploadData.py --try shows how it is read (docs/cameras.md)",
    ),
    "check rhythm": (
        "一段是 {length}，比 idle_seconds 的 {idle} 長：每一段都會通知沒有資料",
        "an interval is {length}, longer than idle_seconds ({idle}): each one ends in a false alert of silence",
    ),
    "check rhythm do": (
        "請把 idle_seconds 設成比兩個檔案之間的時間長一點",
        "set idle_seconds to a little more than the time between two files",
    ),
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
    "check rights missing": ("資料庫帳號少了權限：{tables}", "the database's user lacks rights: {tables}"),
    "check rights missing do": (
        "請資料庫管理員執行：\n{sql}",
        "as the database's administrator, run:\n{sql}",
    ),
    "check clock": (
        "這台電腦的時間跟資料庫差不到 {seconds} 秒",
        "this PC's clock and the database's differ by less than {seconds} s",
    ),
    "check clock fast": (
        "這台電腦的時間比資料庫快 {length}",
        "this PC's clock is {length} ahead of the database's",
    ),
    "check clock slow": (
        "這台電腦的時間比資料庫慢 {length}",
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
    "check camera trouble do": ("{advice}", "{advice}"),
    "check camera new do": (
        "請看攝影機的程式是不是把檔案放到對的資料夾",
        "see whether the camera's program puts its files into the right folder",
    ),
    "check report": ("回報", "Report"),
    "check report accepted": ("上次回報是 {age}前，成功", "the last report was sent {age} ago, and accepted"),
    "check report refused": (
        "上次回報是 {age}前，回報失敗：{reply}",
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
        "想用手機收通知，請看 docs/zh-TW.md 的 Telegram",
        "to get them on a phone, see Telegram in docs/setup.md",
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
    "check telegram chats": ("把其中一行貼到 config.py", "paste one of these into config.py"),
    "check telegram chats do": ("{chats}", "{chats}"),
    "check telegram wait": (
        "請現在到要收通知的群組裡輸入 {command}，收到就會馬上顯示（最多等 {seconds} 秒）",
        "write {command} in the group that is to get the alerts now: it is shown as soon as it comes, within {seconds} s",
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
    "check api there": (
        "{host}:{port} 連得上（{address}）。這裡只試連線：路徑 {path} 對不對，要等第一次回報才知道",
        "{host}:{port} can be reached ({address}). Only the connection was tried: if the path {path} is right, the first report will show",
    ),
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
    "check api tls do": ("請檢查 api_url 的 https 和連接埠", "look at https and the port in api_url"),
    "check config of another": ("{reason}", "{reason}"),
    "check config of another do": ("{way_out}", "{way_out}"),
    "check time zone": ("時區 {zone}，現在 {now}", "time zone {zone}, it is {now}"),
    "check time zone of this PC": (
        "時區是這台電腦的（{zone}），現在 {now}",
        "the time zone is this PC's ({zone}), it is {now}",
    ),
    "check clock of another zone": (
        "這台電腦的時間跟資料庫差整整 {hours} 小時，應該是時區設錯了",
        "this PC's time and the database's differ by {hours} whole hours: a time zone is probably wrong",
    ),
    "check clock of another zone do": (
        '請把這台電腦的時區設成台北（Linux：sudo timedatectl set-timezone Asia/Taipei），不用改時間；攝影機用別的時區時，在 config.py 寫 timezone = "Asia/Taipei"',
        'set the time zone of this PC (Linux: sudo timedatectl set-timezone Asia/Taipei), and leave its clock; where the cameras have another zone, write timezone = "Asia/Taipei" in config.py',
    ),
    "check folder alike": (
        "沒有 {path}：{above} 裡沒有「{wanted}」，只有「{like}」",
        "there is no {path}: in {above} there is no {wanted}, but there is {like}",
    ),
    "check folder alike do": (
        "是不是打錯了？請把 watch_folder 改成「{like}」那一個，或先建立「{wanted}」",
        "a wrong letter? Set watch_folder to the one with {like}, or make {wanted} first",
    ),
    "check folder without parent": (
        "沒有 {path}：{above} 裡沒有「{wanted}」",
        "there is no {path}: in {above} there is no {wanted}",
    ),
    "check folder without parent do": (
        "請檢查 watch_folder 的路徑；路徑沒有錯的話，可能是網路磁碟機還沒連上",
        "look at watch_folder; if it is right, a network drive may not be connected",
    ),
    "check folder of Windows": (
        "watch_folder 是 Windows 的路徑（{path}），這台電腦不是 Windows",
        "watch_folder is a path of Windows ({path}), and this PC is none",
    ),
    "check folder of Windows do": (
        '請改成這台電腦的路徑，例如 watch_folder = "/srv/camera"',
        'write a path of this PC, as in watch_folder = "/srv/camera"',
    ),
    "check service": ("開機自動執行", "Start with the PC"),
    "check service runs": (
        "{service} 正在執行，開機會自動執行",
        "{service} runs, and starts with the PC",
    ),
    "check service none": (
        "沒有安裝 visitorsflow.service：電腦重新開機以後，程式不會自己執行",
        "visitorsflow.service is not installed: after a reboot the program does not start by itself",
    ),
    "check service none do": ("安裝的方法在 docs/setup.md", "docs/setup.md says how to install it"),
    "check service not enabled": (
        "{service} 正在執行，但是開機不會自動執行",
        "{service} runs, and will not start with the PC",
    ),
    "check service not enabled do": (
        "請執行：sudo systemctl enable visitorsflow",
        "run: sudo systemctl enable visitorsflow",
    ),
    "check service not running": ("{service} 沒有在執行", "{service} does not run"),
    "check service not running do": (
        "請執行：sudo systemctl enable --now visitorsflow",
        "run: sudo systemctl enable --now visitorsflow",
    ),
    "check service failed": (
        "{service} 停在錯誤狀態，通常是設定檔寫錯",
        "{service} has failed, mostly for a wrong setting",
    ),
    "check service failed do": (
        "請看 journalctl -u visitorsflow 的最後幾行，改好以後執行：sudo systemctl restart visitorsflow",
        "read the last lines of journalctl -u visitorsflow, fix it, and run: sudo systemctl restart visitorsflow",
    ),
    "check camera": ("這台電腦的攝影機", "This PC's camera"),
    "check camera unknown": ("還沒有 {name} 的紀錄", "nothing is known of {name} yet"),
    "check camera unknown do": ("uploadData.py 啟動後就會有", "there will be when uploadData.py runs"),
    "check camera same name": (
        "{host} 也用 {name} 這個名字，而且正在執行：兩台的人次會混在一起",
        "{host} uses the name {name} too, and runs now: the two count as one",
    ),
    "check camera same name do": (
        '請在 config.py 給每一台不同的名字，例如 camera = "{name}-2"',
        'give each its own name in config.py, as in camera = "{name}-2"',
    ),
    "check camera cloned": (
        "名字是 {name} 的程式正在 {host} 執行，可是沒有在用這台電腦的這個資料夾",
        "a program with the name {name} runs on {host}, and does not use this folder of this PC",
    ),
    "check camera cloned do": (
        '這台如果是複製出來的，請改 config.py 的 camera（例如 "{name}-2"）和電腦名稱。程式如果是用別的資料夾啟動的，請執行 uploadData.py --check 資料夾；剛剛才停的話，等兩分鐘再檢查一次',
        'if this PC is a copy of another, change camera in config.py (as in "{name}-2") and the PC\'s name. If the program was started on another folder, name it: uploadData.py --check FOLDER. If it has only just ended, check again in two minutes',
    ),
    "check camera trouble unknown": (
        "請看那台電腦的 log/uploadData.log",
        "read log/uploadData.log on that PC",
    ),
    "check others": ("其他電腦（不算在這台的檢查裡）", "Other PCs (no fault of this one)"),
    "check others none": ("沒有別台電腦的紀錄", "no other PC is known"),
    "check schedule": ("定時回報", "Reports by themselves"),
    "check timer": ("{timer} 正在執行", "{timer} runs"),
    "check cron": ("排程裡有：{line}", "the crontab has: {line}"),
    "check cron none": (
        "排程裡沒有 callAPI.py，所以不會自己回報",
        "no crontab starts callAPI.py: no report goes by itself",
    ),
    "check cron none do": (
        "請用執行程式的使用者執行 crontab -e，貼上 docs/setup.md 裡的兩行",
        "run crontab -e as the program's user, and paste the two lines of docs/setup.md",
    ),
    "check cron hides": (
        "那一行把錯誤訊息丟掉了（/dev/null）：Python 沒有裝好的時候，沒有人會知道",
        "that line throws errors away (/dev/null): nobody hears of a broken Python",
    ),
    "check cron hides do": (
        "請把 >/dev/null 2>&1 改成 2>&1 | logger -t callAPI，之後用 journalctl -t callAPI 看",
        "write 2>&1 | logger -t callAPI in place of >/dev/null 2>&1, and read it with journalctl -t callAPI",
    ),
    "check cron ran": ("callAPI.py 上次執行是 {age}前", "callAPI.py last ran {age} ago"),
    "check cron ran do": (
        "它應該每五分鐘執行一次：請檢查 crontab 那一行的路徑和使用者",
        "it should run every five minutes: look at the path and the user of that line",
    ),
    "check cron never ran": (
        "callAPI.py 還沒有執行過（沒有 log/callAPI.log）",
        "callAPI.py has never run (there is no log/callAPI.log)",
    ),
    "check cron never ran do": (
        "等五分鐘再檢查一次；還是一樣的話，請檢查 crontab 那一行的路徑和使用者",
        "check again in five minutes; if it is still so, look at the path and the user of that line",
    ),
    "check telegram to nobody yet": (
        "telegram_to 還沒設定，所以還不知道要通知誰",
        "telegram_to is not set yet: nobody gets the alerts",
    ),
    "check telegram to nobody yet do": (
        "下一步：建一個群組，把 bot 和要收通知的人都加進去，再照下面做",
        "next: make a group, add the bot and all who are to be told, and do as follows",
    ),
    "check telegram minus": (
        "telegram_to 的 {to} 找不到，可是有很像的號碼",
        "there is no {to}, as telegram_to says, but a number that is nearly the same",
    ),
    "check telegram minus do": (
        "負號或 -100 漏掉了，請貼上這一行：\n{lines}",
        "a minus or -100 is missing; paste this line:\n{lines}",
    ),
    "check telegram recipient of bot": ("{reason}", "{reason}"),
    "check telegram recipient of bot do": (
        "請確認 bot 已經加進群組（個人的話，要先打開 bot 的對話按 Start），再把下面找到的那一行貼到 config.py",
        "see that the bot was added to the group (a person must have pressed Start in its chat), and paste the line that is found below into config.py",
    ),
    "check telegram ask to ring": (
        "要傳一則測試訊息到 {recipient} 嗎？(y/N) ",
        "Send a test message to {recipient}? (y/N) ",
    ),
    "check test message": (
        "測試訊息：{place} 的通知會送到這裡 [{now}]",
        "Test: the alerts of {place} come here [{now}]",
    ),
    "check telegram not rung": ("測試訊息送不出去：{reason}", "the test message did not go: {reason}"),
    "check telegram not rung do": ("請照上面的原因處理，再檢查一次", "fix that, and check again"),
    "check telegram rung rings": (
        "測試訊息送到 {recipient} 了：那裡每一支手機都應該響了",
        "the test message is in {recipient}: every phone there should have rung",
    ),
    "check telegram rung others": (
        "測試訊息送到 {recipient} 了：別人的手機應該響了，這個帳號自己的不會響",
        "the test message is in {recipient}: the phones of the others should have rung, not those of this account",
    ),
    "check telegram rung reminder": (
        "測試訊息 15 秒後會以提醒的方式送到，那時手機應該會響",
        "the test message comes as a reminder in 15 s: then the phone should ring",
    ),
}
