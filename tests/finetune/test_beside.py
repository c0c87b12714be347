"""Code that is no repository's own: what is learned of it is not judged by."""

from codeassist.finetune.generic import generic_documents, generic_holes


def test_learned_and_judged_by_are_apart():
    """No file of the standard library is both; the same seed draws the same ones."""
    documents, holes = generic_documents(60, 0), generic_holes(20, 0)
    assert len(documents) == 60
    assert len(holes) == 20
    assert not {each.path for each in documents} & {hole.path for hole in holes}
    assert documents == generic_documents(60, 0)
    assert holes == generic_holes(20, 0)


def test_only_what_somebody_wrote_by_hand():
    """No tests, no tables, no packages of others; each is Python."""
    for document in generic_documents(100, 1):
        assert document.language == "python"
        parts = set(document.path.split("/"))
        assert not parts & {"site-packages", "test", "tests", "encodings"}
