// Inside the webui: settings taken from its img2img page, and frames sent to its pages and taken from its gallery.
"use strict";

(function (vs) {
    const { h, t } = vs;
    const TAKEN = { prompt: "img2img_prompt textarea", negative_prompt: "img2img_neg_prompt textarea", steps: "img2img_steps input[type=number]",
        cfg_scale: "img2img_cfg_scale input[type=number]", denoising_strength: "img2img_denoising_strength input[type=number]", seed: "img2img_seed input",
        sampler: "img2img_sampling input", scheduler: "img2img_scheduler input" };
    const TARGETS = { img2img: ["#img2img_image", "switch_to_img2img"], inpaint: ["#img2maskimg", "switch_to_inpaint"], extras: ["#extras_image", "switch_to_extras"] };

    vs.takePart = function () {
        if (!vs.inWebui()) return null;
        return vs.button(t("Take settings from img2img"), take, { id: "vidstyl_take", title: t("Prompt, sampler, steps, CFG, denoising strength and seed of the img2img tab") });
    };

    function take() {
        const settings = { "paint.painter": "webui" };
        for (const [name, where] of Object.entries(TAKEN)) {
            const field = document.querySelector(`#${where}`);
            if (field && field.value !== "") settings[`paint.${name}`] = field.value;
        }
        vs.apply({ settings });
        vs.say(t("The settings of img2img are set below."), "note");
    }

    vs.sendPart = function () {
        if (!vs.inWebui()) return null;
        const choice = h("select.select", { id: "vidstyl_send", "aria-label": t("Send this frame to a tab of the webui"), onchange: vs.tried(async () => {
            const target = choice.value;
            choice.value = "";
            if (target) await send(target, `clips/${vs.state.clip.id}/frames/${vs.state.at}?side=4096`, `frame-${vs.state.at}.jpg`);
        }) }, h("option", { value: "" }, t("Send this frame to \u2026")), ...Object.keys(TARGETS).map((name) => h("option", { value: name }, name)));
        return choice;
    };

    async function send(target, path, name) {
        const [place, go] = TARGETS[target];
        const input = document.querySelector(`${place} input[type=file]`);
        if (!input) throw new Error(t("The tab {name} takes no picture now: clear the one that is there.", { name: target }));
        const data = await (await fetch(vs.url(path))).blob();
        const files = new DataTransfer();
        files.items.add(new File([data], name, { type: data.type }));
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        if (typeof window[go] === "function") window[go]();
    }

    // The picture that is chosen in img2img's gallery, or its first, as a file.
    vs.fromGallery = async function () {
        const image = document.querySelector("#img2img_gallery .preview img, #img2img_gallery img");
        if (!image) throw new Error(t("There is no picture in img2img's gallery yet."));
        const data = await (await fetch(image.src)).blob();
        return new File([data], "img2img.png", { type: data.type });
    };
})(window.vidstyl);
