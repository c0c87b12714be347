"""How sure a model has to be: answers to typing, a fitted chance, a table to choose by."""
