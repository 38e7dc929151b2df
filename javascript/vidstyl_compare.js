// Before and after: two players one above the other, what moves them, and the whole screen for them.
"use strict";

(function (vs) {
    const { h, t } = vs;
    const REST = 2500; // after so many milliseconds without a hand on it, nothing lies over a playing film

    // The upper player shows only what is right of the line.
    vs.compare = function (job, film) {
        const source = h("video", { muted: true, playsInline: true, preload: "auto", src: vs.url(`clips/${job.clip}/file`) });
        const url = vs.url(`jobs/${job.id}/artefacts/${film.id}`);
        const still = /^image\//.test(film.type);
        const made = still ? h("img", { alt: film.name, src: url }) : h("video", { playsInline: true, preload: "auto", loop: true, src: url, id: "vidstyl_film" });
        const box = h("div.compare", {}, source, made, h("span.label.labelLeft", {}, t("before")), h("span.label.labelRight", {}, t("after")));
        box.style.setProperty("--ratio", vs.state.clip.width / vs.state.clip.height);
        const { line, place } = lineOf(box);
        box.append(line);
        const beside = vs.button(t("Side by side"), () => beside.setAttribute("aria-pressed", box.classList.toggle("vs-beside")));
        const transport = h("div.transport"), theatre = h("div.theatre", { tabIndex: -1 }, h("div.hall", {}, box), transport);
        const player = still ? null : playerOf(job, source, made);
        transport.append(...(player ? player.parts : []), beside, ...screenOf(theatre));
        source.addEventListener("error", () => { source.hidden = true; place(0); line.hidden = true; });
        steer(theatre, player ? player.acts : {});
        hideAtRest(theatre, () => !still && !made.paused);
        return theatre;
    };

    function lineOf(box) {
        const line = h("button.line", { type: "button", role: "slider", "aria-label": t("Before and after"), "aria-valuemin": 0, "aria-valuemax": 100 });
        const place = (share) => {
            box.style.setProperty("--line", `${share * 100}%`);
            line.setAttribute("aria-valuenow", Math.round(share * 100));
            line.dataset.share = share;
            box.classList.toggle("vs-noBefore", share < 0.15);
            box.classList.toggle("vs-noAfter", share > 0.85);
        };
        place(0.5);
        vs.dragged(line, () => box, place);
        line.addEventListener("keydown", (event) => {
            const step = { ArrowLeft: -0.05, ArrowRight: 0.05 }[event.key];
            if (step) { event.preventDefault(); event.stopPropagation(); place(vs.clamp(Number(line.dataset.share) + step, 0, 1)); }
        });
        return { line, place };
    }

    // The film leads, its source follows. parts: what stands below them; acts: what keys do.
    function playerOf(job, source, made) {
        const play = h("button.play", { type: "button", title: t("Play or pause (space)") }, "\u25b6");
        const along = h("input.along", { type: "range", min: 0, max: 1000, value: 0, "aria-label": t("Place in the film") });
        const time = h("span.clock", {}, "0:00.0");
        const follow = () => { const there = made.currentTime + job.start_seconds; if (Math.abs(source.currentTime - there) > 0.06) source.currentTime = there; };
        const toggle = () => { if (made.paused) { made.play().catch(() => {}); source.play().catch(() => {}); } else { made.pause(); source.pause(); } };
        const tell = () => {
            along.value = made.duration ? made.currentTime / made.duration * 1000 : 0;
            time.textContent = `${vs.clock(made.currentTime)} / ${vs.clock(made.duration)}`;
            follow();
        };
        for (const one of [play, made]) one.addEventListener("click", toggle);
        made.addEventListener("play", () => { play.textContent = "\u275a\u275a"; });
        made.addEventListener("pause", () => { play.textContent = "\u25b6"; source.pause(); follow(); });
        made.addEventListener("seeked", follow);
        for (const event of ["loadedmetadata", "timeupdate"]) made.addEventListener(event, tell);
        along.addEventListener("input", () => { if (made.duration) made.currentTime = along.value / 1000 * made.duration; });
        return { parts: [play, along, time], acts: keysOf(job, made, toggle) };
    }

    function keysOf(job, made, toggle) {
        const go = (frame) => { if (made.duration) made.currentTime = (vs.clamp(frame, 0, job.frames - 1) + 0.5) / job.frames * made.duration; };
        const step = (frames) => go(Math.floor(made.currentTime / made.duration * job.frames + 0.01) + frames);
        return { " ": toggle, k: toggle, j: () => step(-10), l: () => step(10), Home: () => go(0), End: () => go(job.frames - 1),
            ArrowLeft: (event) => step(event.shiftKey ? -10 : -1), ArrowRight: (event) => step(event.shiftKey ? 10 : 1) };
    }

    const fills = (theatre) => document.fullscreenElement === theatre;

    // The button for the whole screen, where the browser gives it.
    function screenOf(theatre) {
        if (!document.fullscreenEnabled) { vs.toggleScreen = () => {}; return []; }
        const button = vs.button(t("Full screen"), () => vs.toggleScreen(), { title: t("Full screen (F)"), id: "vidstyl_screen" });
        let top = 0; // where it stood in the window: without it the page is shorter, and scrolls
        vs.toggleScreen = () => {
            if (fills(theatre)) { document.exitFullscreen().catch(() => {}); return; }
            if (!theatre.isConnected) return;
            top = theatre.getBoundingClientRect().top;
            theatre.requestFullscreen().then(() => theatre.focus({ preventScroll: true })).catch(() => {});
        };
        theatre.addEventListener("fullscreenchange", () => {
            button.textContent = fills(theatre) ? t("Leave full screen") : t("Full screen");
            if (!fills(theatre)) requestAnimationFrame(() => window.scrollBy({ top: theatre.getBoundingClientRect().top - top, behavior: "instant" }));
        });
        return [button];
    }

    // Keys while the focus is in the comparison: they move this film, and on the whole screen nothing that is not seen.
    function steer(theatre, acts) {
        theatre.addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || vs.wants(event.target, event.key)) return;
            const leaves = event.key === "Escape" && fills(theatre);
            const act = leaves ? vs.toggleScreen : { f: vs.toggleScreen, ...acts }[vs.keyOf(event)];
            if (act) { event.preventDefault(); act(event); }
            if (act || fills(theatre)) event.stopPropagation();
        });
    }

    function hideAtRest(theatre, plays) {
        let timer = null;
        const awake = () => {
            clearTimeout(timer);
            theatre.classList.remove("vs-rests");
            timer = setTimeout(() => theatre.classList.toggle("vs-rests", fills(theatre) && plays()), REST);
        };
        for (const event of ["pointermove", "pointerdown", "keydown", "fullscreenchange"]) theatre.addEventListener(event, awake);
    }
})(window.vidstyl);
