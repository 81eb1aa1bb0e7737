"""Why a file could not be read, as parsers say it."""

from agent.texts import Text

FILES = (
    Text("it is empty", "文件是空的"),
    Text("it has no text", "其中没有文字"),
    Text("it is a binary file (it holds NUL bytes)", "这是二进制文件（含有 NUL 字节）"),
    Text(
        "it is not UTF-8 text (byte {byte}): save it as UTF-8",
        "不是 UTF-8 文本（第 {byte} 字节）：请另存为 UTF-8",
    ),
    Text("it is not the {encoding} text it says it is", "内容并非其声明的 {encoding} 编码"),
    Text("it cannot be parsed ({kind})", "无法解析（{kind}）"),
    Text(
        "its text exceeds {most} characters: split it", "文字超过 {most} 个字符：请拆分成多个文件"
    ),
    Text(
        "a table exceeds {most} characters: split it", "有表格超过 {most} 个字符：请拆分成多个文件"
    ),
    Text("format {suffix} is not supported", "不支持 {suffix} 格式"),
    Text("without a suffix", "无扩展名的"),
    Text(
        "it has {size} bytes, more than the {most} allowed",
        "大小为 {size} 字节，超过上限 {most} 字节",
    ),
    Text("it is not the archive that its name says", "文件内容与扩展名所示的压缩格式不符"),
    Text("it holds {count} files, more than {most}", "其中有 {count} 个文件，超过上限 {most} 个"),
    Text("it unpacks to more than {size} MB", "解压后超过 {size} MB"),
    Text("it unpacks to more than {ratio} times its size", "解压后超过原大小的 {ratio} 倍"),
    Text("its files overlap, as in a zip bomb", "其中的文件相互重叠，疑似压缩炸弹"),
    Text("it is encrypted: remove the password", "文件已加密：请先去除密码"),
    Text(
        "it is no e-mail: it has neither a sender nor a subject",
        "不是电子邮件：既无发件人也无主题",
    ),
    Text("it has more than {most} parts", "邮件超过 {most} 个部分"),
    Text("its text is in an encoding that is not known: {why}", "文字采用了未知的编码：{why}"),
    Text("line {line} is no row: {why}", "第 {line} 行不是表格行：{why}"),
    Text("it is no Jupyter notebook", "不是 Jupyter 笔记本"),
    Text("the sheet {sheet} has more than {most} rows", "工作表 {sheet} 超过 {most} 行"),
    Text(
        "it is minified or generated: a line has {longest} characters",
        "是压缩或自动生成的代码：有一行长达 {longest} 个字符",
    ),
    Text("its HTML is nested more than {deep} deep", "HTML 嵌套超过 {deep} 层"),
    Text(
        "it has {count} pages, more than {most}: split it",
        "共 {count} 页，超过上限 {most} 页：请拆分",
    ),
    Text(
        "it has no text layer (scanned?): run OCR on it first",
        "没有文字层（可能是扫描件）：请先做文字识别（OCR）",
    ),
    Text("its parser gave no sensible answer", "解析器没有给出有效结果"),
    Text("its parser was killed or hangs", "解析器被终止或没有响应"),
)
"""By the English, which the knowledge layer writes."""
