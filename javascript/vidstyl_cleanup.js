// What takes room on the disk, and a way to be rid of it. Films and pictures of one's own are never removed.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;
    const KINDS = { clip: vs.word("uploaded clip"), frames: vs.word("frames of a film") };

    vs.cleanupPart = function (root) {
        const list = h("div"), free = h("span.dim");
        fill(root, h("details.cleanup", { id: "vidstyl_cleanup", ontoggle: (event) => event.currentTarget.open && read() }, h("summary", {}, t("Clean up")), h("div.range", {}, free), list));

        const read = vs.tried(async () => {
            const [{ kept }, desk] = await Promise.all([vs.ask("desk/kept"), vs.ask("desk")]);
            const taken = kept.reduce((sum, one) => sum + one.bytes, 0);
            fill(free, kept.length ? t("{size} can be removed; {free} free. Films stay; to change one later, its frames have to be painted again.", { size: vs.size(taken), free: vs.size(desk.free) })
                : t("There is nothing to remove."));
            fill(list, ...kept.map(row));
        });

        function row(one) {
            const shown = one.id === vs.state.clip?.id;
            const why = one.busy ? t("A job in the queue needs it") : shown ? t("It is open in this page") : "";
            const remove = vs.button(t("Remove"), vs.tried(() => sure(remove, one)), { disabled: Boolean(why), title: why });
            return h("div.row", {}, h("span.rowName", { title: one.name }, one.name), h("span.dim", {}, `${t(KINDS[one.kind])} \u00b7 ${vs.size(one.bytes)} \u00b7 ${new Date(one.used * 1000).toLocaleDateString()}`),
                h("span.rowButtons", {}, remove));
        }

        // The second click does it.
        async function sure(button, one) {
            if (!button.dataset.sure) {
                button.dataset.sure = "1";
                button.textContent = t("Really remove?");
                setTimeout(() => { delete button.dataset.sure; button.textContent = t("Remove"); }, 5000);
                return;
            }
            const { stays } = await vs.post(`desk/kept/${one.id}/remove`);
            if (stays.length) vs.say(t("{n} pictures of your own were left where they are.", { n: stays.length }), "note");
            await read();
        }
    };
})(window.vidstyl);
