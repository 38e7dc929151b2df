// Before the start: how many frames, how much disk, how long.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;
    const number = (id, least) => Number(document.querySelector(`#${id} input[type=number]`)?.value) || least;
    const ticked = (id) => Boolean(document.querySelector(`#${id} input[type=checkbox]`)?.checked);

    vs.spacePart = function (root, tab) {
        let timer = null, asked = 0;
        const later = () => { clearTimeout(timer); timer = setTimeout(ask, 700); };
        vs.listen((changes) => { if (["clip", "first", "last", "useKeys", "trial", "look"].some((name) => name in changes)) later(); });
        tab.addEventListener("change", later);

        async function ask() {
            const { clip, first, last } = vs.state;
            if (!clip) { fill(root); return; }
            const every = number("vidstyl_decode_every", 1), side = number("vidstyl_decode_longest_side", 0);
            const kept = 1 + ticked("vidstyl_deflicker_on");
            const look = vs.state.useKeys ? "" : vs.look();
            const mine = ++asked;
            try {
                const found = await vs.ask(`clips/${clip.id}/space?first=${first}&last=${last}&every=${Math.round(every)}&side=${Math.max(0, Math.round(side))}&kept=${kept}&look=${look}`);
                if (mine === asked) show(found);
            } catch (trouble) { fill(root); }
        }

        function show(found) {
            const words = [vs.count(found.frames, "1 frame", "{n} frames"), t("about {size} of disk ({free} free)", { size: vs.size(found.bytes), free: vs.size(found.free) })];
            const { trial, useKeys } = vs.state;
            // How fast a model paints is known from what was tried.
            const tried = trial && trial.tried.length && !useKeys ? trial.seconds / trial.tried.length * found.frames : 0;
            const seconds = vs.look() ? found.seconds : tried;
            if (seconds) words.push(seconds < 1 ? vs.spoken(seconds) : t("about {time}", { time: vs.spoken(seconds) }));
            fill(root, h("span.dim", {}, words.join(" \u00b7 ")), found.short ? h("div.notice", {}, t("There is too little space on the disk: choose a shorter range or a smaller size, or make room.")) : null);
        }
    };
})(window.vidstyl);
