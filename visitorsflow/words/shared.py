"""The texts that several places have in common: the screen, the phone, the tables."""

TEXTS = {
    "list": ("、", ", "),
    "without": ("⚠ 少 {cameras}", "⚠ without {cameras}"),
    "without some": ("⚠ 少 {cameras} 等 {count} 台", "⚠ without {cameras} and others ({count})"),
}
