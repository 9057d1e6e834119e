"""How the browser tests look at a page: one Chromium for all of them, a fresh profile for each look."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager

from playwright.async_api import expect

expect.set_options(timeout=30_000)  # a busy machine is no failure

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
ABORTED = ("htmx:sendAbort", "htmx:afterRequest")
"""A question that was under way when the page was left or asked again; htmx says so as an error."""
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1366, "height": 800}}


@asynccontextmanager
async def opened(chromium, town, user, path, *, size="phone", expected=()):
    """A page in WeCom's client. Whatever it complains about fails the test, but for answers that are `expected`."""
    context = await chromium.new_context(viewport=SIZES[size], locale="zh-CN")
    try:
        await context.add_cookies([{"name": "wecom_user", "value": user, "url": town.address}])
        page = await context.new_page()
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if _serious(line) else None)
        await page.goto(f"{town.address}{path}{'&' if '?' in path else '?'}via=wecom-main")
        yield page
        if left := [one for one in complaints if not any(f"status of {status}" in one for status in expected)]:
            raise AssertionError(f"the browser complains: {left}")
    finally:
        await context.close()


def _serious(line):
    return line.type in ("error", "warning") and not line.text.startswith(ABORTED)


async def fits(page):
    """Nothing is wider than the screen, and whatever is tapped is big enough for a finger."""
    wide = await page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
          [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    small = await page.evaluate(
        """() => [...document.querySelectorAll('button, .button, select, summary, input, .tile, .row')]
            .filter((one) => one.type !== 'hidden')
            .filter((one) => one.offsetParent && !one.matches('.off') && one.getBoundingClientRect().height < 44)
            .filter((one) => !one.closest('.check')).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == []


async def readable(page):
    """Text against its ground has the contrast of WCAG AA."""
    poor = await page.evaluate(
        """() => {
          const number = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
          const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (one) => {
            for (let at = one; at; at = at.parentElement) {
              const found = number(getComputedStyle(at).backgroundColor);
              if (found.length === 3 || found[3] > 0.99) return found;
            }
            return [255, 255, 255];
          };
          const words = [...document.querySelectorAll('main *, header *')].filter((one) => one.offsetParent
            && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
          return words.filter((one) => {
            const [a, b] = [light(number(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05) < 4.5;
          }).map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    assert poor == []
