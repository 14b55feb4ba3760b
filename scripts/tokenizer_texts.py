"""Texts of every kind for tokenizers: many scripts, emoji, marks, controls, code, numbers, white space.

The same seed gives the same texts, with whatever Python.
"""

import random

# Letters from which words are made up, and what stands between words. Some have real text in `PHRASES`, too.
SCRIPTS = {
    "latin": ("abcdefghijklmnoprstuvwyz", " "),
    "accented": ("aàâäåāąbcçćčdðđeéèêëęěfghiíîïıjklłmnñńňoóôöøőœprřsśšßtťuúûüůvwxyýzźżž", " "),
    "vietnamese": ("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữự", " "),
    "greek": ("αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋΐὀῆᾳ", " "),
    "cyrillic": ("абвгдежзийклмнопрстуфхцчшщыьэюяёіїєґ", " "),
    "hebrew": ("אבגדהוזחטיכלמנסעפצקרשתםןףץ", " "),
    "arabic": ("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءآأپچگک", " "),
    "devanagari": ("अआइईउएकखगचजटडतदनपबमयरलवशसहािीुूेैोौं्", " "),
    "bengali": ("অআইউএকখগচজটডতদনপবমযরলশসহািীুেোং্", " "),
    "tamil": ("அஆஇஉஎகஙசஞடணதநபமயரலவழளறனாிீுூெேைொ்", " "),
    "thai": ("กขคงจชซดตถทนบปผพฟมยรลวสหอะาิีุูเแโไ็่้์", ""),
    "georgian": ("აბგდევზთიკლმნოპრსტუფქღყშჩცძწჭხჯჰ", " "),
    "armenian": ("աբգդեզէըթիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև", " "),
    "hangul": ("가각간갈감강개거건것게고공과관구국기나는다대도동들라로를리마만말면모무미사서선성소수시아안어에여연우원위은을음의이인일자장전정제조지진하한합해했화회", " "),
    "jamo": ("ᄀᄂᄃᄅᄆᄇᄉᄋᄌ하ᅡᅥᅩᅮᅳᅵᆨᆫᆯᆷᆸ", " "),
    "hiragana": ("あいうえおかきくけこさしすせそたちつてとなにのはひふへほまみむめもやゆよらりるれろわをんがぎぐげござじだでどばぱ", ""),
    "katakana": ("アイウエオカキクケコサシスセソタチツテトナニノハヒフヘホマミムメモラリルレロンガギグゲゴジダデドバパー", ""),
    "han": ("的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从知使", ""),
    "traditional": ("這個說國來們時為對會過發經當進還從沒學點開關長東車門電話書寫買賣雲風飛馬鳥魚龍", ""),
    "ethiopic": ("ሀለሐመሠረሰሸቀበተቸነአከወዐዘየደጀገጠጨጰጸፈፐ", " "),
    "cherokee": ("ᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯꭰꭱꭲꭳ", " "),
    "math": ("𝒜𝒷𝒸𝔞𝔟𝔠𝕒𝕓𝕔𝐀𝐁𝐂𝟎𝟏𝟐𝟘𝟙", " "),
    "fullwidth": ("ａｂｃｄｅＡＢＣＤＥ１２３４！？ｶﾞｷﾞｸﾟﾊﾟﾋﾞ", " "),
    "gothic": ("𐌰𐌱𐌲𐌳𐌴𐌵𐌶𐌷𐌸𐌹𐌺𠀀𠀁𠀂𪚥", " "),
}

PHRASES = """
the penstock feeds the turbine and a gate decides what may enter
the quick brown fox jumps over the lazy dog
it is what it is and that is all there is to it
in the beginning there was nothing but water and a wheel
what are the words that people use most of the time when they write
she has been there before and they will be there again for some time
we don't know; they're here, it's theirs, I'm sure you'd've said so, we'll see
el niño comió jalapeños en la casa de los señores
les élèves de l'école ont mangé des crêpes à Noël, n'est-ce pas
die Straße überquert ein großer Bär, schön
привет мир как дела сегодня хорошая погода
съешь же ещё этих мягких французских булок
καλημέρα κόσμε ὀδυσσεύς τι κάνεις
שלום עולם שָׁלוֹם
مرحبا بالعالم كَيْفَ حالك می‌خواهم
नमस्ते दुनिया कैसे हो
ওহে বিশ্ব কেমন আছ
வணக்கம் உலகம்
สวัสดีชาวโลก
你好世界，今天天气怎么样？
東京は日本の首都です。元気ですか
안녕하세요 세계 오늘 날씨가 좋네요
""".strip().split("\n")

CODE = [
    "def f(x):\n    return [i**2 for i in range(10) if i % 2 == 0]",
    "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }",
    "if (x != null && y >= 0.5f) return `${x}-${y}`;",
    "SELECT * FROM users WHERE id = 42 AND name LIKE '%o''brien%';",
    '#include <stdio.h>\nint main(void) { printf("%d\\n", 1 << 3); }',
    '{"key": [1, 2.5e-3, null, true], "b": {"c": "\\u00e9"}}',
    '<div class="a b">&lt;x&gt; &amp;amp;</div><!-- c -->',
    "let x = try? foo()?.bar ?? -1 // ok",
    "\tif x:\n\t\tpass\n\n\n\telse:\r\n\t\ty = 'a'",
    "echo \"$HOME/bin\" | grep -v '^#' >> ~/.bashrc 2>&1",
    "a_b.c-d/e\\f g::h->i camelCaseWord snake_case_word SCREAMING_CASE x86_64 utf8mb4",
]

URLS = [
    "https://example.com/a/b?q=1&r=%20#frag", "user.name+tag@example.co.uk", "http://xn--bcher-kva.example/ü",
    "ftp://192.168.0.1:21/x.tar.gz", "C:\\Users\\x\\y.txt", "@handle", "#hashtag", "www.例え.jp", "git@github.com:a/b.git",
]

EMOJI = [
    "👍", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "🇩", "❤️", "☎︎", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🤷🏿‍♀️", "🧑🏻‍🚀", "1️⃣", "😀😃", "🫠", "✈", "\u200d👩", "👩\u200d", "\ufe0f",
]

MARKS = [
    "e\u0301", "a\u0316\u0301", "a\u0301\u0316", "q\u0307\u0323", "\u0301", "\u0345\u0301", "o\u0302\u0323\u0308",
    "x\u0338\u20d2\u0591", "A\u030a", "\u212b", "\u0344", "ﬁ", "ﬃ", "ǆ", "ǅ", "½", "²", "™", "①", "㍿", "ẞ", "ß", "İ", "ı", "ς",
    "Σ", "\u1100\u1161\u11a8", "가\u11a8", "\u0dd9\u0dcf", "\u0915\u093c", "\u0958", "\ufb2c", "﷽", "ﷺ", "\u2126", "\u2adc",
    "\U0001d15e", "\u0f73", "\u1e9b\u0323", "…", "ŉ", "ſ", "K", "˜", "¨", "´",
]

CONTROLS = [
    "\u0000", "\u0001", "\u0007", "\u0008", "\u001b[0m", "\u001f", "\u007f", "\u0080", "\u0085", "\u009f", "\u00ad", "\u061c",
    "\u180e", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u2028", "\u2029", "\u2060", "\u2066", "\ufeff",
    "\ufff9", "\ufffd", "\ufffe", "\uffff", "\ue000", "\U000f0000", "\U0010ffff", "\U000e0001", "\u0378", "\u2fe0",
]

SPACES = [
    " ", "  ", "   ", "\t", "\n", "\r", "\r\n", "\n\n", " \n", "\n ", "\u000b", "\u000c", "\u001c", "\u0085", "\u00a0", "\u1680",
    "\u2000", "\u2002", "\u2009", "\u200a", "\u2028", "\u202f", "\u205f", "\u3000", "        ", "\t\t", " \t ", "\u2581", " \u2581",
]

PUNCTUATION = list(".,;:!?'\"()[]{}<>-_/\\|@#$%^&*+=~`") + [
    "...", "--", "''", "``", "«", "»", "„", "“", "”", "‘", "’", "–", "—", "·", "•", "¿", "¡", "。", "、", "，", "！", "？", "「", "」", "،",
    "؟", "।", "۔", "…", "€", "£", "¥", "°", "§", "†", "×", "÷", "±", "∞", "≠", "→", "←", "█", "‿", "〜", "・", "'s", "'t", "'re", "'ve",
    "'m", "'ll", "'d", "'S", "'T", "'LL", "’s", " 's", "n't", "##", "##ing", "</w>", "Ġ", "Ċ", "@@", "<0x0A>", "<0x", "|||",
]

# What other tokenizers hold special: plain text to most.
TOKENS = [
    "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>", "<mask>", "<pad>", "<unk>", "<|endoftext|>", "<|im_start|>",
    "<bos>", "<eos>", "<extra_id_0>", "<|begin_of_text|>", "<start_of_turn>", "<|", "|>", "[MASK", "<mas", "en_XX", "[INST]",
]

# Stand for the special tokens of whichever tokenizer reads the text: U+100000 + n for the n-th added token.
PLACEHOLDERS = [chr(0x100000 + n) for n in range(24)]


def with_tokens(text, tokens):
    """The text with its placeholders replaced by added tokens, in turn if there are few; by nothing if there are none."""
    for n, placeholder in enumerate(PLACEHOLDERS):
        if placeholder in text:
            text = text.replace(placeholder, tokens[n % len(tokens)] if tokens else "")
    return text


class Texts:
    """A source of texts."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        # The words are the same whatever the seed, so that a vocabulary made of some texts fits others.
        words = random.Random(1)
        self.words = {
            script: ["".join(words.choices(letters, k=words.choice([1, 2, 2, 3, 3, 4, 5, 6, 8]))) for _ in range(120)]
            for script, (letters, _) in SCRIPTS.items()
        }

    def chance(self, probability):
        return self.random.random() < probability

    def word(self, script="latin"):
        """A word, the first ones of a script more often than the last."""
        words = self.words[script]
        word = words[min(int(self.random.expovariate(1 / 25)), len(words) - 1)]
        return self.random.choice([word] * 8 + [word.upper(), word.title()])

    def number(self):
        choose = self.random
        digits = str(choose.randrange(10 ** choose.randint(1, 9)))
        return choose.choice([
            digits, digits, "1,234,567.89", f"{choose.random():.4f}", f"{digits}%", f"-{digits}", f"{digits}e{choose.randint(-9, 9)}",
            "٣٤٥", "१२३", "Ⅷ", "2024-01-31", "12:34:56", "$9.99", "0xDEADbeef", "1st", "٪", "৪২", "²³", "１２",
        ])

    def phrase(self):
        words = self.random.choice(PHRASES).split(" ")
        start = self.random.randrange(len(words))
        return " ".join(words[start : start + self.random.randint(1, 6)])

    def prose(self, script):
        joiner = SCRIPTS[script][1]
        return joiner.join(self.word(script) for _ in range(self.random.randint(1, 5)))

    def scalars(self):
        """Scalars from anywhere."""
        blocks = [(0, 0x80), (0x80, 0x250), (0x250, 0x3000), (0x3000, 0xD800), (0xE000, 0x10000), (0x10000, 0x20000), (0x20000, 0x110000)]
        low, high = self.random.choice(blocks)
        return "".join(chr(self.random.randrange(low, high)) for _ in range(self.random.randint(1, 4)))

    def part(self):
        """A stretch of one kind."""
        choose = self.random
        kind = choose.random()
        if kind < 0.30:
            return self.phrase()
        if kind < 0.52:
            return self.prose(choose.choice(list(SCRIPTS)))
        if kind < 0.57:
            line = choose.choice(CODE)
            start = choose.randrange(len(line))
            return line[start : start + choose.randint(3, 24)]
        if kind < 0.59:
            return choose.choice(URLS)
        if kind < 0.65:
            return choose.choice(EMOJI)
        if kind < 0.71:
            return choose.choice(MARKS)
        if kind < 0.74:
            return choose.choice(CONTROLS)
        if kind < 0.82:
            return self.number()
        if kind < 0.89:
            return choose.choice(PUNCTUATION)
        if kind < 0.93:
            return choose.choice(PLACEHOLDERS)
        if kind < 0.95:
            return choose.choice(TOKENS)
        if kind < 0.97:
            return choose.choice(SPACES) * choose.randint(1, 3)
        if kind < 0.99:
            return self.scalars()
        return choose.choice("aé中🙂 .\u0301\u0000!") * choose.randint(2, 40)

    def text(self, parts):
        """Up to `parts` stretches with something or nothing between them."""
        result = [self.random.choice(SPACES)] if self.chance(0.08) else []
        for _ in range(self.random.randint(1, parts)):
            result.append(self.part())
            if self.chance(0.75):
                result.append(self.random.choice([" "] * 10 + SPACES + [".", ",", "-", "\u200b"]))
        if self.chance(0.7) and result[-1].strip() == "":
            result.pop()
        return "".join(result)

    def words_of(self, parts):
        """A text that was cut into words elsewhere: some are empty, some have white space within."""
        words = []
        for _ in range(self.random.randint(1, parts)):
            words += [self.part()] if self.chance(0.4) else self.phrase().split(" ")
        return words + [""] if self.chance(0.05) else words

    def english(self):
        """A line of words and punctuation in ASCII."""
        phrases = [self.random.choice(PHRASES[:7]) if self.chance(0.8) else self.prose("latin") for _ in range(self.random.randint(1, 4))]
        return ", ".join(phrases).capitalize() + self.random.choice([".", "?", "!", " (1984).", " etc."])
