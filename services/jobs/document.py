"""The words by which a job is found: what PostgreSQL makes of a text, stored or asked for."""

# Half a word to PostgreSQL's parser, a whole language to those who search.
_NAMES = (("c++", "cpp"), ("c#", "csharp"))
# Between two words; PostgreSQL's parser would see one: a host, a path, a compound.
_BETWEEN = "./\\_@&"


def words_of(text: str) -> str:
    """Return the SQL for the words in a text: without case and diacritics, apart from each other.

    As `fold`, but where the texts are: they need not travel to be indexed.

    Args:
        text: SQL, an expression.
    """
    sql = f"lower(regexp_replace(normalize({text}, NFKD), '[\\u0300-\\u036f]', '', 'g'))"
    sql = rf"regexp_replace({sql}, '\.net\M', ' dotnet', 'g')"
    for name, word in _NAMES:
        sql = f"replace({sql}, '{name}', '{word}')"
    # Đ too: where the database's locale is C, `lower` knows A to Z only
    return f"translate({sql}, 'đĐ{_BETWEEN}', 'dd{' ' * len(_BETWEEN)}')"


def vector_of(text: str, weight: str) -> str:
    """Return the SQL for the vector of a text, which is SQL too; `weight` is A to D."""
    words = words_of(f"replace({text}, '-', ' ')")
    return f"setweight(to_tsvector('simple', {words}), '{weight}')"


def query_of(text: str) -> str:
    """Return the SQL for the query of a text in web-search syntax, which is SQL too."""
    return f"websearch_to_tsquery('simple', {words_of(text)})"
