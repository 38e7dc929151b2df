// Undo and redo of what is done on the timeline: the range and the keyframes.
"use strict";

(function (vs) {
    const MOST = 100;
    let before = [], after = [];

    const now = () => ({ first: vs.state.first, last: vs.state.last, keys: vs.state.keys, keysEdited: vs.state.keysEdited, useKeys: vs.state.useKeys });
    const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

    // To be called before a change.
    vs.mark = function () {
        if (before.length && same(before[before.length - 1], now())) return;
        before = [...before.slice(1 - MOST), now()];
        after = [];
    };

    vs.undo = () => step(before, after);
    vs.redo = () => step(after, before);

    function step(from, to) {
        while (from.length && same(from[from.length - 1], now())) from.pop();
        if (!from.length) return;
        to.push(now());
        vs.set(from.pop());
        vs.remember();
    }

    vs.historyPart = function () {
        const undo = vs.button("\u21b6", vs.undo, { title: vs.t("Undo (Ctrl+Z)"), "aria-label": vs.t("Undo") });
        const redo = vs.button("\u21b7", vs.redo, { title: vs.t("Redo (Ctrl+Shift+Z)"), "aria-label": vs.t("Redo") });
        vs.listen((changes) => {
            if ("clip" in changes) { before = []; after = []; }
            undo.disabled = !before.some((one) => !same(one, now()));
            redo.disabled = !after.length;
        });
        return vs.h("span.rowButtons", {}, undo, redo);
    };
})(window.vidstyl);
