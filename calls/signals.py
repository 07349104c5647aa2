"""The one signal by which news travels up: `call_finished(sender=Call, call_id=UUID)`.

Sent once a call, inside the transaction that settles it. Receivers only write rows.
"""

from django.dispatch import Signal

call_finished = Signal()
