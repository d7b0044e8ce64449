"""The questions at the terminal when a person signs in to Telegram."""

TEXTS = {
    "zh-TW": {
        "ask to begin": "Telegram：按 Enter，登入驗證碼就會傳到 {phone}：",
        "ask code": "驗證碼：",
        "ask password": "兩步驟驗證的密碼：",
        "ask again": "不對，還可以試 {left} 次。{question}",
    },
    "en": {
        "ask to begin": "Telegram: press Enter to have a sign-in code sent to {phone}: ",
        "ask code": "Code: ",
        "ask password": "Two-step password: ",
        "ask again": "That was not right, tries left: {left}. {question}",
    },
}
