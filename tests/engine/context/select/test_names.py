"""What a name of another file is taken for."""

import pytest

from codeassist.engine.context.select.known import Reading

from .conftest import words

CPP = """\
namespace shop {
class Cart {
 public:
  double total_price() const;
};
namespace detail {
using Cents = int;
}
static int local_cost();
double shipping_cost(const Cart& cart);
}
"""
RUBY = """\
module Shop
  class Cart
    def total_price
    end
  end
end
"""
CSHARP = """\
namespace Acme.Shop
{
    public class Cart
    {
        public double TotalPrice() => 1;
    }
}
"""
ERROR = "pub enum AppError {\n    TooHeavy,\n    Unpaid,\n}\n"
IMPLS = "".join(
    f"impl From<E{n}> for AppError {{\n"
    f"    const N: u8 = {n};\n    fn from(e: E{n}) -> Self {{ todo!() }}\n}}\n"
    for n in range(80)
)
OWN = "impl AppError {\n    pub fn code(&self) -> u8 { 1 }\n}\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("cart.hpp", CPP, ["Cart", "Cents", "shipping_cost", "shop"]),
        ("cart.rb", RUBY, ["Cart", "Shop"]),
        ("Cart.cs", CSHARP, ["Cart", "Shop"]),
        ("error.rs", f"{IMPLS}{ERROR}{OWN}", ["AppError", "AppError"]),
        (
            "a.rs",
            "pub mod a {\n    pub struct B;\n}\nmod t {\n    fn u() {}\n}\n",
            ["B", "a"],
        ),
        (
            "a.swift",
            "struct Box {}\nextension Box: Codable {\n}\nextension Box {\n}\n",
            ["Box", "Box"],
        ),
    ],
    ids=["c++", "ruby", "c#", "rust impls", "rust modules", "swift"],
)
def test_what_a_file_offers(write, opened, path, text, expected):
    """What others can name stands at the top or in namespaces, no type's traits."""
    context = opened(write({path: text}))
    offers = Reading(context.index).now().offers(path)

    assert [each.name for each in offers] == expected


def test_methods_of_a_rust_type_are_its_members(write, opened):
    """They stand in blocks of their own, beside the type."""
    context = opened(write({"error.rs": f"{ERROR}{OWN}pub fn other() {{}}\n"}))
    reading = Reading(context.index).now()
    (place, *_) = [p for p in reading.offers("error.rs") if p.kind != "module"]

    assert "code" in [each.name for each in reading.members(place)]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("error.rs", ERROR + IMPLS, "TooHeavy"),
        (
            "AppError.java",
            "class AppError {\n    int tooHeavy;\n"
            + "".join(f"    AppError(E{n} e) {{}}\n" for n in range(20))
            + "}\n",
            "int tooHeavy",
        ),
    ],
    ids=["traits", "constructors"],
)
def test_a_type_with_many_namesakes(write, opened, at, path, text, expected):
    """A type is looked up however many traits and constructors it has."""
    files = {"a.txt": "AppError(┃\n", path: text}
    context = opened(write(files))
    found = context.around(at("a.txt", files["a.txt"]), 200, words).snippets

    assert "defines AppError" in found[0].reasons
    assert expected in found[0].text


def test_members_of_a_struct_with_two_names(write, opened):
    """Of C's `typedef struct node {…} node_t` both names have the fields."""
    text = "typedef struct node {\n    int value;\n    struct node *next;\n} node_t;\n"
    context = opened(write({"node.h": text}))
    known = Reading(context.index).now()
    found = {
        name: [each.name for each in known.members(place)]
        for name in ("node_t", "node")
        for place in context.index.definitions(name)
    }

    assert found == {"node_t": ["value", "next"], "node": ["value", "next"]}
