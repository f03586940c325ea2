"""The night: errands one after the other, none stopping the next; what they came to, told to people and machines."""

from archiver.nightly.discreet import Discreet
from archiver.nightly.run import Task, attempted, run
from archiver.nightly.values import Alert, Done, Failure, Night, Result, Step, code_of

__all__ = ["Alert", "Discreet", "Done", "Failure", "Night", "Result", "Step", "Task", "attempted", "code_of", "run"]
