// The script's result in img2img: a player below the gallery, and a button that takes the seed of the picture chosen there.
(function () {
    "use strict";

    const SAID = "#html_log_img2img";
    const FILM = /^Film: (.+)$/m;
    const TRIED = /^Choose a picture/m;

    function address(path) {
        return "file=" + path.split(/[\\/]/).map(encodeURIComponent).join("/");
    }

    function player(path) {
        const video = document.createElement("video");
        video.className = "vidstyl-film";
        video.controls = true;
        video.loop = true;
        video.preload = "metadata";
        video.onerror = () => video.remove(); // a format that browsers do not play, or a folder that is not served
        video.src = address(path);
        return video;
    }

    function seedButton() {
        const button = document.createElement("button");
        button.className = "vidstyl-seed lg secondary gradio-button";
        button.textContent = "Make the film with the chosen picture's seed";
        button.title = "Choose a picture in the gallery first; then press Generate.";
        button.onclick = () => {
            gradioApp().querySelector("#img2img_reuse_seed")?.click();
            gradioApp().querySelector("#script_vidstyl_script_make input[value='the film']")?.click();
        };
        return button;
    }

    function show() {
        const log = gradioApp().querySelector(SAID);
        if (!log) {
            return;
        }
        const text = log.querySelector(".comments")?.innerText || "";
        const shown = log.parentElement;
        if (shown.dataset.vidstyl === text) {
            return;
        }
        shown.dataset.vidstyl = text;
        shown.querySelectorAll(".vidstyl-film, .vidstyl-seed").forEach((part) => part.remove());
        const film = FILM.exec(text);
        if (film) {
            log.before(player(film[1].trim()));
        } else if (TRIED.test(text)) {
            log.before(seedButton());
        }
    }

    (typeof onAfterUiUpdate === "function" ? onAfterUiUpdate : onUiUpdate)(show);
})();
