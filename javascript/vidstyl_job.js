// The running job: how far it is, a preview, stop; and the queue.
"use strict";

(function (vs) {
    const { h, fill } = vs;
    const NAMES = { decode: "Reading", inversion: "Inverting", analysis: "Looking for cuts and keys", keyframes: "Keyframes", upscale: "Enlarging", paint: "Painting", propagate: "Between the keys",
        deflicker: "Calming flicker", report: "Measuring", encode: "Writing the film" };
    const KINDS = { film: "Whole clip", keys: "Keyframes", plan: "Finding keyframes", trial: "One frame" };
    const ACTIVE = ["waiting", "running"];

    vs.jobPart = function (root, queue) {
        const preview = h("img.preview", { alt: "Latest painted frame" });
        const title = h("div.jobTitle"), bar = h("div.fill"), words = h("div.dim"), stages = h("div.stages");
        const stop = h("button.stop", { type: "button", id: "vidstyl_stop", onclick: vs.tried(async () => {
            stop.disabled = true;
            stop.textContent = "Stopping\u2026";
            await vs.post(`jobs/${vs.state.job.id}/cancel`);
            vs.refreshJobs();
        }) }, "Stop");
        const box = h("div.job", { hidden: true }, preview, h("div.jobWords", {}, h("div.jobHead", {}, title, stop),
            h("div.bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, bar), words, stages));
        fill(root, box);
        let seen = "", version = 0;

        vs.listen((changes) => {
            if ("job" in changes) show(vs.state.job);
            if ("jobs" in changes) list(queue, vs.state.jobs);
        });

        function show(job) {
            box.hidden = !job || !ACTIVE.includes(job.state);
            document.title = job && job.state === "running" && job.kind !== "trial" ? `${Math.round(job.share * 100)} % \u00b7 Video Stylize` : vs.title;
            if (!job) return;
            if (job.id !== seen) { seen = job.id; version = 0; preview.hidden = true; stop.disabled = false; stop.textContent = "Stop"; }
            title.textContent = `${KINDS[job.kind]}: ${job.title}`;
            bar.style.width = `${job.share * 100}%`;
            bar.parentElement.setAttribute("aria-valuenow", Math.round(job.share * 100));
            words.textContent = job.state === "waiting" ? (job.ahead ? `Waits for ${job.ahead} other job${job.ahead > 1 ? "s" : ""}.` : "Begins\u2026") : running(job);
            fill(stages, ...Object.entries(job.stages).map(([name, stage]) => h("span.stageChip", {}, `${NAMES[name] || name} ${stage.done}/${stage.of}`)));
            if (job.kind !== "trial" && job.preview && job.preview !== version) {
                version = job.preview;
                preview.src = vs.url(`jobs/${job.id}/pictures/preview?v=${version}`);
                preview.hidden = false;
            }
        }

        function running(job) {
            const painted = job.stages.paint || Object.values(job.stages)[0];
            const parts = [`${Math.round(job.share * 100)} %`];
            if (painted && painted.done) parts.push(rate(job.seconds / painted.done));
            if (job.eta !== null) {
                const end = new Date(Date.now() + job.eta * 1000);
                parts.push(`${vs.spoken(job.eta)} left`);
                if (job.eta > 90) parts.push(`done at ${end.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
            }
            return parts.join(" \u00b7 ");
        }
    };

    const rate = (seconds) => seconds < 1 ? `${(1 / seconds).toFixed(1)} frames/s` : `${seconds.toFixed(1)} s a frame`;

    function list(root, jobs) {
        const shown = jobs.filter((job) => !["trial", "plan"].includes(job.kind)).slice(-30).reverse();
        const waiting = jobs.filter((job) => ACTIVE.includes(job.state) && !["trial", "plan"].includes(job.kind));
        const open = root.querySelector("details")?.open || false;
        if (!shown.length) { fill(root); return; }
        fill(root, h("details.queue", { open }, h("summary", {}, `Queue and recent films (${waiting.length ? `${waiting.length} to do` : shown.length})`), ...shown.map(row)));
    }

    function row(job) {
        const act = (text, path, data) => h("button.small", { type: "button", onclick: vs.tried(async () => { await vs.post(`jobs/${job.id}/${path}`, data); vs.refreshJobs(); }) }, text);
        const state = { waiting: "waits", running: `${Math.round(job.share * 100)} %`, done: "done", stopped: "stopped", failed: "failed" }[job.state];
        const buttons = [];
        if (job.state === "waiting") buttons.push(act("\u2191", "move", { places: -1 }), act("\u2193", "move", { places: 1 }), act("Remove", "cancel"));
        if (job.state === "running") buttons.push(act("Stop", "cancel"));
        if (job.state === "stopped" || job.state === "failed") buttons.push(act("Go on", "again"));
        if (job.state === "done" && job.film) buttons.push(h("button.small", { type: "button", onclick: vs.tried(async () => {
            const clip = await vs.ask(`clips/${job.clip}`);
            if (!vs.state.clip || vs.state.clip.id !== clip.id) vs.openClip(clip);
            vs.set({ job });
        }) }, "Show"));
        return h(`div.row.${job.state}`, {}, h("span.rowName", { title: job.title }, `${KINDS[job.kind]}: ${job.film || job.title}`), h("span.dim", {}, state),
            h("span.rowButtons", {}, ...buttons), job.problem ? h("div.notice", {}, job.problem) : null);
    }

    let timer = null, failures = 0;

    // Asks for the jobs as often as there is something to see.
    vs.refreshJobs = async function () {
        clearTimeout(timer);
        try {
            const { jobs } = await vs.ask("jobs");
            if (failures > 2) vs.say("");
            failures = 0;
            const mine = jobs.filter((job) => vs.state.clip && job.clip === vs.state.clip.id);
            const before = vs.state.job;
            const active = mine.find((job) => job.state === "running") || mine.find((job) => job.state === "waiting");
            const latest = [...mine].reverse().find((job) => job.kind !== "trial");
            const job = active || (before && jobs.find((one) => one.id === before.id)) || latest || null;
            const trial = [...mine].reverse().find((one) => one.kind === "trial" && one.tried.length) || null;
            const ended = before && job && before.id === job.id && ACTIVE.includes(before.state) && !ACTIVE.includes(job.state);
            vs.set({ jobs, job, trial });
            if (vs.recalled && latest) vs.showRecipe(latest.id);
            if (vs.state.clip) vs.recalled = false;
            if (ended) finished(job);
            timer = setTimeout(vs.refreshJobs, jobs.some((one) => ACTIVE.includes(one.state)) ? 500 : 4000);
        } catch (trouble) {
            if (++failures === 3) vs.say(trouble.message);
            timer = setTimeout(vs.refreshJobs, 3000);
        }
    };

    function finished(job) {
        if (job.state === "failed") vs.say(job.problem);
        if (job.state === "stopped") vs.say("Stopped. What is done is kept: press the same button to go on.", "note");
        if (job.state === "done" && job.kind !== "trial" && document.hidden && window.Notification && Notification.permission === "granted") {
            new Notification("Video Stylize", { body: `${job.film || job.title} is done.` });
        }
    }

    vs.askToNotify = function () {
        if (window.Notification && Notification.permission === "default" && window.isSecureContext) Notification.requestPermission().catch(() => {});
    };
})(window.vidstyl);
