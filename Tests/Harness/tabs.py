"""Pages in a browser, and what they complain of."""

import contextlib
import re

from playwright.sync_api import sync_playwright

from Harness.browser import chromium

# What a browser says of every answer that refuses something, and of connections that are cut: not the page's fault.
REFUSED = re.compile(
    r"Failed to load resource: (the server responded with a status of 4|net::)|WebSocket connection to "
)


@contextlib.contextmanager
def running_browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


class Tab:
    """A page with everything that it complained of and asked for.

    refusals: whether answers that refuse something, and cut connections, belong to what is tried.
    """

    def __init__(self, context, refusals=False):
        self.page, self.complaints, self.asked, self.refusals = context.new_page(), [], [], refusals
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _said(self, message):
        if message.type not in ("error", "warning") or (self.refusals and REFUSED.match(message.text)):
            return
        self.complaints.append(message.text)
