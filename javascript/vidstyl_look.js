// The look: cards painted from the clip's own frame; recipes saved, loaded, taken out of a film.
"use strict";

(function (vs) {
    const { h, fill } = vs;

    vs.lookPart = function (root, looks) {
        const cards = h("div.cards", { role: "radiogroup", "aria-label": "Look" });
        const picker = h("input", { type: "file", accept: ".json,video/*,.mkv,.mov,.webm", hidden: true,
            onchange: () => { if (picker.files[0]) vs.loadRecipe(picker.files[0]); picker.value = ""; } });
        const tools = h("div.tools", {},
            h("button.small", { type: "button", title: "From a recipe file, or from a film made here", onclick: () => picker.click() }, "Load recipe"),
            h("button.small", { type: "button", onclick: () => vs.press("vidstyl_save") }, "Save recipe"), picker);
        fill(root, h("div.headline", {}, vs.heading("2", "Look"), tools), cards);

        function paint() {
            const chosen = current();
            fill(cards, ...looks.map((look) => {
                const clip = vs.state.clip;
                const picture = clip ? h("img", { alt: "", loading: "lazy", src: vs.url(`clips/${clip.id}/looks/${look}`) }) : h("div.noPicture");
                return h("button.card", { type: "button", role: "radio", "aria-checked": String(look === chosen), "data-look": look,
                    onclick: () => choose(look) }, picture, h("span", {}, look));
            }));
        }

        function choose(look) {
            const options = [...document.querySelectorAll("#vidstyl_look_look input[type=radio]")];
            const option = options.find((one) => one.value === look || one.closest("label")?.textContent.trim() === look);
            if (option) option.click();
            mark(look);
        }

        function mark(look) {
            for (const card of cards.children) card.setAttribute("aria-checked", String(card.dataset.look === look));
        }

        function current() {
            const option = document.querySelector("#vidstyl_look_look input[type=radio]:checked");
            return option ? option.closest("label").textContent.trim() : looks[0];
        }

        document.querySelector("#vidstyl_look_look")?.addEventListener("change", () => setTimeout(() => mark(current()), 50));
        vs.markLook = () => mark(current());
        vs.listen((changes) => { if ("clip" in changes) paint(); });
        paint();
    };

    vs.loadRecipe = vs.tried(async (file) => {
        apply(await vs.send("recipe", file));
        vs.say(`The settings of ${file.name} are set below.`, "note");
    });

    function apply(recipe) {
        const keyed = !(recipe.off || []).includes("keyframes");
        const chosen = recipe.sections && recipe.sections.keyframes;
        vs.set({ useKeys: keyed, ...(keyed && chosen && chosen.choice === "list" ? { keysEdited: true,
            keys: chosen.frames.split(",").map((text) => parseInt(text, 10)).filter(Number.isInteger) } : {}) });
        vs.write("vidstyl_recipe", JSON.stringify({ recipe }));
        setTimeout(() => vs.press("vidstyl_apply"), 250);
    }

    // The settings of a job, as after a reload of the page.
    vs.showRecipe = async function (job) {
        try { apply(await vs.ask(`jobs/${job}/recipe`)); } catch (trouble) { /* the defaults stand */ }
    };

    vs.saveRecipe = function (recipe) {
        const blob = new Blob([JSON.stringify(recipe, null, 1)], { type: "application/json" });
        const link = h("a", { href: URL.createObjectURL(blob), download: "recipe.json" });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    };

    // Put a text into one of Gradio's text boxes, so that Gradio knows of it.
    vs.write = function (id, text) {
        const box = document.querySelector(`#${id} textarea, #${id} input`);
        if (!box) return;
        box.value = text;
        box.dispatchEvent(new Event("input", { bubbles: true }));
    };

    vs.press = function (id) {
        const found = document.getElementById(id);
        const button = found && (found.tagName === "BUTTON" ? found : found.querySelector("button"));
        if (button) button.click();
    };

    // Only what the chosen painter reads is shown.
    vs.painterPart = function (root) {
        const painter = () => document.querySelector("#vidstyl_paint_painter input[type=radio]:checked")?.closest("label")?.textContent.trim() || "paint";
        const show = () => { root.dataset.painter = painter(); };
        document.querySelector("#vidstyl_paint_painter")?.addEventListener("change", () => setTimeout(show, 30));
        show();
        vs.showPainter = show;
    };
})(window.vidstyl);
