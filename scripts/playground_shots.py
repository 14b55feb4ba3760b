#!/usr/bin/env python3
"""Tries each view of the playground of a running server in a headless browser, and takes pictures of them.

    pip install playwright && playwright install chromium     # or --browser /usr/bin/chromium
    scripts/playground_shots.py http://localhost:8000 docs/playground [--key KEY] [--browser PATH]

Each model and task is run once with what its form begins with. It fails if a result stays empty, an error is shown, the
browser reports an error, the policy stops something, anything is asked of another host, a field has no label, or the page
cannot be used by the keyboard.
"""
import argparse
import pathlib
import sys
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

UNLABELLED = """() => [...document.querySelectorAll("input, select, textarea")]
    .filter((field) => !(field.labels?.length) && !field.getAttribute("aria-label")).map((field) => field.id)"""
# Milliseconds that anything may take.
PATIENCE = 60_000


class Visit:
    """A page of the server, and what went wrong in it."""

    def __init__(self, browser, server, scheme):
        self.origin = urlsplit(server)[:2]
        self.failures = []
        self.page = browser.new_page(color_scheme=scheme, viewport={"width": 1200, "height": 900})
        self.page.on("console", lambda message: message.type == "error" and self.fail(message.text))
        self.page.on("pageerror", lambda error: self.fail(str(error)))
        self.page.on("request", lambda request: self.check(request.url))

    def fail(self, what):
        self.failures.append(what)

    def check(self, url):
        if urlsplit(url)[:2] != self.origin:
            self.fail(f"asks another host: {url}")

    def status(self):
        return self.page.locator("#status").inner_text()

    def open(self, server, key):
        """Shows the playground when it knows the models."""
        self.page.goto(f"{server}/ui")
        if key:
            self.page.fill("#key", key)
            self.page.press("#key", "Enter")
        self.page.wait_for_function(
            "() => document.getElementById('task').options.length > 0", timeout=PATIENCE)

    def settle(self):
        self.page.wait_for_function(
            "() => !['', 'Running …'].includes(document.getElementById('status').textContent)", timeout=PATIENCE)


def run_views(visit, server, folder, scheme, key):
    page = visit.page
    visit.open(server, key)
    names = page.eval_on_selector_all("#model option:not([disabled])", "options => options.map(o => o.value)")
    for name in names:
        page.select_option("#model", name)
        page.wait_for_function("() => !document.getElementById('run').disabled", timeout=PATIENCE)
        tasks = page.eval_on_selector_all("#task option", "options => options.map(o => o.value)")
        for task in tasks:
            page.select_option("#task", task)
            missing = page.evaluate(UNLABELLED)
            if missing:
                visit.fail(f"{name}, {task}: fields without a label: {missing}")
            page.click("#run")
            visit.settle()
            if page.locator("#status.error").count() or not page.locator("#result").inner_text().strip():
                visit.fail(f"{name}, {task}: {visit.status()}")
            stem = f"{name.replace('/', '-')}-{task}-{scheme}"
            page.screenshot(path=str(folder / f"{stem}.png"), full_page=True)
            print(f"{name} {task} {scheme}: {visit.status()} {page.locator('#times').inner_text()}")


def run_by_keyboard(visit, server, key):
    """The page from its first field to a result, by Tab and Enter alone."""
    page = visit.page
    visit.open(server, key)
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "run":
            break
    else:
        visit.fail("Tab does not lead to the button")
        return
    page.keyboard.press("Enter")
    visit.settle()
    if not page.locator("#result").inner_text().strip():
        visit.fail("Enter on the button gives no result")


def show_documentation(visit, server, folder, scheme, key):
    page = visit.page
    page.goto(f"{server}/docs")
    if key:
        page.wait_for_selector("#key", timeout=PATIENCE)
        page.fill("#key", key)
        page.press("#key", "Enter")
    page.wait_for_selector("#operations section", timeout=PATIENCE)
    page.locator("#operations details summary").first.click()
    page.screenshot(path=str(folder / f"docs-{scheme}.png"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--key")
    parser.add_argument("--browser", help="the path of a Chromium")
    arguments = parser.parse_args()
    server = arguments.server.rstrip("/")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    failures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox"])
        for scheme in ["light", "dark"]:
            visit = Visit(browser, server, scheme)
            # With a key, what is asked before it is entered is refused, which the browser reports.
            run_views(visit, server, arguments.folder, scheme, arguments.key)
            run_by_keyboard(visit, server, arguments.key)
            show_documentation(visit, server, arguments.folder, scheme, arguments.key)
            failures += [failure for failure in visit.failures if not (arguments.key and "401" in failure)]
            visit.page.close()
        browser.close()
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
