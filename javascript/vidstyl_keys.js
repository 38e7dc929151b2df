// Keyframes: a few frames are painted, their look is carried to the others. Find them, add, remove, move, replace.
"use strict";

(function (vs) {
    const { h, fill } = vs;

    vs.keysPart = function (root) {
        const box = h("input", { type: "checkbox", id: "vidstyl_use_keys", onchange: () => vs.set({ useKeys: box.checked }) });
        const find = h("button.small", { type: "button", id: "vidstyl_find_keys", onclick: () => { vs.set({ keysEdited: false }); setTimeout(() => vs.press("vidstyl_find"), 150); } }, "Find keyframes");
        const add = h("button.small", { type: "button", onclick: () => vs.addKey(vs.state.at) }, "Add a key here");
        const undo = h("button.small", { type: "button", title: "Undo the last change", onclick: back }, "Undo");
        const gallery = h("div.keyRow");
        const picker = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true });
        const words = h("span.dim");
        const tools = h("div.range", {}, find, add, undo, words, picker);
        fill(root, h("label.choice", {}, box, h("span", {}, h("b", {}, "Keyframes: "), "paint a few frames and carry their look to the others. Steadier, and faster with a model.")), tools, gallery);
        const before = [];
        let shown = "";

        vs.addKey = (frame) => change([...vs.state.keys, frame]);

        function change(keys) {
            before.push({ keys: vs.state.keys, keysEdited: vs.state.keysEdited });
            vs.set({ keys: [...new Set(keys)].sort((a, b) => a - b), keysEdited: true, useKeys: true });
        }

        function back() {
            if (before.length) vs.set(before.pop());
        }

        function replace(frame) {
            picker.onchange = vs.tried(async () => {
                const file = picker.files[0];
                picker.value = "";
                if (!file) return;
                const job = vs.state.keysJob;
                if (!job) throw new Error("Press 'Find keyframes' or 'Paint the keyframes' first: then there is a place for your picture.");
                await vs.send(`jobs/${job}/keys/${frame}`, file);
                vs.set({ paintedKeys: [...vs.state.paintedKeys, frame] });
                vs.say(`Your picture is now keyframe ${frame}.`, "note");
                shown = "";
                draw();
            });
            picker.click();
        }

        function card(frame) {
            const { clip, at, keysJob } = vs.state;
            const image = h("img", { alt: `Keyframe ${frame}`, loading: "lazy", src: vs.url(`clips/${clip.id}/frames/${frame}?side=240`) });
            const painted = keysJob && vs.state.paintedKeys.includes(frame) ? h("img.painted", { alt: "", loading: "lazy", src: vs.url(`jobs/${keysJob}/keys/${frame}?at=${vs.state.job ? vs.state.job.ended : 0}`),
                onerror: (event) => event.target.remove() }) : null;
            return h("figure.keyCard", {}, h("button.keyPicture", { type: "button", title: `Show frame ${frame}`, onclick: () => vs.seek(frame) }, image, painted),
                h("figcaption", {}, h("span", {}, String(frame)), h("span.rowButtons", {},
                    frame !== at ? h("button.small", { type: "button", title: `Move this key to frame ${at}`, "aria-label": `Move key ${frame} to the shown frame`,
                        onclick: () => change([...vs.state.keys.filter((key) => key !== frame), vs.state.at]) }, "\u21e5") : null,
                    h("button.small", { type: "button", title: "Use a picture of your own", "aria-label": `Replace key ${frame}`, onclick: () => replace(frame) }, "\u2912"),
                    h("button.small", { type: "button", title: "Remove this key", "aria-label": `Remove key ${frame}`, onclick: () => change(vs.state.keys.filter((key) => key !== frame)) }, "\u00d7"))));
        }

        function draw() {
            const { keys, useKeys, clip, keysJob, job } = vs.state;
            const key = JSON.stringify([keys, useKeys, clip && clip.id, keysJob, job && job.state, vs.state.at]);
            if (key === shown) return;
            shown = key;
            box.checked = Boolean(useKeys);
            root.classList.toggle("vs-on", Boolean(useKeys));
            tools.hidden = gallery.hidden = !useKeys || !clip;
            undo.disabled = !before.length;
            if (!useKeys || !clip) return;
            words.textContent = keys.length ? `${keys.length} keyframe${keys.length > 1 ? "s" : ""}` : "They are found by themselves when you make the film; or find them now and change them.";
            const slow = setTimeout(() => fill(gallery, ...keys.slice(0, 60).map(card)), 120);
            clearTimeout(draw.slow);
            draw.slow = slow;
        }

        // What a job has found: taken over as long as nobody has changed the keys by hand.
        let read = "";
        const take = async (job) => {
            const mark = job.id + job.state + Boolean(job.stages.paint || job.stages.encode);
            if (read === mark) return;
            read = mark;
            try {
                const plan = await vs.ask(`jobs/${job.id}/keys`);
                if (!plan.keys.length) return;
                vs.set({ keysJob: job.id, cuts: plan.cuts, paintedKeys: plan.painted, ...(vs.state.keysEdited ? {} : { keys: plan.keys }) });
                shown = "";
                draw();
            } catch (trouble) { /* it has found none yet */ }
        };

        vs.listen((changes) => {
            if ("clip" in changes) { before.length = 0; read = ""; }
            draw();
            if (!("job" in changes) || !vs.state.job || vs.state.job.kind === "trial" || !vs.state.useKeys) return;
            if (vs.state.job.state !== "waiting") take(vs.state.job);
        });
        draw();
    };
})(window.vidstyl);
