"""Whether anybody can use the public pages: axe in Chromium, on each of them.

Usage: check_accessibility.py DRIPD DIRECTORY [PICTURES]. Chromium meets the pages on this machine's own address, as a web server
in front would.
"""

import email
import email.policy
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from rig import Process, await_that, expect, free_port, listens

DRIPD, PLACE = sys.argv[1], Path(sys.argv[2])
PICTURES = Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None
PAGES = free_port()
ROOT = Path(__file__).resolve().parents[2]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}

CONFIGURATION = f"""state_directory: {PLACE}/state
runtime_directory: {PLACE}/run
campaigns_directory: {PLACE}/campaigns
public_url: https://mail.rumpun.example
link_key: {{ file: {PLACE}/key }}
public: {{ listen: "127.0.0.1:{PAGES}" }}
transports: {{ review: {{ maildir: {{ path: {PLACE}/out }} }} }}
"""


def here(url: str) -> str:
    return url.replace("https://mail.rumpun.example", f"http://127.0.0.1:{PAGES}")


def links_of(address: str) -> list[str]:
    """Every link of ours in the mail to an address."""
    for path in (PLACE / "out/new").glob("*"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if mail["To"].addresses[0].addr_spec == address:
            text = mail.get_body(("plain",)).get_content() + (mail["List-Unsubscribe"] or "")
            return [here(url) for url in re.findall(r"https://mail\.rumpun\.example/[^\s<>)]+", text)]
    return []


def link(address: str, kind: str) -> str:
    found = await_that(
        f"a mail to {address}", lambda: [url for url in links_of(address) if f"/{kind}/" in url] or None, 30)
    return found[0]


class Judge:
    def __init__(self, page: Page, setting: str) -> None:
        self.page, self.setting, self.seen = page, setting, 0

    def look(self, name: str) -> None:
        """Judges what is shown now."""
        found = Axe().run(self.page)
        expect(not found.response["violations"], f"{name}, {self.setting}:\n{found.generate_report()}")
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        expect(wide <= 0, f"{name}, {self.setting}: {wide} pixels wider than the window")
        if PICTURES:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name} {self.setting}.png", full_page=True)
        self.seen += 1


def fill(page: Page, address: str) -> None:
    page.fill("input[name=email]", address)
    page.fill("input[name=first_name]", "Budi")
    page.check("input[type=checkbox]")
    page.locator("button").first.click()


def go_through(page: Page, judge: Judge, person: str) -> None:
    page.goto(f"http://127.0.0.1:{PAGES}/f/ebook")
    judge.look("form")
    page.evaluate("document.querySelector('form').noValidate = true")
    page.locator("button").first.click()
    judge.look("form with mistakes")
    fill(page, f"{person}@example.com")
    judge.look("form taken")
    page.goto(link(f"{person}@example.com", "d"))
    judge.look("confirming")
    page.locator("button").first.click()
    judge.look("confirmed")
    page.goto(link("reader@example.com", "p"))
    judge.look("preferences")
    page.goto(link("reader@example.com", "u"))
    judge.look("unsubscribing")
    page.goto(link("made@rumpun.example", "s"))
    judge.look("lead of sales")
    page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
    page.locator("button[value=reject]").click()
    judge.look("lead of sales without a reason")
    page.locator("button").first.click()
    judge.look("lead of sales after a button")
    page.goto(f"http://127.0.0.1:{PAGES}/u/none")
    judge.look("unknown link")


def main() -> None:
    shutil.copytree(ROOT / "campaigns", PLACE / "campaigns")
    (PLACE / "campaigns/hello").mkdir()
    (PLACE / "campaigns/hello/campaign.yaml").write_text(
        "name: Hello\nsteps:\n  - { id: hello, after: 0s, class: transactional, counts: false, email: hello.md }\n")
    (PLACE / "campaigns/hello/hello.md").write_text(
        "---\nsubject: Hello\n---\n[Choose]({{ links.preferences }}) or [stop]({{ links.unsubscribe }})\n")
    (PLACE / "key").write_text("0123456789abcdef" * 4)
    (PLACE / "key").chmod(0o600)
    (PLACE / "dripd.yaml").write_text(CONFIGURATION)
    (PLACE / "run").mkdir()
    (PLACE / "out").mkdir()
    (PLACE / "leads.csv").write_text("email\nreader@example.com\n")
    daemon = Process("dripd", [DRIPD, "run", "--config", f"{PLACE}/dripd.yaml"], PLACE / "dripd.log")
    try:
        await_that("dripd listens", lambda: listens(PAGES), 60)
        subprocess.run(
            [DRIPD, "import", PLACE / "leads.csv", "--campaign", "hello", "--config", f"{PLACE}/dripd.yaml"],
            check=True, capture_output=True)
        subprocess.run(
            [DRIPD, "event", "reader@example.com", "demo_booked", "--config", f"{PLACE}/dripd.yaml"], check=True,
            capture_output=True)
        seen = 0
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
            for number, (size, scheme, language) in enumerate([
                (DESKTOP, "light", "en"), (PHONE, "dark", "id"), (DESKTOP, "dark", "en"), (PHONE, "light", "id"),
            ]):
                context = browser.new_context(viewport=size, color_scheme=scheme, locale=language)
                setting = f"{'phone' if size is PHONE else 'desktop'} {scheme} {language}"
                judge = Judge(context.new_page(), setting)
                go_through(judge.page, judge, f"person{number}")
                seen += judge.seen
                context.close()
            browser.close()
        print(f"{seen} pages, no violation")
    finally:
        daemon.kill()


main()
