// The look: cards painted from the clip's own frame; recipes saved, loaded, taken out of a film.
"use strict";

(function (vs) {
    const { h, fill, t, word } = vs;
    const PAINTERS = { paint: word("with a built-in look"), webui: word("by the webui\u2019s model"), files: word("from frames I have painted elsewhere") };
    const radios = (id) => [...document.querySelectorAll(`#${id} input[type=radio]`)];

    vs.lookPart = function (root, tab) {
        const { looks, painters } = vs.facts;
        const who = h("div.choices", { role: "radiogroup", "aria-label": t("Painted") });
        const cards = h("div.cards", { role: "radiogroup", "aria-label": t("Look") });
        const picker = h("input", { type: "file", accept: ".json,video/*,.mkv,.mov,.webm", hidden: true,
            onchange: () => { if (picker.files[0]) vs.loadRecipe(picker.files[0]); picker.value = ""; } });
        const tools = h("div.tools", {},
            h("button.small", { type: "button", title: t("From a recipe file, or from a film made here"), onclick: () => picker.click() }, t("Load recipe")),
            h("button.small", { type: "button", onclick: () => vs.press("vidstyl_save") }, t("Save recipe")), picker);
        const presets = h("div");
        fill(root, h("div.headline", {}, vs.heading("2", t("Look")), tools), who, cards, presets);
        vs.presetsPart(presets);

        function paint() {
            const chosen = current();
            fill(cards, ...looks.map((look) => {
                const clip = vs.state.clip;
                const picture = clip ? h("img", { alt: "", loading: "lazy", src: vs.url(`clips/${clip.id}/looks/${look}`) }) : h("div.noPicture");
                return h("button.card", { type: "button", role: "radio", "aria-checked": String(look === chosen), "data-look": look,
                    onclick: () => choose(look) }, picture, h("span", {}, t(look)));
            }));
        }

        function choose(look) {
            radios("vidstyl_look_look")[looks.indexOf(look)]?.click();
            mark(look);
        }

        function mark(look) {
            for (const card of cards.children) card.setAttribute("aria-checked", String(card.dataset.look === look));
        }

        function current() {
            return looks[Math.max(0, radios("vidstyl_look_look").findIndex((one) => one.checked))];
        }

        // Who paints; only what that painter reads is shown.
        function painter() {
            const chosen = painters[Math.max(0, radios("vidstyl_paint_painter").findIndex((one) => one.checked))];
            tab.dataset.painter = chosen;
            const there = Object.keys(PAINTERS).filter((one) => painters.includes(one) && (one !== "webui" || vs.facts.model || chosen === one));
            fill(who, h("span", {}, t("Painted")), ...there.map((one) => h("button.choiceButton", { type: "button", role: "radio", "aria-checked": String(one === chosen), "data-painter": one,
                onclick: () => { radios("vidstyl_paint_painter")[painters.indexOf(one)]?.click(); setTimeout(painter, 30); } }, t(PAINTERS[one]))), vs.takePart());
        }

        // The look that paints; none where somebody else does.
        vs.look = () => tab.dataset.painter === "paint" ? current() : "";

        vs.markLook = () => { mark(current()); painter(); };
        for (const id of ["look_look", "paint_painter"]) document.querySelector(`#vidstyl_${id}`)?.addEventListener("change", () => setTimeout(vs.markLook, 50));
        painter();
        vs.listen((changes) => { if ("clip" in changes) paint(); });
        paint();
    };

    vs.loadRecipe = vs.tried(async (file) => {
        vs.apply({ recipe: await vs.send("recipe", file) });
        vs.say(t("The settings of {name} are set below.", { name: file.name }), "note");
    });

    // Show a recipe in Gradio's widgets: {recipe}, or some {settings, on, off} of what is there.
    vs.apply = function (asked) {
        const keyed = asked.recipe ? !(asked.recipe.off || []).includes("keyframes") : (asked.on || []).includes("keyframes");
        const chosen = asked.recipe && asked.recipe.sections && asked.recipe.sections.keyframes;
        if (asked.recipe || (asked.off || []).includes("keyframes") || keyed) vs.set({ useKeys: keyed });
        if (keyed && chosen && chosen.choice === "list") {
            vs.set({ keysEdited: true, keys: chosen.frames.split(",").map((text) => parseInt(text, 10)).filter(Number.isInteger) });
        }
        vs.write("vidstyl_recipe", JSON.stringify({ ...asked, at: Date.now() }));
        setTimeout(() => vs.press("vidstyl_apply"), 250);
    };

    // The settings of a job, as after a reload of the page.
    vs.showRecipe = async function (job) {
        try { vs.apply({ recipe: await vs.ask(`jobs/${job}/recipe`) }); } catch (trouble) { /* the defaults stand */ }
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
})(window.vidstyl);
