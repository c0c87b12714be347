"""Words of a language that are no names."""

__all__ = ["KEYWORDS"]

_C = """auto break case char const continue default do double else enum extern float for
goto if inline int long register restrict return short signed sizeof static struct switch
typedef union unsigned void volatile while define ifdef ifndef endif include elif undef
pragma NULL bool true false"""
_CPP = """alignas catch class constexpr delete dynamic_cast explicit export friend mutable
namespace new noexcept nullptr operator override private protected public
reinterpret_cast static_cast template this throw try typename using virtual"""
_JAVASCRIPT = """async await break case catch class const continue debugger default delete
do else export extends false finally for from function get if import in instanceof let new
null of return set static super switch this throw true try typeof undefined var void while
with yield"""
_TYPESCRIPT = """abstract any as boolean declare enum implements interface is keyof
namespace never number private protected public readonly string type unknown"""
_JAVA = """abstract assert boolean break byte case catch char class const continue default
do double else enum extends final finally float for if implements import instanceof int
interface long native new null package private protected public return short static super
switch synchronized this throw throws transient true false try void volatile while var"""

_WORDS = {
    "python": """False None True and as assert async await break class continue def del
        elif else except finally for from global if import in is lambda match nonlocal not
        or pass raise return self try while with yield""",
    "javascript": _JAVASCRIPT,
    "typescript": f"{_JAVASCRIPT} {_TYPESCRIPT}",
    "typescriptreact": f"{_JAVASCRIPT} {_TYPESCRIPT}",
    "go": """break case chan const continue default defer else fallthrough for func go goto
        if import interface map package range return select struct switch type var nil true
        false string int error bool""",
    "rust": """as async await break const continue crate dyn else enum extern false fn for
        if impl in let loop match mod move mut pub ref return self Self static struct super
        trait true type unsafe use where while""",
    "java": _JAVA,
    "c": _C,
    "cpp": f"{_C} {_CPP}",
    "csharp": f"""{_JAVA} as async await base bool decimal delegate event explicit extern
        foreach get in internal is lock namespace object operator out override params
        readonly ref sealed set string struct using virtual where yield""",
    "ruby": """alias and begin break case class def defined do else elsif end ensure false
        for if in module next nil not or redo rescue retry return self super then true
        undef unless until when while yield require attr_accessor attr_reader""",
    "php": """abstract and array as break case catch class clone const continue declare
        default do echo else elseif empty endforeach endif extends false final finally fn
        for foreach function global if implements include instanceof interface isset list
        match namespace new null or print private protected public readonly require return
        static string int bool switch $this throw trait true try unset use var void while
        yield php""",
    "lua": """and break do else elseif end false for function goto if in local nil not or
        repeat return then true until while""",
    "shellscript": """case do done echo elif else esac exit export fi for function if in
        local return set shift then unset until while""",
    "kotlin": """as break by class companion const constructor continue data do else enum
        false final for fun get if import in init inline interface internal is lateinit null
        object open out override package private protected public return sealed set super
        suspend this throw true try typealias val var when while""",
    "scala": """abstract case catch class def do else enum extends extension false final
        finally for given if implicit import lazy match new null object override package
        private protected return sealed super then this throw trait true try type using val
        var while with yield""",
    "swift": """as associatedtype break case catch class continue default defer deinit do
        else enum extension false fileprivate final for func guard if import in init inout
        internal is lazy let mutating nil open override private protocol public repeat
        return self Self static struct subscript super switch throw throws true try
        typealias var weak where while""",
}

KEYWORDS = {
    language: frozenset(words.encode().split()) for language, words in _WORDS.items()
}
