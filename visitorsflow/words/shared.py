"""The texts that several places have in common: the screen, the phone, the tables."""

TEXTS = {
    "list": ("、", ", "),
    "weekdays": (
        "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
        "Mon Tue Wed Thu Fri Sat Sun",
    ),
    "without": ("⚠ 少 {cameras}", "⚠ without {cameras}"),
    "without some": ("⚠ 少 {cameras} 等 {count} 台", "⚠ without {cameras} and others ({count})"),
}
