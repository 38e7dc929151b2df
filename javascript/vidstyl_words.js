// The page's language: what the webui has chosen, or, on its own, what the browser speaks; English for whatever a file does not say.
"use strict";

(function (vs) {
    const KEPT = "vidstyl-language";
    const IDS = "[id^=vidstyl_]";

    vs.language = function (languages) {
        const asked = [localStorage.getItem(KEPT), ...(navigator.languages || [])].filter(Boolean);
        for (const one of asked) {
            const code = one.toLowerCase().split("-")[0];
            if (code === "en") return "en";
            if (languages.includes(code)) return code;
        }
        return "en";
    };

    vs.chooseLanguage = function (code) {
        localStorage.setItem(KEPT, code);
        location.reload();
    };

    // In the webui its own translations are there already, ours among them.
    vs.loadWords = async function (languages) {
        if (window.localization && Object.keys(window.localization).length) { vs.words = window.localization; return; }
        if (vs.inWebui()) return;
        const code = vs.language(languages);
        if (code === "en") return;
        try {
            vs.words = await (await fetch(`vidstyl/page/${code}.json`)).json();
            document.documentElement.lang = code;
        } catch (trouble) { /* English, then */ }
    };

    vs.inWebui = () => Boolean(document.getElementById("img2img_prompt"));

    // What Gradio has drawn: labels, help, choices.
    vs.translate = function (root) {
        if (!Object.keys(vs.words).length) return;
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const node = walker.currentNode, text = node.data.trim();
            if (!text || !Object.hasOwn(vs.words, text) || !vs.words[text] || !node.parentElement.closest(IDS)) continue;
            node.data = node.data.replace(text, vs.words[text]);
        }
    };
})(window.vidstyl);
