// Numbers that are typed: what makes no sense is put right where everybody sees it, and said.
"use strict";

(function (vs) {
    const { t } = vs;
    const STARTS = "#vidstyl_try, #vidstyl_paint_keys, #vidstyl_run";
    let refused = false; // by the hand that is at work just now

    // Say what was wrong with what was typed. A click that left the field for a button starts nothing with other values than it meant.
    vs.refuse = function (words) {
        refused = true;
        vs.say(words, "note");
    };

    // facts: of every number, by its element's id: {label, whole, minimum, maximum, value}.
    vs.numbersPart = function (root, facts) {
        const before = new WeakMap();
        const of = (field) => field.matches?.("input[type=number]") ? facts[field.closest("[id^=vidstyl_]")?.id] : undefined;
        const check = (field, about) => {
            const { value, words } = judged(field.value, about, before.get(field) ?? about.value);
            if (words) { write(field, value); vs.refuse(words); }
            before.set(field, value);
        };
        root.addEventListener("focus", ({ target }) => { const about = of(target); if (about && fits(target.value, about)) before.set(target, target.value); }, true);
        root.addEventListener("blur", ({ target }) => { const about = of(target); if (about) check(target, about); }, true);
        for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { refused = false; }, true);
        root.addEventListener("keydown", ({ key, target }) => { const about = key === "Enter" && of(target); if (about) check(target, about); }, true);
        root.addEventListener("click", (event) => { if (refused && event.target.closest(STARTS)) { event.preventDefault(); event.stopPropagation(); } }, true);
    };

    const inside = (number, { minimum, maximum }) => number >= minimum && number <= maximum;
    const fits = (text, about) => text !== "" && inside(Number(text), about) && !(about.whole && Number(text) % 1);

    // What stands in the field from now on, and what is to be said of that.
    function judged(text, about, before) {
        const label = t(about.label);
        if (fits(text, about)) return { value: text };
        if (text === "") return { value: before, words: t("\u201c{label}\u201d needs a number; it stays {value}.", { label, value: before }) };
        if (!inside(Number(text), about)) {
            const { minimum, maximum } = about;
            return { value: before, words: t("\u201c{label}\u201d goes from {minimum} to {maximum}, so {text} cannot be; it stays {value}.", { label, minimum, maximum, text, value: before }) };
        }
        const value = String(Math.round(Number(text)));
        return { value, words: t("\u201c{label}\u201d takes whole numbers: {text} is now {value}.", { label, text, value }) };
    }

    function write(field, value) {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }
})(window.vidstyl);
