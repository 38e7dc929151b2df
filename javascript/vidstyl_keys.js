// Keyframes: a few frames are painted, their look is carried to the others. Find them, add, remove, move, replace.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;

    vs.keysPart = function (root) {
        const box = h("input", { type: "checkbox", id: "vidstyl_use_keys", onchange: () => { vs.mark(); vs.set({ useKeys: box.checked }); } });
        const find = h("button.small", { type: "button", id: "vidstyl_find_keys", onclick: () => { vs.set({ keysEdited: false }); setTimeout(() => vs.press("vidstyl_find"), 150); } }, t("Find keyframes"));
        const add = h("button.small", { type: "button", onclick: () => vs.addKey(vs.state.at) }, t("Add a key here"));
        const gallery = h("div.keyRow");
        const picker = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true });
        const words = h("span.dim");
        const tools = h("div.range", {}, find, add, words, picker);
        fill(root, h("label.choice", {}, box, h("span", {}, h("b", {}, t("Keyframes:")), " ", t("paint a few frames and carry their look to the others. Steadier, and faster with a model."))), tools, gallery);
        let shown = "";

        vs.addKey = (frame) => change([...vs.state.keys, frame]);

        function change(keys) {
            vs.mark();
            vs.set({ keys: [...new Set(keys)].sort((a, b) => a - b), keysEdited: true, useKeys: true });
        }

        const put = vs.tried(async (frame, file) => {
            const job = vs.state.keysJob;
            if (!job) throw new Error(t("Press \u201cFind keyframes\u201d or \u201cPaint the keyframes\u201d first: then there is a place for your picture."));
            await vs.send(`jobs/${job}/keys/${frame}`, file);
            vs.set({ paintedKeys: [...new Set([...vs.state.paintedKeys, frame])] });
            vs.say(t("Your picture is now keyframe {n}.", { n: frame }), "note");
            shown = "";
            draw();
        });

        function replace(frame) {
            picker.onchange = () => {
                const file = picker.files[0];
                picker.value = "";
                if (file) put(frame, file);
            };
            picker.click();
        }

        function card(frame) {
            const { clip, at, keysJob } = vs.state;
            const image = h("img", { alt: t("Keyframe {n}", { n: frame }), loading: "lazy", src: vs.url(`clips/${clip.id}/frames/${frame}?side=240`) });
            const painted = keysJob && vs.state.paintedKeys.includes(frame) ? h("img.painted", { alt: "", loading: "lazy", src: vs.url(`jobs/${keysJob}/keys/${frame}?at=${vs.state.job ? vs.state.job.ended : 0}`),
                onerror: (event) => event.target.remove() }) : null;
            return h("figure.keyCard", {}, h("button.keyPicture", { type: "button", title: t("Show frame {n}", { n: frame }), onclick: () => vs.seek(frame) }, image, painted),
                h("figcaption", {}, h("span", {}, String(frame)), h("span.rowButtons", {},
                    frame !== at ? h("button.small", { type: "button", title: t("Move this key to frame {n}", { n: at }), "aria-label": t("Move key {n} to the shown frame", { n: frame }),
                        onclick: () => change([...vs.state.keys.filter((key) => key !== frame), vs.state.at]) }, "\u21e5") : null,
                    h("button.small", { type: "button", title: t("Use a picture of your own"), "aria-label": t("Replace key {n}", { n: frame }), onclick: () => replace(frame) }, "\u2912"),
                    painted ? h("button.small", { type: "button", title: t("Paint this key anew, with another seed"), "aria-label": t("Repaint key {n}", { n: frame }), onclick: () => vs.repaint(keysJob, frame, frame) }, "\u21bb") : null,
                    vs.inWebui() ? h("button.small", { type: "button", title: t("Take the picture from img2img\u2019s gallery"), "aria-label": t("Take key {n} from img2img", { n: frame }),
                        onclick: vs.tried(async () => put(frame, await vs.fromGallery())) }, "\u21e9") : null,
                    h("button.small", { type: "button", title: t("Remove this key"), "aria-label": t("Remove key {n}", { n: frame }), onclick: () => change(vs.state.keys.filter((key) => key !== frame)) }, "\u00d7"))));
        }

        function draw() {
            const { keys, useKeys, clip, keysJob, job } = vs.state;
            const key = JSON.stringify([keys, useKeys, clip && clip.id, keysJob, job && job.state, vs.state.at]);
            if (key === shown) return;
            shown = key;
            box.checked = Boolean(useKeys);
            root.classList.toggle("vs-on", Boolean(useKeys));
            tools.hidden = gallery.hidden = !useKeys || !clip;
            if (!useKeys || !clip) return;
            words.textContent = keys.length ? vs.count(keys.length, "1 keyframe", "{n} keyframes") : t("They are found by themselves when you make the film; or find them now and change them.");
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
            if ("clip" in changes) read = "";
            draw();
            if (!("job" in changes) || !vs.state.job || vs.state.job.kind === "trial" || !vs.state.useKeys) return;
            if (vs.state.job.state !== "waiting") take(vs.state.job);
        });
        draw();
    };
})(window.vidstyl);
