import pytest

from knowledge.embedding.minilm import MiniLM
from knowledge.embedding.scripts import dominant_script, is_cjk, without_surrogates


@pytest.mark.parametrize(
    ("text", "script", "covered"),
    [
        ("How do I reset my password?", "latin", True),
        ("Ça va être déjà prêt, Zażółć gęślą jaźń", "latin", True),
        ("Tiếng Việt có dấu", "latin", True),
        ("", None, True),
        ("12 + 30 = ?", None, True),
        ("🙂 👍🏽", None, True),
        ("\ud800", None, True),
        ("What does 微信 mean?", "latin", True),
        ("the angle α of the Ω resistor", "latin", True),
        ("怎么重置密码？", "cjk", False),
        ("Kubernetes 怎么部署", "cjk", False),
        ("如何配置 Postgres connection pool", "latin", False),
        ("パスワードを忘れた", "cjk", False),
        ("ﾊﾟｽﾜｰﾄﾞ", "cjk", False),
        ("비밀번호를 잊어버렸어요", "cjk", False),
        ("Πώς αλλάζω τον κωδικό μου", "greek", False),
        ("Как настроить Kubernetes", "cyrillic", False),
        ("كيف أغير كلمة المرور", "arabic", False),
        ("मैं पासवर्ड कैसे बदलूँ", "devanagari", False),
        ("ＡＢＣ", "fullwidth", False),
    ],
)
def test_script_and_coverage(
    encoder: MiniLM, text: str, script: str | None, *, covered: bool
) -> None:
    assert dominant_script(text) == script
    assert encoder.covers(text) is covered


def test_is_cjk() -> None:
    assert all(map(is_cjk, "汉漢かカー々ㄅ한𠀀ｶ"))
    assert not any(map(is_cjk, "aé1 。，αДع！"))


def test_surrogates_become_question_marks() -> None:
    assert without_surrogates("a\ud800b\udfff 汉🙂") == "a?b? 汉🙂"
