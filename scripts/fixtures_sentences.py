"""Checkpoints of sentence-transformers, and the embeddings of the real all-MiniLM-L6-v2."""

import math
import random
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertModel

from fixtures_base import JSON, Case, lines_of_json, start_afresh, write_golden, write_json
from fixtures_checkpoints import bert_sizes
from fixtures_encodings import encoded
from fixtures_tokenizers import bert_tokenizer
from fixtures_weights import Tensors, save_random_model

# --- Cases ------------------------------------------------------------------------------------------------------------


def embed(inputs: JSON, **parameters: JSON) -> Case:
    return Case("embed", inputs, parameters)


EMBED_LONG = "the quick brown fox jumps over the lazy dog and then came back to the house by the river"
EMBED_TEXTS = ["hello world", "", "The cat sat on the mat!", "Café 東京 🙂", EMBED_LONG]
EMBED_BASICS = [
    embed(EMBED_TEXTS[0]),
    embed(EMBED_TEXTS),
    embed(EMBED_TEXTS[2], normalize=True),
    Case("sentence-similarity", {"source_sentence": EMBED_TEXTS[2], "sentences": EMBED_TEXTS}),
]
EMBED_PROMPTS = EMBED_BASICS + [
    embed(EMBED_TEXTS, prompt_name="query"),
    embed(EMBED_TEXTS[0], prompt_name="passage"),
    embed(EMBED_TEXTS[0], prompt_name="none"),
    embed(EMBED_TEXTS[0], prompt="book: "),
    embed(EMBED_TEXTS[0], prompt_name="unknown"),
]


# --- Checkpoints of sentence-transformers -----------------------------------------------------------------------------

POOLING_FLAGS = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
SENTENCE_HIDDEN = 16
PROMPTS = {"query": "query: ", "passage": "the passage is : ", "none": ""}


def flag_pooling(*modes: str, **others: JSON) -> dict[str, JSON]:
    """A Pooling config as saved until version 5: one boolean per mode."""
    flags = {flag: mode in modes for mode, flag in POOLING_FLAGS.items()}
    return {"word_embedding_dimension": SENTENCE_HIDDEN} | flags | others


def named_pooling(mode: str | list[str]) -> dict[str, JSON]:
    """A Pooling config as saved since version 5."""
    return {"embedding_dimension": SENTENCE_HIDDEN, "pooling_mode": mode, "include_prompt": True}


@dataclass(frozen=True)
class Module:
    """A module behind the Transformer: the name of its class, its config.json, and the shapes of its tensors."""

    kind: str
    config: dict[str, JSON] | None = None
    shapes: dict[str, list[int]] = field(default_factory=dict)

    def save(self, folder: Path, generator: torch.Generator) -> None:
        folder.mkdir()
        if self.config is not None:
            write_json(folder / "config.json", self.config)
        if self.shapes:
            tensors = {name: self.tensor(name, shape, generator) for name, shape in self.shapes.items()}
            save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    @staticmethod
    def tensor(name: str, shape: list[int], generator: torch.Generator) -> torch.Tensor:
        noise = torch.randn(*shape, generator=generator)
        if name == "norm.weight":
            return 1 + 0.2 * noise
        return (0.2 if name.endswith("bias") else 0.3) * noise


def dense_module(inputs: int, outputs: int, activation: str, **config: JSON) -> Module:
    """A Dense with a bias and, where the config asks for one, a layer for the residual."""
    shapes = {"linear.weight": [outputs, inputs], "linear.bias": [outputs]}
    if config.get("use_residual") and inputs != outputs:
        shapes["residual.weight"] = [outputs, inputs]
    sizes = {"in_features": inputs, "out_features": outputs, "bias": True}
    return Module("Dense", sizes | {"activation_function": f"torch.nn.modules.{activation}"} | config, shapes)


def layer_norm_module(dimension: int) -> Module:
    return Module("LayerNorm", {"dimension": dimension}, {"norm.weight": [dimension], "norm.bias": [dimension]})


@dataclass(frozen=True)
class SentenceCheckpoint:
    """A tiny sentence-transformers checkpoint: Transformer, Pooling, and what follows; or any modules."""

    name: str
    pooling: dict[str, JSON]
    cases: list[Case] = field(default_factory=lambda: EMBED_BASICS)
    dense: dict[str, JSON] | None = None
    normalize: bool = False
    modules: list[Module] = field(default_factory=list)  # instead of Pooling, Dense and Normalize
    tokenizer_flags: dict[str, JSON] = field(default_factory=dict)
    sentence_config: dict[str, JSON] = field(default_factory=lambda: {"max_seq_length": 12, "do_lower_case": False})
    prompts: dict[str, JSON] = field(default_factory=dict)
    cased: bool = False
    new_types: bool = False

    def save_transformer(self, folder: Path, seed: int) -> None:
        config = BertConfig(**bert_sizes(SENTENCE_HIDDEN, 2, 1, 24, 200, 40))
        save_random_model(folder, BertModel, config, seed)
        bert_tokenizer(
            config.vocab_size, config.max_position_embeddings, self.cased, **self.tokenizer_flags
        ).save_pretrained(folder)

    def save(self, folder: Path, seed: int) -> None:
        self.save_transformer(folder, seed)
        write_json(folder / "sentence_bert_config.json", self.sentence_config)
        write_json(
            folder / "config_sentence_transformers.json",
            {"__version__": {"sentence_transformers": "2.2.2"}} | self.prompts,
        )
        write_json(folder / "modules.json", self.save_modules(folder, seed))

    def save_modules(self, folder: Path, seed: int) -> JSON:
        """Saves what stands behind the Transformer; returns the list of all."""
        if self.modules:
            generator = torch.Generator().manual_seed(seed)
            module_paths = [("Transformer", "")]
            for index, module in enumerate(self.modules, start=1):
                module_paths.append((module.kind, f"{index}_{module.kind}"))
                module.save(folder / module_paths[-1][1], generator)
            return self.listed(module_paths)
        module_paths = [("Transformer", ""), ("Pooling", "1_Pooling")]
        write_json(folder / "1_Pooling" / "config.json", self.pooling)
        if self.dense:
            module_paths.append(("Dense", "2_Dense"))
            write_json(folder / "2_Dense" / "config.json", self.dense)
            save_file(self.dense_tensors(seed), folder / "2_Dense" / "model.safetensors", metadata={"format": "pt"})
        if self.normalize:
            module_paths.append(("Normalize", f"{len(module_paths)}_Normalize"))
        return self.listed(module_paths)

    def listed(self, module_paths: list[tuple[str, str]]) -> JSON:
        return [
            {"idx": index, "name": str(index), "path": path, "type": self.module_type(kind)}
            for index, (kind, path) in enumerate(module_paths)
        ]

    def dense_tensors(self, seed: int) -> Tensors:
        generator = torch.Generator().manual_seed(seed)
        out_features, in_features = self.dense["out_features"], self.dense["in_features"]
        tensors = {"linear.weight": 0.3 * torch.randn(out_features, in_features, generator=generator)}
        if self.dense["bias"]:
            tensors["linear.bias"] = 0.2 * torch.randn(out_features, generator=generator)
        return tensors

    def module_type(self, kind: str) -> str:
        if not self.new_types:
            return f"sentence_transformers.models.{kind}"
        package = "sentence_transformer" if kind == "Pooling" else "base"
        return f"sentence_transformers.{package}.modules.{kind.lower()}.{kind}"


TANH_DENSE = {
    "in_features": SENTENCE_HIDDEN,
    "out_features": 10,
    "bias": True,
    "activation_function": "torch.nn.modules.activation.Tanh",
}
IDENTITY_DENSE = TANH_DENSE | {"bias": False, "activation_function": "torch.nn.modules.linear.Identity"}
DEFAULT_DENSE = {"in_features": SENTENCE_HIDDEN, "out_features": 20, "bias": True}

SENTENCE_CHECKPOINTS = [
    SentenceCheckpoint("st-cls", flag_pooling("cls")),
    SentenceCheckpoint("st-max", flag_pooling("max")),
    SentenceCheckpoint("st-mean", flag_pooling("mean"), normalize=True),
    SentenceCheckpoint("st-mean-sqrt-len", flag_pooling("mean_sqrt_len_tokens")),
    SentenceCheckpoint("st-weightedmean", flag_pooling("weightedmean")),
    SentenceCheckpoint("st-lasttoken", flag_pooling("lasttoken")),
    SentenceCheckpoint("st-concatenated", flag_pooling("mean", "max", "cls")),
    SentenceCheckpoint("st-named-mode", named_pooling("mean"), normalize=True, new_types=True),
    SentenceCheckpoint("st-named-modes", named_pooling(["lasttoken", "mean"]), new_types=True),
    SentenceCheckpoint("st-dense-normalize", flag_pooling("mean"), dense=TANH_DENSE, normalize=True),
    SentenceCheckpoint("st-dense-identity", flag_pooling("cls"), dense=IDENTITY_DENSE),
    SentenceCheckpoint("st-dense-default", flag_pooling("cls", "mean"), dense=DEFAULT_DENSE | {"in_features": 32}),
    SentenceCheckpoint(
        "st-prompts",
        flag_pooling("mean"),
        EMBED_PROMPTS,
        prompts={"prompts": PROMPTS, "default_prompt_name": "query", "similarity_fn_name": "cosine"},
    ),
    SentenceCheckpoint(
        "st-prompts-excluded",
        flag_pooling("cls", "mean", "weightedmean", "lasttoken", include_prompt=False),
        EMBED_PROMPTS,
        prompts={"prompts": PROMPTS, "default_prompt_name": None},
    ),
    SentenceCheckpoint(
        "st-lowercase",
        flag_pooling("mean"),
        sentence_config={"max_seq_length": 12, "do_lower_case": True},
        cased=True,
    ),
    SentenceCheckpoint("st-no-limit", flag_pooling("mean"), sentence_config={}),
    SentenceCheckpoint(
        "st-dense-before-pooling",
        {},
        modules=[
            dense_module(SENTENCE_HIDDEN, 12, "activation.Tanh", module_input_name="token_embeddings"),
            Module("Pooling", named_pooling("mean") | {"embedding_dimension": 12}),
        ],
    ),
    SentenceCheckpoint(
        "st-layernorm",
        {},
        modules=[
            Module("Pooling", flag_pooling("mean")),
            Module("Dropout", {"dropout": 0.1}),
            layer_norm_module(SENTENCE_HIDDEN),
        ],
    ),
    SentenceCheckpoint(
        "st-any-order",
        {},
        EMBED_PROMPTS,
        modules=[
            Module("Normalize", {"module_input_name": "token_embeddings", "module_output_name": "directions"}),
            dense_module(
                SENTENCE_HIDDEN, SENTENCE_HIDDEN, "activation.GELU", module_input_name="directions", use_residual=True
            ),
            Module("Pooling", flag_pooling("cls", include_prompt=False)),
            layer_norm_module(SENTENCE_HIDDEN),
            Module("Dropout", {"dropout": 0.9}),
            dense_module(
                SENTENCE_HIDDEN, 20, "activation.ReLU", module_input_name="directions",
                module_output_name="token_embeddings",
            ),
            Module("Pooling", named_pooling(["max", "mean"]) | {"embedding_dimension": 20}),
            Module("Normalize"),
            dense_module(40, 9, "linear.Identity", use_residual=True),
        ],
        prompts={"prompts": PROMPTS},
    ),
    SentenceCheckpoint(
        "st-truncated",
        flag_pooling("mean"),
        normalize=True,
        prompts={"truncate_dim": 7, "similarity_fn_name": "cosine"},
    ),
    SentenceCheckpoint(
        "st-arguments",
        flag_pooling("mean"),
        [
            embed(EMBED_TEXTS[0]),
            embed([EMBED_TEXTS[2], EMBED_LONG]),
            embed("The CAT [MASK] sat on a [mask] and The [SEP] ran"),
            embed(EMBED_LONG, normalize=True),
        ],
        sentence_config={
            "do_lower_case": True,
            "processing_kwargs": {"text": {"max_length": 9, "add_special_tokens": False}},
            "tokenizer_args": {"model_max_length": 5},
        },
        tokenizer_flags={"truncation_side": "left"},
        cased=True,
    ),
]


class SentenceReference:
    """Embeddings by sentence-transformers over one checkpoint, one text at a time."""

    def __init__(self, folder: Path) -> None:
        self.model = SentenceTransformer(
            str(folder), device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": torch.float32}
        )
        self.similarity_fn_name = self.model.similarity_fn_name

    def embed(
        self, inputs: str | list[str], normalize: bool = False, encoding: dict[str, JSON] | None = None, **options: JSON
    ) -> JSON:
        texts = [inputs] if isinstance(inputs, str) else inputs
        answer = encoded(self.embeddings(texts, normalize_embeddings=normalize, **options), **encoding or {})
        return answer[0] if isinstance(inputs, str) else answer

    def embeddings(self, inputs: str | list[str], **options: JSON) -> torch.Tensor:
        return self.model.encode(
            inputs, batch_size=1, convert_to_tensor=True, show_progress_bar=False, **options
        )

    def similarities(
        self, source_sentence: str, sentences: list[str], similarity_fn_name: str | None = None, **options: JSON
    ) -> list[float]:
        self.model.similarity_fn_name = similarity_fn_name or self.similarity_fn_name
        source, others = self.embeddings([source_sentence], **options), self.embeddings(sentences, **options)
        return self.model.similarity(source, others)[0].tolist()

    def record(self, case: Case) -> dict[str, JSON]:
        if case.task == "sentence-similarity":
            return case.record(lambda inputs, parameters: self.similarities(**inputs, **parameters))
        return case.record(lambda inputs, parameters: self.embed(inputs, **with_encoding(parameters)))


def with_encoding(parameters: dict[str, JSON]) -> dict[str, JSON]:
    """The parameters with those that say how embeddings are given as one."""
    names = {"precision", "ranges", "encoding_format"} & parameters.keys()
    return {name: value for name, value in parameters.items() if name not in names} | {
        "encoding": {name: parameters[name] for name in names}
    }


def make_sentence_checkpoint(checkpoint: SentenceCheckpoint, folder: Path) -> None:
    start_afresh(folder)
    checkpoint.save(folder, zlib.crc32(checkpoint.name.encode()))
    reference = SentenceReference(folder)
    write_golden(folder, [reference.record(case) for case in checkpoint.cases])


# --- MiniLM -----------------------------------------------------------------------------------------------------------

PASSAGES = {
    "english": """The harbour wakes before the town does: first the gulls, then the engines, and at last the bakers.
        Nobody could say who had painted the bridge, but everyone agreed that the colour suited the river.
        "You can't have it both ways," she replied; it's either the early train or a very long walk.
        Researchers compared 1,248 samples over 36 months and found no significant difference (p = 0.07).""",
    "french": """L'été dernier, nous avons traversé les Cévennes à pied, de village en village, sans jamais nous presser.
        Où est-ce que tu as rangé la clé de la cave ? Ça fait une heure que je la cherche, c'est agaçant !""",
    "german": """Während draußen der Föhn über die Dächer fegte, übte Jürgen geduldig dieselben fünf Takte auf der Geige.
        Die Straßenbahnhaltestelle liegt gegenüber dem Rathaus; Größe und Gewicht stehen auf dem Lieferschein.""",
    "vietnamese": """Buổi sáng, mùi cà phê rang lan khắp con phố nhỏ, và những người bán hàng bắt đầu mở cửa.
        Tiếng Việt có sáu thanh điệu, vì vậy dấu thanh rất quan trọng khi viết.""",
    "polish": """Źródło rzeki bije w gęstym lesie, kilka kilometrów od najbliższej wsi; łatwo je przeoczyć.
        Czy mógłbyś, proszę, podać mi sól? Dziękuję, żółć i jaźń to trudne słowa.""",
    "greek": """Η θάλασσα ήταν ήρεμη εκείνο το πρωί και τα ψαροκάικα γύριζαν αργά στο λιμάνι.
        Πόσο κοστίζει ένα εισιτήριο για τη Θεσσαλονίκη; Δεν ξέρω, ρώτησε στον σταθμό.""",
    "russian": """Зимой озеро замерзает так крепко, что по льду ездят грузовики, а рыбаки ставят палатки.
        Ещё вчера всё было иначе: шёл дождь, и никто не верил прогнозу погоды.""",
    "arabic": """في الصباح الباكر يفتح الخباز دكانه وتنتشر رائحة الخبز الطازج في الحي كله.
        هل تستطيع أن تخبرني كيف أصل إلى محطة القطار؟ شكرًا جزيلاً لك.""",
    "hebrew": """השמש שקעה מאחורי ההרים, והילדים חזרו הביתה עם כיסים מלאים באבנים.
        מתי יוצאת הרכבת הבאה לחיפה? לדעתי בעוד עשר דקות.""",
    "hindi": """बारिश के बाद मिट्टी की खुशबू पूरे गाँव में फैल गई और बच्चे बाहर खेलने निकल आए।
        क्या आप मुझे बता सकते हैं कि पुस्तकालय कहाँ है? धन्यवाद।""",
    "thai": """ตอนเช้าตลาดริมน้ำคึกคักมาก มีทั้งผลไม้สด ขนมหวาน และดอกไม้นานาชนิด
        คุณช่วยบอกทางไปสถานีรถไฟให้หน่อยได้ไหม ขอบคุณมาก""",
    "chinese": """清晨的湖面上飘着一层薄雾，几只白鹭静静地站在水边，等待着第一缕阳光。
        請問去火車站怎麼走？一直往前，過了第二個紅綠燈再左轉。""",
    "japanese": """駅前の小さな喫茶店では、毎朝同じ席で新聞を読むおじいさんがいる。
        この電車は東京行きですか？はい、でもカタカナの名前の駅で乗り換えてください。""",
    "korean": """비가 그친 뒤 골목길에는 고양이 두 마리가 햇볕을 쬐며 졸고 있었다.
        서울역까지 어떻게 가나요? 지하철 4호선을 타시면 됩니다.""",
    "emoji": """🎉🎉 We did it!!! 🥳 Thanks to all of you 🙏🏽 ❤️ 👩‍💻👨‍👩‍👧‍👦 🇫🇷🇯🇵 see you at 5️⃣ 🕔 ☕️ … ¯\\_(ツ)_/¯ :-) <3
        breaking 🚨🚨: 100% of 🐧 prefer ❄️ over ☀️ — more at 11 ™ ® © ½ ² ℃ № ﬁ ﬂ Ⅷ ①""",
    "code": """func area(of shape: [Point]) -> Double? { guard shape.count > 2 else { return nil } // shoelace
        for i in range(0, len(xs), 2): total += xs[i] ** 2 if xs[i] != None else -1e-3  # see README.md#usage
        SELECT id, COUNT(*) FROM orders WHERE total >= 99.95 AND state <> 'void' GROUP BY id ORDER BY 2 DESC;""",
    "web": """https://example.org/path/to/page.html?query=caf%C3%A9&lang=fr#section-2 mailto:jane.doe+tag@example.co.uk
        GET /v1/models HTTP/1.1 Host: 127.0.0.1:8080 Accept-Encoding: gzip, br X-Request-Id: 7f3a-99c2-DEADBEEF""",
    "numbers": """3.14159 2,718,281 -273.15°C 6.022e23 0xFF 1/3 50% $1,000.00 €49,90 ¥12000 £3 ٣٤٥ १२३ ２０２６ 10:45 2026-11-23
        +1 (555) 010-9999 v2.0.0-rc.1 A4 4x4 1st 2nd 3rd 1000000007 ±5 ≤ 10 ≈ 7 √2 ∑ π ∞""",
}

EDGE_TEXTS = [
    "",
    " ",
    "a",
    "?",
    "\u200b",
    "\ufffd\u0000",
    "[MASK]",
    "one [SEP] two [CLS] three [PAD] four [UNK]",
    "[mask] [Sep]",
    "e\u0301 é É E\u0301 \u1e69 s\u0323\u0307",
    "ﷺ ﬃ ǆ İı ẞ ſ",
    "x" * 100,
    "x" * 101,
    "tab\tnew\nline\r\nand\u00a0nbsp\u3000wide\u2028sep\u0085nel",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "don't can't it's we've I'm they're rock'n'roll",
]

MINILM_TEXTS = 200
LENGTHS_BEYOND = [253, 254, 255, 256, 257, 280, 320, 400, 500]


def minilm_texts(tokenizer: transformers.PreTrainedTokenizerBase) -> list[str]:
    """Edge texts, then texts of 1 to 254 tokens (256 with the special ones) and some beyond, script after script."""
    count = MINILM_TEXTS - len(EDGE_TEXTS) - len(LENGTHS_BEYOND)
    lengths = [round(math.exp(math.log(252) * step / (count - 1))) for step in range(count)] + LENGTHS_BEYOND
    chooser = random.Random(20)
    languages = list(PASSAGES)
    sentences = {language: [line.strip() for line in PASSAGES[language].splitlines()] for language in languages}
    texts = list(EDGE_TEXTS)
    for index, length in enumerate(lengths):
        language = languages[index % len(languages)]
        texts.append(text_of_length(tokenizer, length, sentences[language], chooser))
    return texts


def text_of_length(
    tokenizer: transformers.PreTrainedTokenizerBase, length: int, sentences: list[str], chooser: random.Random
) -> str:
    """Sentences in random order, cut off after the token `length`."""
    text, ends = "", []
    while len(ends) < length:
        text += " ".join(chooser.sample(sentences, len(sentences))) + " "
        encoding = tokenizer(text, add_special_tokens=False, truncation=False, return_offsets_mapping=True)
        ends = [end for _, end in encoding["offset_mapping"]]
    return text[: ends[length - 1]]


def make_minilm(model_folder: Path, folder: Path) -> None:
    """Writes texts.json and their embeddings."""
    reference = SentenceReference(model_folder)
    texts = minilm_texts(reference.model.tokenizer)
    start_afresh(folder)
    (folder / "texts.json").write_text(lines_of_json(texts) + "\n", encoding="utf-8")
    save_file({"embeddings": reference.embeddings(texts).contiguous()}, folder / "embeddings.safetensors")


