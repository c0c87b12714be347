"""What each command does: it reads its arguments, joins the rooms, prints."""
