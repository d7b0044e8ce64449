"""`uploadData.py --check`: everything is looked at once, and said line by line with what to do."""
