// What takes room on the disk, and a way to be rid of it. Pictures of one's own are never removed, nor a film that somebody has changed.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;
    const KINDS = { clip: vs.word("uploaded clip"), frames: vs.word("frames of a film"), film: vs.word("the film itself") };
    const SURE = { clip: vs.word("Really remove?"), frames: vs.word("Really remove?"), film: vs.word("Really remove the film?") };

    vs.cleanupPart = function (root) {
        const list = h("div"), free = h("span.dim");
        vs.listen((changes) => { if (("clip" in changes || "ended" in changes) && root.firstChild.open) read(); });
        fill(root, h("details.cleanup", { id: "vidstyl_cleanup", ontoggle: (event) => event.currentTarget.open && read() }, h("summary", {}, t("Clean up")), h("div.range", {}, free), list));

        const read = vs.tried(async () => {
            const [{ kept }, desk] = await Promise.all([vs.ask("desk/kept"), vs.ask("desk")]);
            const films = kept.filter((one) => one.kind === "film"), others = kept.filter((one) => one.kind !== "film");
            const taken = others.reduce((sum, one) => sum + one.bytes, 0);
            fill(free, others.length ? t("{size} can be removed; {free} free. The films stay; to change one later, its frames have to be painted again.", { size: vs.size(taken), free: vs.size(desk.free) })
                : t("There is nothing to remove but films."));
            if (!kept.length) fill(free, t("There is nothing to remove."));
            fill(list, ...others.map(row), films.length ? h("div.filmsHead", {}, h("b", {}, t("Films")), " ", h("span.dim", {}, t("made here. One that is removed is gone for good: download it first if you want to keep it."))) : null,
                ...films.map(row));
        });

        function row(one) {
            const open = one.id === vs.state.clip?.id;
            const why = one.busy ? t("a job in the queue needs it") : open ? t("it is open in this page") : "";
            const remove = vs.button(t("Remove"), vs.tried(() => sure(remove, one)), { disabled: Boolean(why) });
            const facts = [t(KINDS[one.kind]), vs.size(one.bytes), why || new Date(one.used * 1000).toLocaleDateString()];
            return h("div.row", {}, h("span.rowName", { title: one.name }, one.name), h("span.dim", {}, facts.join(" \u00b7 ")),
                h("span.rowButtons", {}, remove));
        }

        // The second click does it; to leave the button is to think better of it.
        async function sure(button, one) {
            if (!button.dataset.sure) {
                button.dataset.sure = "1";
                button.textContent = t(SURE[one.kind]);
                button.addEventListener("blur", () => { delete button.dataset.sure; button.textContent = t("Remove"); }, { once: true });
                return;
            }
            button.textContent = t("Removing\u2026");
            button.disabled = true;
            const { stays } = await vs.post(`desk/kept/${one.id}/remove`);
            if (one.kind === "film") vs.refreshJobs();
            if (stays.length) vs.say(t("{n} pictures of your own were left where they are.", { n: stays.length }), "note");
            await read();
        }
    };
})(window.vidstyl);
