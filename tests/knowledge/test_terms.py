import pytest

from knowledge.terms import index_terms, query_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Resetting the passwords", ["reset", "password"]),
        ("What is it that they don't do?", []),
        ("Café BEYONCÉ", ["cafe", "beyonc"]),
        ("O’Brien's 3.5", ["o", "brien", "3", "5"]),
        ("max_tokens in CloudFormation", ["max", "token", "cloudform"]),
        ("", []),
        ("🙂 — …", []),
    ],
)
def test_prose_gives_stemmed_words_without_stop_words(text: str, terms: list[str]) -> None:
    assert index_terms(text) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("职业碗", ["职业", "业碗"]),
        ("水 and ice", ["水", "ice"]),
        ("用Kubernetes部署", ["用", "kubernet", "部署"]),
        ("ｶﾀｶﾅ", ["カタ", "タカ", "カナ"]),
        ("ＡＢＣ株式", ["abc", "株式"]),
        ("한국어", ["한국", "국어"]),
        ("データ・ベース", ["デー", "ータ", "ベー", "ース"]),
        ("𠮷野家", ["𠮷野", "野家"]),
    ],
)
def test_scripts_without_spaces_give_pairs_whatever_their_width(
    text: str, terms: list[str]
) -> None:
    assert index_terms(text) == terms
    assert query_terms(text) == terms


def test_code_gives_identifiers_whole_and_in_parts() -> None:
    terms = index_terms("client.getUserName(user_id); // HTTPServer")
    assert {"getusernam", "get", "user", "name", "user_id", "id", "http", "server"} <= set(terms)


def test_a_question_naming_an_identifier_looks_for_the_whole_and_its_parts() -> None:
    assert query_terms("What does getUserName do?") == ["getusernam", "get", "user", "name"]
    assert query_terms("What is user_id?") == ["user_id", "user", "id"]
    assert query_terms("What is CloudFormation?") == ["cloudform"]


def test_a_key_of_any_length_is_a_term_of_bounded_length() -> None:
    (term,) = index_terms("a1" * 5000)
    assert len(term) <= 64
