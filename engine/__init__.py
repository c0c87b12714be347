"""One keystroke: request, context, prompt, decode, finish, completion."""
