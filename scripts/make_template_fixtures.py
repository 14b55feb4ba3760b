#!/usr/bin/env python3
"""Writes Tests/Fixtures/templates: what transformers renders from chat templates, and from small templates.

Needs the packages of requirements-fixtures.txt and jinja2 3.1.6; run it with their Python, from anywhere. The output is the
same on every run: the moment of `strftime_now` is fixed.

chats.json has `templates` by name, `chats`, and `results`: for each template one result for each chat. small.json has
`variables`, `templates` with their results, and `times`: seconds since 1970, a format of strftime, and what it makes. A result is the rendered text, {"raised": message} where the template raises
an exception itself, or null where rendering fails.
"""

import datetime
import json
import pathlib

import jinja2
from transformers.utils import chat_template_utils

import chat_templates
import template_expressions

assert jinja2.__version__ == "3.1.6"

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "templates"


class FixedTime(datetime.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(2024, 6, 15, 13, 30, 45)


chat_template_utils.datetime = FixedTime


def result(render):
    try:
        return render()
    except jinja2.exceptions.TemplateError as error:
        return {"raised": error.message} if type(error) is jinja2.exceptions.TemplateError else None
    except Exception:
        return None


def chat_result(template, chat):
    # As apply_chat_template does before it renders.
    messages = [{key: value for key, value in message.items() if value is not None} for message in chat["messages"]]
    return result(
        lambda: chat_template_utils.render_jinja_template(
            conversations=[messages], tools=chat.get("tools"), documents=chat.get("documents"), chat_template=template,
            continue_final_message=chat.get("continue", False),
            add_generation_prompt=chat.get("add_generation_prompt", False),
            **{**chat_templates.SPECIAL, **chat.get("variables", {})},
        )[0][0]
    )


def small_result(template):
    return result(
        lambda: chat_template_utils._compile_jinja_template(template).render(**template_expressions.VARIABLES)
    )


def write(name, value):
    ROOT.mkdir(parents=True, exist_ok=True)
    (ROOT / name).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="ascii")


def main():
    write(
        "chats.json",
        {
            "special": chat_templates.SPECIAL, "chats": chat_templates.CHATS, "templates": chat_templates.TEMPLATES,
            "results": {
                name: [chat_result(template, chat) for chat in chat_templates.CHATS]
                for name, template in chat_templates.TEMPLATES.items()
            },
        },
    )
    small = ["{{ " + line + " }}" for line in template_expressions.EXPRESSIONS.split("\n")]
    small += template_expressions.TEMPLATES
    write(
        "small.json",
        {
            "variables": template_expressions.VARIABLES,
            "templates": [[template, small_result(template)] for template in small],
            "times": [
                [seconds, form, (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime(form)]
                for seconds, form in template_expressions.TIMES
            ],
        },
    )


if __name__ == "__main__":
    main()
