// The queue: what waits, in order, and recent films.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;
    const SMALL = ["trial", "plan"];

    vs.queuePart = function (root) {
        let shown = "";
        vs.listen((changes) => {
            if (!("jobs" in changes) && !("paused" in changes)) return;
            const jobs = ordered(vs.state.jobs.filter((job) => !SMALL.includes(job.kind) && !job.newer).slice(-30));
            const key = JSON.stringify([vs.state.paused, jobs.map((job) => [job.id, job.state, Math.round(job.share * 100), job.ahead, job.removed])]);
            if (key === shown) return;
            shown = key;
            draw(root, jobs);
        });
    };

    // From top to bottom as they are done: what runs, what waits, then what has ended, the latest first.
    function ordered(jobs) {
        const of = (...states) => jobs.filter((job) => states.includes(job.state));
        return [...of("running"), ...of("waiting"), ...of("done", "stopped", "failed").sort((a, b) => b.ended - a.ended)];
    }

    function draw(root, jobs) {
        const open = root.querySelector("details")?.open || vs.state.paused;
        if (!jobs.length) { fill(root); return; }
        const waiting = jobs.filter((job) => vs.ACTIVE.includes(job.state)).length;
        const failed = jobs.some((job) => job.state === "failed");
        const { paused } = vs.state;
        const act = (text, path, data) => vs.button(text, vs.tried(async () => { await vs.post(path, data); vs.refreshJobs(); }));
        const head = h("div.range", {}, waiting || paused ? act(paused ? t("Go on with the queue") : t("Pause the queue"), "desk", { paused: !paused }) : null,
            failed ? act(t("Try all that failed again"), "desk/retry") : null,
            paused ? h("span.dim", {}, t("Paused: what runs is finished, nothing else is begun.")) : null);
        const words = waiting ? t("Queue and recent films ({n} to do)", { n: waiting }) : t("Queue and recent films ({n})", { n: jobs.length });
        fill(root, h("details.queue", { open }, h("summary", {}, words), head, ...jobs.map((job) => row(job, jobs.filter((one) => one.state === "waiting")))));
    }

    // The job whose film is there to be shown: this one, or, where it was to be made again and was not, an earlier one.
    function filmOf(job) {
        const there = (one) => one.state === "done" && one.film && !one.removed;
        if (job.state === "done") return there(job) ? job : null;
        return vs.state.jobs.findLast((one) => one.newer === job.id && there(one));
    }

    async function show(job) {
        const clip = await vs.ask(`clips/${job.clip}`);
        if (!vs.state.clip || vs.state.clip.id !== clip.id) vs.openClip(clip);
        vs.set({ job, trial: vs.state.trial, passed: vs.state.trial?.id });
    }

    function row(job, waiting) {
        const act = (text, title, path, data, disabled = false) => vs.button(text, vs.tried(async () => { await vs.post(`jobs/${job.id}/${path}`, data); vs.refreshJobs(); }), { title, disabled });
        const state = { waiting: t("waits"), running: `${Math.round(job.share * 100)} %`, done: job.removed ? t("the film was removed") : t("done"), stopped: t("stopped"), failed: t("failed") }[job.state];
        const buttons = [];
        if (job.state === "waiting") buttons.push(act("\u2191", t("Sooner"), "move", { places: -1 }, job === waiting[0]), act("\u2193", t("Later"), "move", { places: 1 }, job === waiting.at(-1)), act(t("Remove"), "", "cancel"));
        if (job.state === "running") buttons.push(act(t("Stop"), "", "cancel"));
        if (job.state === "stopped" || job.state === "failed") buttons.push(act(t("Go on"), "", "again"));
        if (job.state === "done" && job.removed) buttons.push(act(t("Make it again"), "", "again"));
        const film = filmOf(job);
        if (film) buttons.push(vs.button(t("Show"), vs.tried(() => show(film))));
        return h(`div.row.${job.state}`, {}, h("span.rowName", { title: job.title }, `${t(vs.KINDS[job.kind])}: ${job.film ? `${job.film} (${job.title})` : job.title}`), h("span.dim", {}, state),
            h("span.rowButtons", {}, ...buttons), job.problem ? h("div.notice", {}, job.problem) : null);
    }
})(window.vidstyl);
