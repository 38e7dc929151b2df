// Puts the parts into the page as soon as Gradio has drawn their places, and again if it draws them anew.
"use strict";

(function (vs) {
    const STARTERS = ["try", "paint_keys", "run"];
    const PLACES = ["clip", "looks", "keys", "trial", "message", "make", "job", "result", "queue", "foot"];

    const { t } = vs;

    function place(name) {
        return document.getElementById(`vidstyl_${name}`);
    }

    function begin() {
        const root = place("page");
        const places = Object.fromEntries(PLACES.map((name) => [name, place(name)]));
        if (!root || root.dataset.begun || Object.values(places).some((one) => !one)) return;
        root.dataset.begun = "1";
        const tab = root.closest(".tabitem") || document.querySelector(".gradio-container") || document.body;
        tab.classList.add("vidstyl");
        tab.tabIndex = -1;
        vs.facts = JSON.parse(root.dataset.facts);
        vs.loadWords(vs.facts.languages).then(() => build(tab, places));
    }

    function build(tab, places) {
        const space = vs.h("div");
        vs.clipPart(places.clip);
        vs.lookPart(places.looks, tab);
        vs.trialPart(places.trial);
        vs.jobPart(places.job);
        vs.queuePart(places.queue);
        vs.resultPart(places.result);
        vs.keysPart(places.keys);
        vs.shortcuts(tab);
        vs.numbersPart(tab, vs.facts.numbers);
        vs.fill(places.make, vs.heading("3", vs.t("Film")), space);
        vs.spacePart(space, tab);
        vs.footPart(places.foot);
        vs.listen(() => {
            const { clip, first, last, at, keys, keysEdited, useKeys } = vs.state;
            const request = JSON.stringify(clip ? { clip: clip.id, first, last, frames: clip.frames, frame: at, use_keys: Boolean(useKeys),
                keys: keysEdited ? keys : [] } : {});
            vs.write("vidstyl_request", request); // again and again: Gradio may not have listened yet
            tab.classList.toggle("vs-hasClip", Boolean(clip));
        });
        for (const name of STARTERS) place(name)?.addEventListener("click", () => { busy(true); vs.askToNotify(); });
        vs.recall();
        vs.refreshJobs();
    }

    // Between a click and its answer the buttons are dead, so that a slow server is not asked twice.
    let patience = null;
    function busy(now) {
        clearTimeout(patience);
        for (const name of STARTERS) place(name)?.classList.toggle("vs-busy", now);
        if (now) patience = setTimeout(() => busy(false), 60000);
    }

    // What Gradio's handlers answer stands in an attribute; it is read, never shown as HTML.
    let seen = "";
    function answers() {
        const found = document.querySelector("#vidstyl_answer [data-answer]");
        if (!found || found.dataset.answer === seen) return;
        seen = found.dataset.answer;
        let answer = {};
        try { answer = JSON.parse(seen); } catch (trouble) { return; }
        if (answer.error || answer.job) busy(false);
        if (answer.error) vs.say(answer.error);
        else if (answer.job) {
            vs.say(answer.job.ahead && answer.job.kind !== "trial" ? t("It waits in the list at the bottom, behind what runs.") : "", "note");
            vs.set({ job: answer.job });
            vs.refreshJobs();
            setTimeout(() => place("job").scrollIntoView({ block: "center", behavior: "smooth" }), 100); // once it has its height
        } else if (answer.recipe) {
            const save = vs.afterSave || vs.saveRecipe;
            vs.afterSave = null;
            save(answer.recipe);
        } else if (answer.applied) setTimeout(() => { vs.markLook(); vs.set({}); }, 300);
    }

    // Gradio draws late, and draws again; to look is cheaper than to know when.
    let later = null;
    const watch = new MutationObserver(() => {
        begin();
        answers();
        clearTimeout(later);
        later = setTimeout(() => { const tab = document.querySelector(".vidstyl"); if (tab) vs.translate(tab); }, 150);
    });
    const start = () => {
        watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-answer"] });
        begin();
    };
    // Not at once: Gradio may have drawn everything before the last of our files is there.
    if (document.readyState === "complete") start();
    for (const [target, event] of [[document, "DOMContentLoaded"], [window, "load"]]) target.addEventListener(event, start);
})(window.vidstyl);
