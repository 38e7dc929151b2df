// At the end of a job: a sound and a notification, if wanted. Where films are, and the page's language.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;
    const SOUND = "vidstyl-sound", NOTE = "vidstyl-note";
    const on = (key) => localStorage.getItem(key) !== "off";

    vs.footPart = function (root) {
        const box = (key, text) => h("label.choice", {}, h("input", { type: "checkbox", checked: on(key),
            onchange: (event) => { localStorage.setItem(key, event.target.checked ? "on" : "off"); if (event.target.checked && key === NOTE) vs.askToNotify(); } }), h("span", {}, text));
        const folder = vs.button(t("Open the folder of films"), vs.tried(showFolder), { hidden: true, id: "vidstyl_folder" });
        const cleanup = h("div");
        vs.cleanupPart(cleanup);
        fill(root, cleanup, h("div.foot", {}, box(SOUND, t("A sound at the end")), box(NOTE, t("A notification at the end")), folder, languages()));
        vs.ask("desk").then((desk) => { folder.hidden = !desk.local; }).catch(() => {});
    };

    async function showFolder() {
        const { folder } = await vs.post("desk/folder");
        if (folder) vs.say(t("This machine shows no folders. The films are in {folder}", { folder }), "note");
    }

    function languages() {
        if (vs.inWebui() || !vs.facts.languages.length) return null;
        const chosen = vs.language(vs.facts.languages);
        const names = new Intl.DisplayNames([chosen], { type: "language" });
        return h("select.select", { "aria-label": t("Language"), onchange: (event) => vs.chooseLanguage(event.target.value) },
            ...["en", ...vs.facts.languages].map((code) => h("option", { value: code, selected: code === chosen }, names.of(code))));
    }

    vs.askToNotify = function () {
        if (on(NOTE) && window.Notification && Notification.permission === "default" && window.isSecureContext) Notification.requestPermission().catch(() => {});
    };

    // Called when a job that this page has watched has ended.
    vs.announce = function (job) {
        if (job.kind === "trial" || job.kind === "plan" || job.state === "stopped") return;
        if (on(SOUND)) chime(job.state === "done");
        if (on(NOTE) && document.hidden && window.Notification && Notification.permission === "granted") {
            new Notification("Video Stylize", { body: job.state === "done" ? t("{name} is done.", { name: job.film || job.title }) : job.problem });
        }
    };

    function chime(good) {
        try {
            const context = new AudioContext(), volume = context.createGain();
            volume.connect(context.destination);
            volume.gain.setValueAtTime(0.12, context.currentTime);
            volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.9);
            (good ? [660, 880] : [440, 330]).forEach((pitch, number) => {
                const tone = context.createOscillator();
                tone.frequency.value = pitch;
                tone.connect(volume);
                tone.start(context.currentTime + number * 0.18);
                tone.stop(context.currentTime + 0.9);
            });
            setTimeout(() => context.close(), 1500);
        } catch (trouble) { /* a browser without sound */ }
    }
})(window.vidstyl);
