"""What of a draft is offered."""

import pytest

from codeassist.engine.answering import Draft
from codeassist.engine.decode import Stop
from codeassist.engine.finish import LineEnd, look
from codeassist.engine.offering import offered
from codeassist.languages import of_path

JS = of_path("a.js")


@pytest.mark.parametrize(
    ("line", "answer", "said"),
    [
        ("a.forEach((n) => {┃});", " log(n", " log(n)"),
        ("listen(1, () => ┃)", "log('it runs'", "log('it runs')"),
        ("squares = [x * x ┃]", "for x of range(10 ", "for x of range(10) "),
        ("f(┃, 2)", "g(1", "g(1)"),
        ("x = f(┃", "g(1", "g(1"),
        ("x = ┃, 2)", "f(1", "f(1"),
        ("f(┃)", "[1, 'a", "[1, 'a"),
        ("ran┃(2))", "ge(1, ", "ge(1, "),
        ("f(┃)", "(a) => {\n  g(a", "(a) => {\n  g(a"),
    ],
)
def test_brackets_that_the_model_left_open(line, answer, said):
    """They are closed where the rest of the line would close them in another's place."""
    before, _, after = line.partition("┃")
    place = look(before, after, JS)

    draft = Draft(answer, Stop.END_TOKEN, (-0.1,), (len(answer),))
    found = offered(draft, place, LineEnd(place, JS))
    assert found is not None
    assert (found.text, found.ends) == (said, (len(answer),))
    cut = offered(Draft(answer, Stop.RULE), place, LineEnd(place, JS))
    assert cut is not None
    assert cut.text == answer
