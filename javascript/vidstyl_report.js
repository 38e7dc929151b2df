// How steady the film is: curves, its worst frames, and what helps them: one more key, or the span painted anew.
"use strict";

(function (vs) {
    const { h, t } = vs;
    const SVG = "http://www.w3.org/2000/svg";
    const WIDE = 600, HIGH = 60;

    // Paint frames first..last of a job anew, with another seed; only what depends on them is made again.
    vs.repaint = vs.tried(async (job, first, last) => {
        await vs.post(`jobs/${job}/repaint`, { first, last });
        vs.say(first === last ? t("Frame {n} is painted anew.", { n: first }) : t("Frames {first} to {last} are painted anew.", { first, last }), "note");
        await vs.showRecipe(job);
        vs.refreshJobs();
    });

    // Mark a span on the timeline and go to its frame.
    function select(frame, first, last) {
        vs.set({ bad: { first, last } });
        vs.seek(frame);
        document.querySelector(".vs-track")?.scrollIntoView({ block: "center", behavior: "smooth" });
    }

    vs.reportPart = async function (job) {
        const parts = [];
        const weak = (await vs.ask(`jobs/${job.id}/report`)).worst.slice(0, 6);
        const steady = await vs.ask(`jobs/${job.id}/steadiness`);
        if (steady.frames) {
            parts.push(h("div.headline", {}, h("b", {}, t("How steady the film is")), h("a.small", { href: vs.url(`jobs/${job.id}/steadiness/page`), target: "_blank", rel: "noopener" }, t("The whole report"))));
            parts.push(h("div.curves", {}, ...steady.curves.map((curve) => curveOf(steady, curve))));
            if (steady.worst.length) parts.push(row(t("The least steady frames"), steady.worst.slice(0, 6).map((bad) => badFrame(job, bad))));
        }
        if (weak.length) parts.push(row(t("Where the keys carry least well. A keyframe there helps; the next run then makes only that span again."), weak.map((span) => weakSpan(job, span))));
        return parts;
    };

    const row = (words, cards) => h("div", {}, h("div.dim", {}, words), h("div.triedRow", {}, ...cards));

    function card(job, picture, frame, first, last, words, helps) {
        return h("figure.tried", {}, h("button.keyPicture", { type: "button", title: t("Show frames {first} to {last} on the timeline", { first, last }), onclick: () => select(frame, first, last) },
            h("img", { alt: t("frame {n}", { n: frame }), loading: "lazy", src: vs.url(picture) })), h("figcaption", {}, words, " ", helps));
    }

    const addKey = (frame, first, last) => vs.button(t("Add a key here"), () => {
        select(frame, first, last);
        vs.addKey(frame);
        vs.say(t("Frame {n} is a keyframe now. \u201cMake the film\u201d makes only that span again.", { n: frame }), "note");
    });

    function weakSpan(job, { frame, first, last, confidence }) {
        return card(job, `clips/${job.clip}/frames/${frame}?side=320`, frame, first, last, t("{first}\u2013{last}, {n} % sure", { first, last, n: Math.round(confidence * 100) }), addKey(frame, first, last));
    }

    function badFrame(job, bad) {
        const { frame, first, last, keyed, paintable } = bad;
        const helps = keyed ? addKey(frame, first, last) : paintable ? vs.button(t("Repaint {first}\u2013{last}", { first, last }), () => { select(frame, first, last); vs.repaint(job.id, first, last); }) : null;
        return card(job, `jobs/${job.id}/steadiness/${frame}`, frame, first, last, `${t("frame {n}", { n: frame })}: ${bad.why}`, helps);
    }

    // A curve over time; a click goes to its frame.
    function curveOf(steady, curve) {
        const known = curve.values.filter((value) => value !== null);
        const most = Math.max(...known, 1e-9), count = Math.max(curve.values.length - 1, 1);
        const lines = [];
        let points = [];
        curve.values.forEach((value, place) => {
            if (value === null) { lines.push(points); points = []; return; }
            points.push(`${(place / count * WIDE).toFixed(1)},${(HIGH - 2 - value / most * (HIGH - 6)).toFixed(1)}`);
        });
        lines.push(points);
        const drawing = document.createElementNS(SVG, "svg");
        drawing.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
        drawing.setAttribute("preserveAspectRatio", "none");
        for (const line of lines.filter((each) => each.length > 1)) {
            const drawn = document.createElementNS(SVG, "polyline");
            drawn.setAttribute("points", line.join(" "));
            drawing.append(drawn);
        }
        const made = h("button.curve", { type: "button", title: t("Click to go to a frame"), onclick: (event) => {
            const box = made.getBoundingClientRect();
            const place = Math.round(vs.clamp((event.clientX - box.left) / box.width, 0, 1) * count);
            vs.set({ bad: null });
            vs.seek(steady.frames[place]);
        } });
        made.append(drawing);
        return h("figure.curveBox", {}, h("figcaption", {}, h("span", {}, t(curve.title)), " ", h("span.dim", {}, curve.words)), made);
    }
})(window.vidstyl);
