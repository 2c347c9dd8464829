"""What a session can be told: one frozen dataclass for each event.

Times are UTC in milliseconds. `re` is the `id` of the command that an event answers.
"""

from chatservice.domain.events.accounts import *  # noqa: F403
from chatservice.domain.events.base import *  # noqa: F403
from chatservice.domain.events.facts import *  # noqa: F403
from chatservice.domain.events.people import *  # noqa: F403
from chatservice.domain.events.rooms import *  # noqa: F403
from chatservice.domain.events.server import *  # noqa: F403
from chatservice.domain.events.talk import *  # noqa: F403
