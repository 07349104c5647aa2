"""The signals by which news travels up. Receivers only write rows.

`call_finished(sender=Call, call_id=UUID)` is sent once a call, inside the transaction that settles it.
`words_came_late(sender=Call, call_id=UUID)` is sent for a settled call, inside the transaction that stores more of
what was said in it: a turn that was on its way for longer than settling waits.
"""

from django.dispatch import Signal

call_finished = Signal()
words_came_late = Signal()
