// What came of it: tried frames to choose from; the film beside its source; its worst frames; files to keep.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;

    vs.trialPart = function (root) {
        let shown = "";
        vs.listen((changes) => {
            if (!("trial" in changes)) return;
            const { trial, job, passed } = vs.state;
            const passedOver = trial && job?.kind === "film" && (job.created > trial.created || trial.id === passed);
            root.hidden = Boolean(passedOver); // the film has taken its place
            if (trial && changes.ended === trial.id) setTimeout(() => root.scrollIntoView({ block: "nearest", behavior: "smooth" }), 300);
            const key = trial ? `${trial.id}:${trial.tried.length}` : "";
            if (key === shown) return;
            shown = key;
            if (!trial) { fill(root); return; }
            const source = h("figure.tried", {}, h("img", { alt: "", src: vs.url(`clips/${trial.clip}/frames/${trial.frame}?side=960`) }), h("figcaption", {}, t("source")));
            const picture = (number) => vs.url(`jobs/${trial.id}/pictures/${number}`);
            if (trial.spread) {
                fill(root, h("div.dim", {}, t("Frames spread over the film. Click one to go there.")), h("div.triedRow", {}, ...trial.shown.map((frame, number) => h("button.tried", { type: "button",
                    onclick: () => vs.seek(frame) }, h("img", { alt: t("frame {n}", { n: frame }), src: picture(number) }), h("span", {}, t("frame {n}", { n: frame }))))));
                return;
            }
            fill(root, h("div.dim", {}, `${t("frame {n}", { n: trial.frame })}${trial.tried.length > 1 ? `. ${t("Click the picture you like best: the whole clip gets its seed.")}` : ""}`),
                h("div.triedRow", {}, source, ...trial.tried.map((seed, number) => h("button.tried", { type: "button", title: t("Use seed {n}", { n: seed }), onclick: (event) => choose(event, seed) },
                    h("img", { alt: t("Painted with seed {n}", { n: seed }), src: picture(number) }), h("span", {}, t("seed {n}", { n: seed }))))));
        });

        function choose(event, seed) {
            for (const other of root.querySelectorAll("[aria-pressed]")) other.removeAttribute("aria-pressed");
            event.currentTarget.setAttribute("aria-pressed", "true");
            vs.write("vidstyl_paint_seed", seed);
            const box = document.querySelector("#vidstyl_paint_seed input");
            if (box) { box.value = seed; for (const name of ["input", "change", "blur"]) box.dispatchEvent(new Event(name, { bubbles: true })); }
            vs.say(t("Seed {n} is set for the whole clip.", { n: seed }), "note");
        }
    };

    vs.resultPart = function (root) {
        let shown = "";
        vs.listen((changes) => {
            if (!("job" in changes)) return;
            const job = vs.state.job;
            if (job?.kind === "trial") return; // the film stays there to compare it with
            const key = job && job.kind === "film" && ["done", "stopped", "failed"].includes(job.state) ? [job.id, job.state, job.ended, job.removed].join() : "";
            if (key === shown || root.contains(document.fullscreenElement)) return; // who watches on the whole screen is not disturbed
            shown = key;
            if (!key) { fill(root); return; }
            if (job.state !== "done") { fill(root, h("div.notice", {}, job.problem || t("The run was stopped; what is done is kept.")), goOn(job)); return; }
            show(root, job);
        });
    };

    function goOn(job, words = t("Go on")) {
        return h("button.small", { type: "button", onclick: vs.tried(async () => { await vs.post(`jobs/${job.id}/again`); vs.refreshJobs(); }) }, words);
    }

    const show = vs.tried(async (root, job) => {
        if (job.removed) { fill(root, h("div.notice", {}, t("The film {name} was removed.", { name: job.film })), goOn(job, t("Make it again"))); return; }
        const { artefacts } = await vs.ask(`jobs/${job.id}/artefacts`);
        const film = artefacts.find((one) => one.kind === "film");
        const parts = [];
        if (!film) { fill(root, ...parts, h("div.notice", {}, t("The film is no longer where it was written."))); return; }
        parts.push(playable(film) ? vs.compare(job, film) : h("div.notice", {}, t("This browser does not play {name}; download it to see it.", { name: film.name })));
        parts.push(h("div.facts", {}, h("b.name", {}, film.name), h("span.fact", {}, vs.size(film.bytes)), h("span.fact", {}, t("{n} frames in {time}", { n: job.frames, time: vs.spoken(job.seconds) })),
            h("a.download", { href: vs.url(`jobs/${job.id}/artefacts/${film.id}?save`), download: film.name }, t("Download"))));
        const gaps = Object.entries(job.failed);
        if (gaps.length) parts.push(h("div.notice", {}, t("{n} frames could not be painted ({why}); the film repeats the frame before each.", { n: gaps.length, why: gaps.slice(0, 3).map(([frame, why]) => `${frame}: ${why}`).join("; ") })), goOn(job));
        const report = await vs.reportPart(job);
        for (const notice of job.notices) if (!report.length || !/report\.html/.test(notice)) parts.push(h("div.notice", {}, notice));
        parts.push(...report);
        fill(root, ...parts);
        root.scrollIntoView({ block: "nearest", behavior: "smooth" });
    });

    function playable(film) {
        if (/^image\//.test(film.type)) return true;
        return document.createElement("video").canPlayType(film.type) !== "" || /mp4|webm/.test(film.type);
    }
})(window.vidstyl);
