"""What a session can ask for: one frozen dataclass for each command."""

from chatservice.domain.commands.accounts import *  # noqa: F403
from chatservice.domain.commands.base import *  # noqa: F403
from chatservice.domain.commands.facts import *  # noqa: F403
from chatservice.domain.commands.people import *  # noqa: F403
from chatservice.domain.commands.rooms import *  # noqa: F403
from chatservice.domain.commands.talk import *  # noqa: F403
