"""Accepting in a real Neovim: parts, alternatives, undo, keys shared with others."""

import pytest

from .nvim_driver import Neovim
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

MENU = """
local name, is_visible = ...
package.loaded[name] = { [is_visible] = function() return _G.menu == true end }
vim.keymap.set('i', '<Tab>', function() return _G.menu and '[menu]' or '[none]' end,
  { expr = true })
"""
"""A completion plugin as far as a key is concerned: it says whether its menu is open,
and has mapped Tab before us."""


def ghost(editor: Neovim, keys: str) -> str:
    """The ghost text after some keys; the echo answers `<LAST|NEXT>`."""
    editor.keys(keys)
    return editor.wait(editor.ghost, "ghost text")


def told(editor: Neovim, name: str) -> list[dict]:
    """The parameters of all notifications of a name."""
    sent = editor.lua("return notified")
    return [params for method, params in sent if method == f"textDocument/{name}"]


def reads(editor: Neovim, *lines: str) -> None:
    """Wait until the buffer reads so."""
    editor.wait(lambda: editor.lines() == list(lines), f"buffer {lines}")


def test_parts_are_accepted_one_after_another(echo: Opening) -> None:
    """A word, then a line: each inserts no more than itself, and the server is told."""
    editor = echo("x|tail")
    assert ghost(editor, "a") == "<x||>"
    editor.keys("<C-l>")
    reads(editor, "x<|tail")
    editor.wait(lambda: told(editor, "didPartiallyAcceptCompletion"), "word of it")
    part = told(editor, "didPartiallyAcceptCompletion")[-1]
    assert part["acceptedLength"] == 1
    assert part["item"]["insertText"] == "<x||>"
    editor.wait(lambda: editor.ghost() == "<<||>", "next ghost text")
    editor.keys("<C-j>")
    reads(editor, "x<<<||>|tail")
    assert len(told(editor, "didPartiallyAcceptCompletion")) == 1
    assert len(told(editor, "didShowCompletion")) >= 2


def test_the_server_is_told_where_the_cursor_rests(echo: Opening) -> None:
    """A place that the user moves to is made ready; what he types tells by itself."""
    editor = echo("x\ny\n")

    def places() -> list[dict[str, int]]:
        return [each["position"] for each in told(editor, "didFocus")]

    editor.keys("ggjA")
    editor.wait(lambda: {"line": 1, "character": 1} in places(), "word of the place")
    known = len(places())
    editor.keys("(((")
    editor.wait(editor.ghost, "ghost text")
    assert len(places()) == known


def test_a_cursor_on_a_word_is_to_go_on_behind_it(echo: Opening) -> None:
    """In normal mode the place that is made ready is the one where text is put in."""
    editor = echo("🙂 one two\n(three)\n")

    def place() -> list[dict[str, int]]:
        return told(editor, "didFocus")[-1]["position"]

    for keys, line, character in (
        ("ggw", 0, 8),  # on `o`, behind `one`; in UTF-8
        ("$", 0, 12),
        ("j0", 1, 0),  # on `(`
        ("A!<Esc>", 1, 8),
        ("0i", 1, 0),
    ):
        editor.keys(keys)
        at = {"line": line, "character": character}
        editor.wait(lambda at=at: place() == at, f"word of {at}")


def test_lengths_of_parts_are_in_utf16(echo: Opening) -> None:
    """A part behind an astral character is counted as the protocol counts."""
    editor = echo("🙂\n")
    assert ghost(editor, "A") == "<🙂|\n>"
    editor.keys("<C-j>")
    editor.wait(lambda: told(editor, "didPartiallyAcceptCompletion"), "part")
    part = told(editor, "didPartiallyAcceptCompletion")[-1]
    assert part["acceptedLength"] == len("<🙂|".encode("utf-16-le")) // 2


def test_one_undo_takes_back_all_parts_and_nothing_typed(echo: Opening) -> None:
    """However many parts a completion came in, `u` leaves what was typed."""
    editor = echo("|")
    ghost(editor, "ix = 1")
    editor.keys("<C-l>")
    reads(editor, "x = 1<|")
    editor.wait(lambda: editor.ghost() == "<<||>", "next ghost text")
    editor.keys("<Tab>")
    reads(editor, "x = 1<<<||>|")
    editor.keys("<Esc>u")
    reads(editor, "x = 1|")
    editor.keys("u")
    reads(editor, "|")


def test_what_was_typed_after_an_acceptance_is_undone_with_it(echo: Opening) -> None:
    """Keys after an accepted text belong to its undo step, as in any insert."""
    editor = echo("|")
    ghost(editor, "ix")
    editor.keys("<Tab>")
    reads(editor, "x<x||>|")
    editor.keys("y<CR>z<Esc>u")
    reads(editor, "x|")
    editor.keys("<C-r>")
    reads(editor, "x<x||>y", "z|")


def test_the_dot_repeats_what_was_accepted(echo: Opening) -> None:
    """`.` puts in what was typed and what was accepted, as the insert it repeats."""
    editor = echo("|\n\n")
    ghost(editor, "ix")
    editor.keys("<Tab>")
    reads(editor, "x<x||>|", "")
    editor.keys("y<Esc>j.")
    reads(editor, "x<x||>y|", "x<x||>y")
    editor.keys("uu")
    reads(editor, "x|", "")


def test_alternatives_come_when_asked_for(echo: Opening) -> None:
    """The key for the next completion asks for others, and goes round them."""
    editor = echo("|")
    first = ghost(editor, "ix")
    editor.keys("<M-]>")
    editor.wait(lambda: editor.ghost().startswith("alternative 1"), "second of them")
    editor.keys("<M-]>")
    editor.wait(lambda: editor.ghost().startswith("alternative 2"), "third of them")
    editor.keys("<M-]>")
    editor.wait(lambda: editor.ghost().startswith(first), "first of them")
    editor.keys("<M-[>")
    editor.wait(lambda: editor.ghost().startswith("alternative 2"), "third of them")
    editor.keys("<Tab>")
    reads(editor, "xalternative 2|")


def test_dismissed_text_is_not_accepted(echo: Opening) -> None:
    """After the key that dismisses, Tab indents."""
    editor = echo("|")
    ghost(editor, "ix")
    editor.keys("<C-]>")
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() != ["x|"], "indentation")
    assert editor.lines()[0].replace("\t", " ").strip("x |") == ""


def test_an_answer_for_another_place_is_not_shown(echo: Opening) -> None:
    """What was asked for before the cursor was moved by a mapping does not appear."""
    editor = echo("first slow\nsecond\n")
    editor.keys("A")
    editor.wait(lambda: editor.lua("return requests[1]") == "pending", "request")
    # a script moves the cursor: no key, so Neovim itself cancels nothing
    editor.lua("vim.api.nvim_win_set_cursor(0, { 2, 6 })")
    assert editor.wait(editor.ghost, "ghost text") == "<d|\n>"
    row = "return vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace("
    marks = editor.lua(row + "'nvim.lsp.inline_completion'), 0, -1, {})")
    assert [mark[1] for mark in marks] == [1]


def test_an_answer_of_the_wrong_text_is_dropped(echo: Opening) -> None:
    """Stale answers that a server sends all the same do not reach the screen."""
    editor = echo("|")
    ghost(editor, "ix")
    editor.lua("""
      local client = vim.lsp.get_clients({ name = 'codeassist' })[1]
      client.cancel_request = function() return true end -- it never hears of it
      local rpc = client.rpc.request
      client.rpc.request = function(method, params, callback, ...)
        if method ~= 'textDocument/inlineCompletion' then
          return rpc(method, params, callback, ...)
        end
        return rpc(method, params, function(problem, result, id)
          if _G.late then -- the answer comes after the next key, and before its answer
            vim.api.nvim_input('z')
            vim.defer_fn(function() callback(problem, result, id); _G.came = true end, 50)
            _G.late = nil
          else
            callback(problem, result, id)
          end
        end, ...)
      end
      _G.late = true
    """)
    editor.keys("y")
    editor.wait(lambda: editor.lua("return _G.came"), "late answer")
    assert "<y" not in editor.ghost()
    assert editor.wait(editor.ghost, "right ghost text") == "<z||>"
    editor.keys("<Tab>")
    reads(editor, "xyz<z||>|")


def test_a_burst_of_keys_loses_none(echo: Opening) -> None:
    """A key that contradicts and Tab in one go: Tab indents, nothing is accepted."""
    editor = echo("|")
    ghost(editor, "ix")
    editor.keys("~<Tab>!")
    editor.wait(lambda: len("".join(editor.lines()[0].split())) == 4, "typed keys")
    editor.wait(lambda: len(editor.lines()[0].split()) == 2, "indentation")
    assert "".join(editor.lines()[0].split()) == "x~!|"


@pytest.mark.parametrize(
    ("name", "is_visible"),
    [("cmp", "visible"), ("blink.cmp", "is_menu_visible")],
    ids=["nvim-cmp", "blink.cmp"],
)
def test_tab_belongs_to_whoever_shows_something(
    echo: Opening, name: str, is_visible: str
) -> None:
    """An open menu gets Tab first, then the ghost text, then what Tab did before."""
    plugin = MENU.replace("...", f"'{name}', '{is_visible}'", 1)
    editor = echo("|", before=plugin)
    ghost(editor, "ix")
    editor.lua("_G.menu = true")
    editor.keys("<Tab>")
    reads(editor, "x[menu]|")
    editor.lua("_G.menu = nil")
    editor.wait(editor.ghost, "ghost text")
    editor.keys("<Tab>")
    reads(editor, "x[menu]<]||>|")
    editor.keys("<C-]>")
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    editor.keys("<Tab>")
    reads(editor, "x[menu]<]||>[none]|")


@pytest.mark.parametrize(
    ("name", "is_visible"),
    [("cmp", "visible"), ("blink.cmp", "is_menu_visible")],
    ids=["nvim-cmp", "blink.cmp"],
)
def test_tab_accepts_beside_a_menu_that_does_not_use_it(
    echo: Opening, name: str, is_visible: str
) -> None:
    """Where a plugin's menu gives Tab no work, it takes the ghost text shown beside."""
    plugin = (
        f"package.loaded['{name}'] = {{ {is_visible} = function() return true end }}"
    )
    editor = echo("|", before=plugin)
    ghost(editor, "ix")
    editor.keys("<Tab>")
    reads(editor, "x<x||>|")


def test_the_builtin_popup_keeps_its_keys(echo: Opening) -> None:
    """While Neovim's own menu is open its keys are its own; Tab is none of them."""
    keys = {"accept": "<Tab>", "accept_line": "<C-y>"}
    editor = echo("word wort\n\n", setup={"keymaps": keys})
    shown = "return vim.fn.pumvisible()"
    editor.keys("jiwo<C-n>")
    editor.wait(lambda: editor.lua(shown) == 1, "menu")
    line = editor.lines()[1]
    editor.wait(editor.ghost, "ghost text beside the menu")
    editor.keys("<C-y>")
    editor.wait(lambda: editor.lua(shown) == 0, "closed menu")
    assert editor.lines()[1] == line
    editor.keys("<Esc>Swo<C-n>")
    editor.wait(lambda: editor.lua(shown) == 1, "menu")
    editor.wait(editor.ghost, "ghost text beside the menu")
    editor.keys("<Tab>")
    editor.wait(lambda: "<" in editor.lines()[1], "accepted text")
    assert editor.lines()[1].startswith(f"{line}<")


@pytest.mark.parametrize("key", ["<C-y>", "<C-e>"])
def test_accepting_closes_the_builtin_popup(echo: Opening, key: str) -> None:
    """A menu that came by itself goes with its entries, which would undo the text."""
    editor = echo("word wort\n\n", before="vim.o.autocomplete = true; vim.o.cpt = '.'")
    shown = "return vim.fn.pumvisible()"
    editor.keys("jiwo")
    editor.wait(lambda: editor.lua(shown) == 1, "menu")
    editor.wait(editor.ghost, "ghost text beside the menu")
    editor.keys("<Tab>")
    reads(editor, "word wort", "wo<o|", ">")
    assert editor.lua(shown) == 0
    editor.keys(f"{key}!")
    editor.wait(lambda: editor.lines()[2].endswith("!"), "typed key")
    assert editor.lines()[1] == "wo<o|"


def test_a_snippet_keeps_its_tab(echo: Opening) -> None:
    """Neovim's own Tab, which jumps in a snippet, is kept where there is no ghost."""
    editor = echo("", setup={"enabled": False}, attached=False)
    editor.keys("i")
    editor.wait(lambda: editor.mode() == "i", "insert mode")
    editor.lua("vim.snippet.expand('f(${1:one}, ${2:two})')")
    reads(editor, "f(one, two)")
    editor.wait(lambda: editor.mode() == "s", "selected placeholder")
    editor.keys("A")
    editor.wait(lambda: editor.lines() == ["f(A, two)"], "first place")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.mode() == "s", "selected placeholder")
    editor.keys("B")
    reads(editor, "f(A, B)")


ANOTHER_KEY = """
vim.keymap.set('i', '<Tab>', '[before]')
require('codeassist').setup({ keymaps = { accept = '<Tab>', accept_word = '<C-y>' } })
"""
"""Setting up twice, as configurations that are read anew do."""


def test_a_key_that_another_replaces_is_given_back(echo: Opening) -> None:
    """Who sets up anew has the new keys alone, even one that another action had."""
    keys = {"accept": "<C-y>", "accept_word": "<C-b>"}
    editor = echo("|", before=ANOTHER_KEY, setup={"keymaps": keys})
    assert ghost(editor, "ix") == "<x||>"
    editor.keys("<Tab>x")
    reads(editor, "x[before]x|")
    editor.wait(lambda: editor.ghost() == "<x||>", "ghost text")
    editor.keys("<C-b>")
    reads(editor, "x[before]x<|")
    editor.wait(lambda: editor.ghost() == "<<||>", "ghost text")
    editor.keys("<C-y>")
    reads(editor, "x[before]x<<<||>|")
