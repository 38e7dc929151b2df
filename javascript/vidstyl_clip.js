// The clip: choose it, see what it is, play it.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;
    const KINDS = "video/*,.mkv,.mov,.avi,.ts,.mxf,.gif,.webp,.apng";

    vs.clipPart = function (root) {
        const picker = h("input", { type: "file", accept: KINDS, hidden: true, onchange: () => picker.files[0] && take(picker.files[0]) });
        const path = h("input.path", { type: "text", placeholder: t("or type the path of one, then Enter"), "aria-label": t("Path of a clip on the server"),
            onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); byPath(path.value.trim()); } } });
        const bar = h("div.fill");
        const progress = h("div.bar", { hidden: true }, bar);
        const big = h("div.big", {}, t("Drop a video here"));
        const drop = h("div.drop", { tabIndex: 0, role: "button", "aria-label": t("Choose a clip"),
            onclick: () => picker.click(), onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); picker.click(); } } },
        big, h("div.dim", {}, t("or click to choose one")), progress,
        h("div.steps.dim", {}, ...[t("1 Clip"), t("2 Choose a look"), t("3 Make the film")].map((step) => h("span.fact", {}, step))));
        const chooser = h("div.chooser", {}, drop, path, picker);
        const player = h("video.player", { controls: false, playsInline: true, muted: false, preload: "auto" });
        const still = h("img.still", { alt: "", hidden: true });
        const play = h("button.play", { type: "button", title: t("Play or pause (space)"), onclick: toggle }, "\u25b6");
        const clock = h("span.clock", {}, "0:00.0");
        const facts = h("div.facts");
        const hint = h("span.keysHelp.dim", {}, t("space play \u00b7 \u2190 \u2192 one frame \u00b7 I / O set the range")), keys = vs.keyList();
        const stage = h("div.stage", {}, player, still);
        const timeline = h("div");
        const view = h("div.view", { hidden: true }, facts, stage,
            h("div.transport", {}, play, clock, vs.sendPart(), hint, keys.button), keys.list, timeline);
        fill(root, heading("1", t("Clip")), chooser, view);
        vs.timelinePart(timeline, seek);

        for (const kind of ["dragenter", "dragover"]) root.addEventListener(kind, (event) => { event.preventDefault(); root.classList.add("vs-over"); });
        for (const kind of ["dragleave", "drop"]) root.addEventListener(kind, (event) => { event.preventDefault(); root.classList.remove("vs-over"); });
        root.addEventListener("drop", (event) => event.dataTransfer.files[0] && take(event.dataTransfer.files[0]));

        const take = vs.tried(async (file) => {
            if (/\.json$/i.test(file.name)) return vs.loadRecipe(file);
            vs.say("");
            progress.hidden = false;
            big.textContent = t("Uploading\u2026");
            try { vs.openClip(await vs.send("clips", file, (share) => { bar.style.width = `${share * 100}%`; })); }
            finally { progress.hidden = true; big.textContent = t("Drop a video here"); bar.style.width = "0"; picker.value = ""; }
        });

        const byPath = vs.tried(async (text) => {
            if (!text) return;
            vs.say("");
            drop.classList.add("vs-busy");
            try { vs.openClip(await vs.post("clips", { path: text.replace(/^["']|["']$/g, "") })); }
            finally { drop.classList.remove("vs-busy"); }
        });

        function seek(frame) {
            const clip = vs.state.clip;
            if (!clip) return;
            vs.set({ at: vs.clamp(frame, 0, clip.frames - 1) });
            const time = (vs.state.at + 0.5) / clip.frames * clip.seconds;
            if (!still.hidden) showStill();
            else if (Math.abs(player.currentTime - time) > 0.5 / clip.fps) player.currentTime = time;
            clock.textContent = place();
        }
        vs.seek = seek;

        function place() {
            const clip = vs.state.clip;
            return `${vs.clock(vs.state.at / clip.frames * clip.seconds)} / ${vs.clock(clip.seconds)} \u00b7 ${t("frame {n}", { n: vs.state.at })}`;
        }

        let wanted = null;
        function showStill() {
            clearTimeout(wanted);
            wanted = setTimeout(() => { still.src = vs.url(`clips/${vs.state.clip.id}/frames/${vs.state.at}?side=960`); }, 120);
        }

        function toggle() {
            if (!vs.state.clip || !still.hidden) return;
            if (player.paused) { player.play().catch(() => {}); } else player.pause();
        }
        vs.togglePlay = toggle;

        player.addEventListener("play", () => { play.textContent = "\u275a\u275a"; requestAnimationFrame(follow); });
        player.addEventListener("pause", () => { play.textContent = "\u25b6"; });
        player.addEventListener("error", () => { if (player.getAttribute("src")) { player.hidden = true; still.hidden = false; showStill(); play.disabled = true; } });
        function follow() {
            const clip = vs.state.clip;
            if (player.paused || !clip) return;
            const at = Math.min(clip.frames - 1, Math.floor(player.currentTime / clip.seconds * clip.frames));
            if (at !== vs.state.at) { vs.set({ at }); clock.textContent = place(); }
            requestAnimationFrame(follow);
        }

        vs.listen((changes) => {
            if (!("clip" in changes)) return;
            const clip = vs.state.clip;
            chooser.hidden = Boolean(clip);
            view.hidden = !clip;
            if (!clip) { player.removeAttribute("src"); return; }
            player.hidden = false; still.hidden = true; play.disabled = false;
            stage.style.aspectRatio = `${clip.width} / ${clip.height}`;
            stage.style.maxWidth = `calc(46vh * ${clip.width / clip.height})`;
            player.poster = vs.url(`clips/${clip.id}/frames/0?side=960`);
            player.src = vs.url(`clips/${clip.id}/file`);
            fill(facts, h("b.name", {}, clip.name), ...words(clip).map((word) => h("span.fact", {}, word)),
                h("button.small", { type: "button", onclick: () => { chooser.hidden = !chooser.hidden; } }, t("Other clip")));
            for (const notice of clip.notices) facts.append(h("div.notice", {}, notice));
            clock.textContent = place();
        });
    };

    vs.heading = heading;
    function heading(number, text) {
        return h("h2.heading", {}, h("span.number", {}, number), text);
    }

    function words(clip) {
        const rate = Number.isInteger(clip.fps) ? clip.fps : clip.fps.toFixed(3);
        const list = [`${clip.width} \u00d7 ${clip.height}`, t("{n} frames/s", { n: rate }), vs.count(clip.frames, "1 frame", "{n} frames"), vs.clock(clip.seconds), clip.codec];
        if (clip.variable) list.push(t("variable rate"));
        if (clip.hdr) list.push("HDR");
        if (clip.alpha) list.push(t("transparent"));
        if (clip.rotation) list.push(t("rotated {n}\u00b0", { n: clip.rotation }));
        list.push(clip.sounds.length ? t("sound") : t("no sound"));
        return list.filter(Boolean);
    }

    vs.openClip = function (clip) {
        vs.set({ clip, first: 0, last: clip.frames - 1, at: 0, keys: [], keysEdited: false, keysJob: "", cuts: [], job: null, trial: null });
        vs.remember();
        vs.refreshJobs();
    };

    vs.remember = function () {
        const { clip, first, last } = vs.state;
        try { localStorage.setItem("vidstyl", JSON.stringify(clip ? { clip: clip.id, first, last } : {})); } catch (trouble) { /* private window */ }
    };

    // After a reload: the same clip and range, if the server still has it.
    vs.recall = async function () {
        let kept = {};
        try { kept = JSON.parse(localStorage.getItem("vidstyl") || "{}"); } catch (trouble) { /* private window */ }
        if (!/^[0-9a-f]{16}$/.test(kept.clip || "")) return;
        try {
            const clip = await vs.ask(`clips/${kept.clip}`);
            if (vs.state.clip) return;
            vs.recalled = true;
            vs.openClip(clip);
            const last = Number.isInteger(kept.last) ? vs.clamp(kept.last, 0, clip.frames - 1) : clip.frames - 1;
            vs.set({ first: vs.clamp(kept.first || 0, 0, last), last });
        } catch (trouble) { /* it is gone: begin anew */ }
    };
})(window.vidstyl);
