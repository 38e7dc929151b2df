// Presets: settings in one click, with a picture. Some come with the page, others are the user's own.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;

    vs.presetsPart = function (root) {
        const cards = h("div.cards");
        const name = h("input.path", { type: "text", maxLength: 60, placeholder: t("Name of a preset"), "aria-label": t("Name of a preset"),
            onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); keep(); } } });
        const save = vs.button(t("Save these settings"), () => keep(), { id: "vidstyl_save_preset" });
        fill(root, h("details.presets", { ontoggle: (event) => event.currentTarget.open && read() }, h("summary", {}, t("Presets")), cards,
            h("div.range", {}, name, save)));

        const read = vs.tried(async () => {
            const { built_in, own } = await vs.ask("presets");
            fill(cards, ...built_in.filter((one) => !one.painter || vs.facts.model).map(ours), ...own.map(theirs));
        });

        const keep = () => {
            if (!name.value.trim()) { name.focus(); return; }
            vs.afterSave = vs.tried(async (recipe) => {
                const { clip, job, trial } = vs.state;
                await vs.post("presets", { name: name.value, recipe, clip: clip ? clip.id : "", job: trial ? trial.id : job ? job.id : "" });
                vs.say(t("The preset {name} is kept.", { name: name.value }), "note");
                name.value = "";
                await read();
            });
            vs.press("vidstyl_save");
        };

        const picture = (url) => url ? h("img", { alt: "", loading: "lazy", src: vs.url(url) }) : h("div.noPicture");

        function ours(one) {
            const { clip } = vs.state;
            return h("button.card", { type: "button", onclick: () => vs.apply({ settings: one.settings, on: one.on, off: one.off }) },
                picture(clip ? `clips/${clip.id}/${one.look ? `looks/${one.look}` : "frames/0?side=320"}` : ""), h("span", {}, t(one.name)));
        }

        function theirs(one) {
            return h("div.cardBox", {}, h("button.card", { type: "button", onclick: () => vs.apply({ recipe: one.recipe }) },
                picture(one.picture ? `presets/${one.id}/picture` : ""), h("span", {}, one.name)),
            h("button.close", { type: "button", title: t("Delete this preset"), "aria-label": t("Delete this preset"),
                onclick: vs.tried(async () => { await vs.post(`presets/${one.id}/delete`); await read(); }) }, "\u00d7"));
        }

        vs.listen((changes) => { if ("clip" in changes && root.querySelector("details").open) read(); });
    };
})(window.vidstyl);
