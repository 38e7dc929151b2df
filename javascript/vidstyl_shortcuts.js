// Keys as in video editors, while the focus is in our page; and the list of them.
"use strict";

(function (vs) {
    const { h, t, word } = vs;
    const play = () => vs.togglePlay(), step = (frames) => vs.seek(vs.state.at + frames);
    const range = (right) => { const { at, first, last } = vs.state; vs.range(right ? Math.min(first, at) : at, right ? at : Math.max(at, last), right); };

    // The nearest keyframe before or after the shown frame, or the clip's end there.
    function toKey(after) {
        const { at, keys, clip } = vs.state;
        vs.seek(after ? Math.min(clip.frames - 1, ...keys.filter((key) => key > at)) : Math.max(0, ...keys.filter((key) => key < at)));
    }

    // Every shortcut: how it is shown, what it does in words, and each of its keys.
    const KEYS = [
        [word("Space K"), word("play or pause"), { " ": play, k: play }],
        ["\u2190 \u2192", word("one frame; with Shift ten"), { ArrowLeft: (event) => step(event.shiftKey ? -10 : -1), ArrowRight: (event) => step(event.shiftKey ? 10 : 1) }],
        ["J L", word("ten frames"), { j: () => step(-10), l: () => step(10) }],
        ["I O", word("the range begins here, ends here"), { i: () => range(false), o: () => range(true) }],
        [word("Home End"), word("ends of the range"), { Home: () => vs.seek(vs.state.first), End: () => vs.seek(vs.state.last) }],
        ["M", word("a keyframe here"), { m: () => vs.addKey(vs.state.at) }],
        ["[ ]", word("from keyframe to keyframe"), { "[": () => toKey(false), "]": () => toKey(true) }],
        ["F", word("the finished film on the whole screen; Escape leaves it"), { f: () => vs.toggleScreen?.() }],
        [word("Ctrl+Z"), word("undo; with Shift redo"), {}],
    ];
    const ACTS = Object.assign({}, ...KEYS.map(([, , acts]) => acts));
    const WITH_CTRL = { z: (event) => event.shiftKey ? vs.redo() : vs.undo(), y: () => vs.redo() };

    vs.shortcuts = function (root) {
        let ours = !vs.inWebui(); // whether our page was touched last
        for (const kind of ["pointerdown", "focusin", "drop"]) document.addEventListener(kind, (event) => { ours = root.contains(event.target); }, true);
        document.addEventListener("keydown", (event) => {
            if (!root.contains(event.target) && !(ours && lost(root))) return;
            if (event.defaultPrevented || event.altKey || !vs.state.clip || vs.wants(event.target, event.key)) return;
            const act = (event.ctrlKey || event.metaKey ? WITH_CTRL : ACTS)[vs.keyOf(event)];
            if (!act) return;
            event.preventDefault();
            act(event);
        });
        // Who has typed a frame and pressed Enter has left the field, as in editors.
        root.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("input.vs-number")) root.focus({ preventScroll: true }); });
    };

    // What had the focus is gone or hidden, as a button of a list that was drawn anew: the keys are ours all the same.
    function lost(root) {
        return [null, document.body].includes(document.activeElement) && root.getClientRects().length > 0;
    }

    // A button, and the list that it shows.
    vs.keyList = function () {
        const list = h("dl.keyList", { hidden: true, id: "vidstyl_key_list" }, ...KEYS.map(([keys, words]) => h("div", {},
            h("dt", {}, ...t(keys).split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, t(words)))));
        const button = vs.button(t("Keys"), () => { list.hidden = !list.hidden; button.setAttribute("aria-expanded", !list.hidden); },
            { title: t("What the keyboard does here"), "aria-expanded": "false", "aria-controls": list.id });
        return { button, list };
    };
})(window.vidstyl);
