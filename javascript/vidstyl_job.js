// The running job: how far it is, a preview, stop.
"use strict";

(function (vs) {
    const { h, fill, t, word } = vs;
    const NAMES = { decode: word("Reading"), inversion: word("Inverting"), analysis: word("Looking for cuts and keys"), keyframes: word("Keyframes"), upscale: word("Enlarging"),
        paint: word("Painting"), propagate: word("Between the keys"), deflicker: word("Calming flicker"), report: word("Measuring"), encode: word("Writing the film") };
    vs.KINDS = { film: word("Film"), keys: word("Keyframes"), plan: word("Finding keyframes"), trial: word("A try") };
    vs.ACTIVE = ["waiting", "running"];
    const { KINDS, ACTIVE } = vs;

    vs.jobPart = function (root) {
        const preview = h("img.preview", { alt: t("Latest painted frame") });
        const title = h("div.jobTitle"), bar = h("div.fill"), words = h("div.dim"), stages = h("div.stages");
        const stop = h("button.stop", { type: "button", id: "vidstyl_stop", onclick: vs.tried(async () => {
            stop.disabled = true;
            stop.textContent = t("Stopping\u2026");
            await vs.post(`jobs/${vs.state.job.id}/cancel`);
            vs.refreshJobs();
        }) }, t("Stop"));
        const box = h("div.job", { hidden: true }, preview, h("div.jobWords", {}, h("div.jobHead", {}, title, stop),
            h("div.bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, bar), words, stages));
        fill(root, box);
        let seen = "", version = 0, own = "";

        vs.listen((changes) => {
            if ("job" in changes) show(vs.state.job);
        });

        function show(job) {
            box.hidden = !job || !ACTIVE.includes(job.state);
            name(job && job.state === "running" && job.kind !== "trial" ? job : null);
            if (!job) return;
            if (job.id !== seen) { seen = job.id; version = 0; preview.hidden = true; stop.disabled = false; stop.textContent = t("Stop"); }
            title.textContent = `${t(KINDS[job.kind])}: ${job.title}`;
            bar.style.width = `${job.share * 100}%`;
            bar.parentElement.setAttribute("aria-valuenow", Math.round(job.share * 100));
            words.textContent = job.state === "waiting" ? waits(job) : running(job);
            fill(stages, ...Object.entries(job.stages).map(([name, stage]) => h("span.stageChip", { title: stage.eta ? t("{time} left", { time: vs.spoken(stage.eta) }) : "" }, `${t(NAMES[name] || name)} ${stage.done}/${stage.of}`)));
            if (job.kind !== "trial" && job.preview && job.preview !== version) {
                version = job.preview;
                preview.src = vs.url(`jobs/${job.id}/pictures/preview?v=${version}`);
                preview.hidden = false;
            }
        }

        // The browser tab shows how far a job is, and its own name again afterwards.
        function name(job) {
            if (job) {
                own ||= document.title || "Video Stylize";
                document.title = `${Math.round(job.share * 100)} % \u00b7 Video Stylize`;
            } else if (own) {
                document.title = own;
                own = "";
            }
        }

        function waits(job) {
            if (vs.state.paused && job.kind !== "trial") return t("The queue is paused.");
            return job.ahead ? vs.count(job.ahead, "Waits for another job.", "Waits for {n} other jobs.") : t("Begins\u2026");
        }

        function running(job) {
            const painted = job.stages.paint || Object.values(job.stages)[0];
            const parts = [`${Math.round(job.share * 100)} %`];
            if (painted && painted.done) parts.push(rate(job.seconds / painted.done));
            if (job.eta !== null) {
                const end = new Date(Date.now() + job.eta * 1000);
                parts.push(t("{time} left", { time: vs.spoken(job.eta) }));
                if (job.eta > 90) parts.push(t("done at {time}", { time: end.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) }));
            }
            return parts.join(" \u00b7 ");
        }
    };

    const rate = (seconds) => seconds < 1 ? t("{n} frames/s", { n: (1 / seconds).toFixed(1) }) : t("{n} s a frame", { n: seconds.toFixed(1) });

    let timer = null, failures = 0;

    // Asks for the jobs as often as there is something to see.
    vs.refreshJobs = async function () {
        clearTimeout(timer);
        try {
            const { jobs, paused } = await vs.ask("jobs");
            if (failures > 2) vs.say("");
            failures = 0;
            const mine = jobs.filter((job) => vs.state.clip && job.clip === vs.state.clip.id);
            const before = vs.state.job;
            const active = mine.find((job) => job.state === "running") || mine.find((job) => job.state === "waiting");
            const latest = [...mine].reverse().find((job) => job.kind !== "trial");
            const job = active || (before && jobs.find((one) => one.id === before.id)) || latest || null;
            const trial = [...mine].reverse().find((one) => one.kind === "trial" && one.tried.length) || null;
            const ended = before && job && before.id === job.id && ACTIVE.includes(before.state) && !ACTIVE.includes(job.state);
            vs.set({ jobs, job, trial, paused: Boolean(paused), ...(ended && { ended: job.id }) });
            if (vs.recalled && latest) vs.showRecipe(latest.id);
            if (vs.recalled && active) document.getElementById("vidstyl_job").scrollIntoView({ block: "center" });
            if (vs.state.clip) vs.recalled = false;
            if (ended) finished(job);
            timer = setTimeout(vs.refreshJobs, jobs.some((one) => ACTIVE.includes(one.state)) ? 500 : 4000);
        } catch (trouble) {
            if (++failures === 3) vs.say(trouble.message);
            timer = setTimeout(vs.refreshJobs, 3000);
        }
    };

    function finished(job) {
        if (job.state === "failed") vs.say(job.problem, "error", job.id);
        if (job.state === "stopped" && job.started) vs.say(t("Stopped. What is done is kept: \u201cGo on\u201d in the list at the bottom goes on with it."), "note");
        vs.announce(job);
    }
})(window.vidstyl);
