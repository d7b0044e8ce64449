"""What callAPI.py prints for people: the reports that were sent (--history), and a day for Excel (--csv)."""

TEXTS = {
    "zh-TW": {
        "history sent": "送出時間",
        "history day": "日期",
        "history inside": "場內",
        "history in": "進",
        "history out": "出",
        "history verdict": "結果",
        "history accepted": "✓ 成功",
        "history refused": "✗ 被退回",
        "history no answer": "? 沒有回應",
        "history partial": "沒有資料",
        "history reply": "對方的回覆",
        "history none": "還沒有送出過回報（{where}）",
        "history none of day": "{day} 沒有送出過回報（{where}）",
        "history no table": "還沒有回報紀錄：{where} 裡沒有 PeopleFlowReport 這個資料表。"
        "callAPI.py 下次送出回報時會自己建立；如果一直沒有，請給資料庫帳號 CREATE 權限",
        "sheet in": "進 {of}",
        "sheet out": "出 {of}",
        "sheet total": "合計",
    },
    "en": {
        "history sent": "sent at",
        "history day": "day",
        "history inside": "inside",
        "history in": "in",
        "history out": "out",
        "history verdict": "result",
        "history accepted": "✓ accepted",
        "history refused": "✗ refused",
        "history no answer": "? no answer",
        "history partial": "silent",
        "history reply": "reply",
        "history none": "No report has been sent yet ({where})",
        "history none of day": "No report has been sent for {day} ({where})",
        "history no table": "No report is kept yet: there is no table PeopleFlowReport in {where}. callAPI.py"
        " makes it when it sends its next report; if it does not, give the database's user the right CREATE",
        "sheet in": "in {of}",
        "sheet out": "out {of}",
        "sheet total": "total",
    },
}
