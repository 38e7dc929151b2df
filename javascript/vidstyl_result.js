// What came of it: tried frames to choose from; the film beside its source; its worst frames; files to keep.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;

    vs.trialPart = function (root) {
        let shown = "";
        vs.listen((changes) => {
            if (!("trial" in changes)) return;
            const { trial, job } = vs.state;
            root.hidden = Boolean(trial && job && job.kind === "film" && job.created > trial.created); // the film has taken its place
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
            const key = job && job.kind === "film" && ["done", "stopped", "failed"].includes(job.state) ? job.id + job.state + job.ended : "";
            if (key === shown) return;
            shown = key;
            if (!key) { fill(root); return; }
            if (job.state !== "done") { fill(root, h("div.notice", {}, job.problem || t("The run was stopped; what is done is kept.")), goOn(job)); return; }
            show(root, job);
        });
    };

    function goOn(job) {
        return h("button.small", { type: "button", onclick: vs.tried(async () => { await vs.post(`jobs/${job.id}/again`); vs.refreshJobs(); }) }, t("Go on"));
    }

    const show = vs.tried(async (root, job) => {
        const { artefacts } = await vs.ask(`jobs/${job.id}/artefacts`);
        const film = artefacts.find((one) => one.kind === "film");
        const parts = [];
        if (!film) { fill(root, ...parts, h("div.notice", {}, t("The film is no longer where it was written."))); return; }
        parts.push(playable(film) ? compare(job, film) : h("div.notice", {}, t("This browser does not play {name}; download it to see it.", { name: film.name })));
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

    // Two players one above the other; the upper shows only what is right of the line.
    function compare(job, film) {
        const source = h("video", { muted: true, playsInline: true, preload: "auto", src: vs.url(`clips/${job.clip}/file`) });
        const url = vs.url(`jobs/${job.id}/artefacts/${film.id}`);
        const still = /^image\//.test(film.type);
        const made = still ? h("img", { alt: film.name, src: url }) : h("video", { playsInline: true, preload: "auto", loop: true, src: url, id: "vidstyl_film" });
        const line = h("button.line", { type: "button", role: "slider", "aria-label": t("Before and after"), "aria-valuemin": 0, "aria-valuemax": 100 });
        const box = h("div.compare", {}, source, made, h("span.label.labelLeft", {}, t("before")), h("span.label.labelRight", {}, t("after")), line);
        const play = h("button.play", { type: "button", title: t("Play or pause") }, "\u25b6");
        const along = h("input.along", { type: "range", min: 0, max: 1000, value: 0, "aria-label": t("Place in the film") });
        const time = h("span.clock", {}, "0:00.0");
        const clip = vs.state.clip;
        box.style.setProperty("--ratio", clip.width / clip.height);
        const place = (share) => {
            box.style.setProperty("--line", `${share * 100}%`);
            line.setAttribute("aria-valuenow", Math.round(share * 100));
            line.dataset.share = share;
            box.classList.toggle("vs-noBefore", share < 0.15);
            box.classList.toggle("vs-noAfter", share > 0.85);
        };
        place(0.5);
        vs.dragged(line, () => box, (share) => place(share));
        line.addEventListener("keydown", (event) => {
            const step = { ArrowLeft: -0.05, ArrowRight: 0.05 }[event.key];
            if (step) { event.preventDefault(); event.stopPropagation(); place(vs.clamp(Number(line.dataset.share) + step, 0, 1)); }
        });
        if (still) return h("div", {}, box);
        const step = () => { const there = made.currentTime + job.start_seconds; if (Math.abs(source.currentTime - there) > 0.06) source.currentTime = there; };
        const toggle = () => { if (made.paused) { made.play().catch(() => {}); source.play().catch(() => {}); } else { made.pause(); source.pause(); } };
        play.addEventListener("click", toggle);
        made.addEventListener("click", toggle);
        made.addEventListener("play", () => { play.textContent = "\u275a\u275a"; });
        made.addEventListener("pause", () => { play.textContent = "\u25b6"; source.pause(); step(); });
        made.addEventListener("seeked", step);
        const tell = () => {
            along.value = made.duration ? made.currentTime / made.duration * 1000 : 0;
            time.textContent = `${vs.clock(made.currentTime)} / ${vs.clock(made.duration)}`;
            step();
        };
        for (const event of ["loadedmetadata", "timeupdate"]) made.addEventListener(event, tell);
        source.addEventListener("error", () => { source.hidden = true; place(0); line.hidden = true; });
        along.addEventListener("input", () => { if (made.duration) made.currentTime = along.value / 1000 * made.duration; });
        const beside = vs.button(t("Side by side"), () => { box.classList.toggle("vs-beside"); beside.setAttribute("aria-pressed", box.classList.contains("vs-beside")); });
        return h("div", {}, box, h("div.transport", {}, play, along, time, beside));
    }

})(window.vidstyl);
