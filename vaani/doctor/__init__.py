"""`manage.py doctor`: what operators get wrong, looked for in order, each with what to do."""
