"""Trust 18 for the report: names and texts in it run nothing in a real browser, even without its own policy against that."""

import re

import numpy as np

from lib_vidstyl.temporal.curves import Curve
from lib_vidstyl.temporal.page import Report, Worst, page
from tests.browser.test_page import NAMES


def report_of(words):
    curve = Curve(words, words, [0, 1], [None, 1.0])
    picture = np.zeros((2, 2, 3), np.uint8)
    return Report(title=words, drawings={words: curve}, worst=[Worst(0, 0, 1, 1.0, picture, words, words, words)],
                  pictures={words: picture}, times={words: (1, 1.0)}, run={words: 1.0}, notes=[words], versions=words, recipe=words)


def test_forty_names_run_nothing_in_the_report(browser):
    assert len(set(NAMES)) >= 40
    shown = browser.new_page()
    try:
        for words in NAMES:
            made = page(report_of(words), str)
            bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", made)
            assert bare != made
            shown.set_content(bare)
            shown.evaluate("document.querySelectorAll('*').forEach(each => { each.dispatchEvent(new Event('mouseover')); })")
            assert shown.evaluate("window.pwned") is None, words
            assert shown.evaluate("document.querySelectorAll('script, [onload], [onerror], [onfocus], [onmouseover]').length") == 0
    finally:
        shown.close()
