"""Questions that any chat model answers: what a generative model may forget while it is tuned.

Checked by strings of which one must stand in the reply, so that no second model is asked.
"""

from dataclasses import dataclass

from agent.evaluation.answer_evaluation import contains_answer


@dataclass(frozen=True, slots=True)
class General:
    """A question and the strings of which one is in every right reply."""

    question: str
    any_of: tuple[str, ...]

    def is_right(self, reply: str) -> bool:
        """After normalisation, as everywhere."""
        return contains_answer(reply, self.any_of)


GENERAL = tuple(
    General(question, any_of)
    for question, any_of in (
        ("What is the capital of France?", ("Paris",)),
        ("What is the capital of Japan?", ("Tokyo",)),
        ("Which planet is known as the Red Planet?", ("Mars",)),
        ("What is 17 + 25? Answer with the number.", ("42", "forty-two")),
        ("What is 9 times 8? Answer with the number.", ("72", "seventy-two")),
        ("How many days does a leap year have?", ("366",)),
        ("How many minutes are in two hours?", ("120",)),
        ("Who wrote the play Romeo and Juliet?", ("Shakespeare",)),
        ("What is the chemical symbol of gold?", ("Au",)),
        ("What is frozen water called?", ("ice",)),
        ("What is the opposite of hot?", ("cold", "cool")),
        ("What is the plural of the English word mouse, the animal?", ("mice",)),
        ("What is the past tense of the English verb go?", ("went",)),
        ("Translate the Spanish word gracias into English.", ("thank",)),
        ("Translate the English word dog into German.", ("Hund",)),
        ("Which ocean lies between Europe and North America?", ("Atlantic",)),
        ("On which continent is Egypt?", ("Africa",)),
        ("How many legs does a spider have?", ("8", "eight")),
        ("What gas do plants take in for photosynthesis?", ("carbon dioxide", "CO2")),
        ("Which month comes after June?", ("July",)),
        ("Write the word apple in capital letters.", ("APPLE",)),
        ("Which number is larger, 31 or 13?", ("31",)),
        ("In Python, which built-in function gives the length of a list?", ("len",)),
        ("Complete the list: Monday, Tuesday, Wednesday, …", ("Thursday",)),
        ("Is a tomato a mineral? Answer yes or no.", ("no",)),
        ("法国的首都是哪里？", ("巴黎",)),
        ("日本的首都是哪里？", ("东京",)),
        ("中国最长的河是哪一条？", ("长江",)),
        ("一年有几个月？请写出数字。", ("12", "十二")),
        ("三加五等于几？", ("8", "八")),
        ("七乘以六等于多少？", ("42", "四十二")),
        ("水的化学式是什么？", ("H2O", "H₂O")),
        ("《红楼梦》的作者是谁？", ("曹雪芹",)),
        ("“静夜思”是哪位诗人写的？", ("李白",)),
        ("一个星期有几天？", ("7", "七")),
        ("“大”的反义词是什么？", ("小",)),
        ("把“谢谢”翻译成英文。", ("thank",)),
        ("地球绕着什么转？", ("太阳",)),
        ("春天之后是哪个季节？", ("夏",)),
        ("彩虹有几种颜色？", ("7", "七")),
    )
)
