// What all parts of the page share: elements, requests, words. Every text goes in as text, never as HTML.
"use strict";

window.vidstyl = window.vidstyl || {};

(function (vs) {
    const BASE = "vidstyl/v1/";

    // h("div.class", {title: "x", onclick: f}, child, "text"): an element.
    vs.h = function (kind, about, ...children) {
        const [tag, ...classes] = kind.split(".");
        const made = document.createElement(tag);
        if (classes.length) made.className = classes.map((name) => "vs-" + name).join(" ");
        for (const [name, value] of Object.entries(about || {})) {
            if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
            else if (name in made && name !== "list") made[name] = value;
            else made.setAttribute(name, value);
        }
        made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
        return made;
    };

    vs.fill = function (element, ...children) {
        element.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== ""));
        return element;
    };

    vs.url = (path) => BASE + path;

    // A sentence of ours in the page's language; {name} is filled in. vs.word marks one that is translated later.
    vs.words = {};
    vs.t = function (text, values) {
        let found = Object.hasOwn(vs.words, text) && vs.words[text] || text;
        for (const [name, value] of Object.entries(values || {})) found = found.split(`{${name}}`).join(value);
        return found;
    };
    vs.word = (text) => text;
    const t = vs.t;

    // JSON from a route. Throws an Error with the server's own sentence.
    vs.ask = async function (path, about) {
        let answer;
        try {
            answer = await fetch(BASE + path, { headers: { "X-Vidstyl": "1", ...(about && about.headers) }, ...strip(about) });
        } catch (trouble) {
            throw new Error(t("The server does not answer. Is it still running?"));
        }
        let found = {};
        try { found = await answer.json(); } catch (trouble) { /* said below */ }
        if (!answer.ok) throw new Error(found.error || found.detail || t("The server answered {code}.", { code: answer.status }));
        return found;
    };

    vs.post = (path, data) => vs.ask(path, { method: "POST", body: JSON.stringify(data || {}),
        headers: { "Content-Type": "application/json" } });

    // Send a file; progress(share) is called on the way.
    vs.send = function (path, file, progress) {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            request.open("POST", BASE + path);
            request.setRequestHeader("X-Vidstyl", "1");
            request.setRequestHeader("X-Name", encodeURIComponent(file.name));
            request.setRequestHeader("Content-Type", "application/octet-stream");
            request.upload.onprogress = (event) => progress && event.total && progress(event.loaded / event.total);
            request.onerror = () => reject(new Error(t("The upload broke off. Is the server still running?")));
            request.onload = () => {
                let found = {};
                try { found = JSON.parse(request.responseText); } catch (trouble) { /* said below */ }
                if (request.status < 300) resolve(found);
                else reject(new Error(found.error || found.detail || t("The server answered {code}.", { code: request.status })));
            };
            request.send(file);
        });
    };

    function strip(about) {
        const { headers, ...rest } = about || {};
        return rest;
    }

    vs.spoken = function (seconds) {
        if (seconds === null || seconds === undefined) return "";
        if (seconds < 1) return t("under a second");
        if (seconds < 90) return `${Math.round(seconds)} s`;
        const minutes = Math.round(seconds / 60);
        return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    };

    vs.clock = function (seconds) {
        const whole = Math.max(0, seconds || 0);
        const minutes = Math.floor(whole / 60);
        return `${minutes}:${(whole % 60).toFixed(1).padStart(4, "0")}`;
    };

    vs.size = function (bytes) {
        if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
        return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
    };

    // A key's name, one letter's in either case.
    vs.keyOf = (event) => event.key.length === 1 ? event.key.toLowerCase() : event.key;

    // Whether an element does something of its own with a key, so that it is no shortcut there.
    const OWN = { range: /^(Arrow|Page|Home|End)/, checkbox: /^ $/, radio: /^( |Arrow)/, button: /^( |Enter)$/, summary: /^( |Enter)$/ };
    vs.wants = function (element, key) {
        const kind = element.tagName === "INPUT" ? element.type : element.tagName.toLowerCase();
        if (element.isContentEditable || /^(textarea|select)$/.test(kind)) return true;
        return OWN[kind] ? OWN[kind].test(key) : element.tagName === "INPUT";
    };

    vs.count = (number, one, many) => t(number === 1 ? one : many, { n: number });

    vs.button = (text, onclick, about) => vs.h("button.small", { type: "button", onclick, ...about }, text);

    vs.clamp = (value, low, high) => Math.min(high, Math.max(low, value));

    // Calls listener(share 0..1, done) while a pointer is dragged on the element.
    vs.dragged = function (element, area, listener) {
        element.addEventListener("pointerdown", (event) => {
            event.preventDefault();
            element.setPointerCapture(event.pointerId);
            if (element.focus) element.focus({ preventScroll: true });
            const share = (moved) => {
                const box = area().getBoundingClientRect();
                return vs.clamp((moved.clientX - box.left) / Math.max(box.width, 1), 0, 1);
            };
            const move = (moved) => listener(share(moved), false);
            const end = (moved) => {
                element.removeEventListener("pointermove", move);
                listener(share(moved), true);
            };
            listener(share(event), false);
            element.addEventListener("pointermove", move);
            element.addEventListener("pointerup", end, { once: true });
            element.addEventListener("pointercancel", end, { once: true });
        });
    };

    // A small store: vs.state.set({...}) tells everybody who listens.
    const listeners = [];
    vs.state = { clip: null, first: 0, last: 0, at: 0, keys: [], keysEdited: false, useKeys: false, keysJob: "", paintedKeys: [], cuts: [], bad: null,
        job: null, trial: null, jobs: [], paused: false };
    vs.set = function (changes) {
        Object.assign(vs.state, changes);
        for (const listener of listeners) listener(changes);
    };
    vs.listen = (listener) => listeners.push(listener);

    // Says something, wherever the page is scrolled to. kind: "note" for news, which goes by itself; errors stay, with a report to
    // copy. job: whose error it is.
    let going = null;
    vs.say = function (text, kind, job) {
        const place = document.querySelector("#vidstyl_message");
        if (!place) return;
        clearTimeout(going);
        if (text && kind === "note") going = setTimeout(() => vs.fill(place), 15000);
        vs.fill(place, text ? vs.h(`div.message.${kind || "error"}`, { role: kind === "note" ? "status" : "alert" }, vs.h("span", {}, text),
            vs.h("span.rowButtons", {}, kind === "note" ? null : vs.button(t("Copy a report"), () => copyReport(text, job),
                { title: t("Versions, settings and log for whoever helps you; no folders, names or passwords") }),
            vs.h("button.close", { type: "button", title: t("Close"), onclick: () => vs.fill(place) }, "\u00d7"))) : null);
    };

    async function copyReport(said, job) {
        let report = said;
        try { report = (await vs.post("trouble", { said, job: job || "" })).text; } catch (trouble) { /* what was said is all there is */ }
        try { await navigator.clipboard.writeText(report); vs.say(t("The report is in your clipboard."), "note"); }
        catch (trouble) { vs.fill(document.querySelector("#vidstyl_message"), vs.h("textarea.report", { rows: 12, readOnly: true, value: report })); }
    }

    // Runs f and says what went wrong in the page.
    vs.tried = (f) => async (...given) => {
        try { return await f(...given); } catch (trouble) { vs.say(trouble.message || String(trouble)); return undefined; }
    };
})(window.vidstyl);
