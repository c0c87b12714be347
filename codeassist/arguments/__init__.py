"""The arguments of the commands; none of these files imports what a command needs."""
