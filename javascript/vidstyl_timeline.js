// The timeline: thumbnails along time, the range with two handles, cuts and keyframes.
"use strict";

(function (vs) {
    const { h, fill, t } = vs;

    vs.timelinePart = function (root, seek) {
        const strip = h("img.strip", { alt: "", draggable: false });
        const before = h("div.shade"), after = h("div.shade");
        const head = h("div.head");
        const marks = h("div.marks"), bad = h("div.bad", { hidden: true });
        const left = handle(t("Start of the range")), right = handle(t("End of the range"));
        const track = h("div.track", { tabIndex: -1 }, strip, before, after, bad, marks, head, left, right);
        const from = place(t("First frame")), to = place(t("Last frame"));
        const length = h("span.dim");
        const whole = vs.button(t("Whole clip"), () => range(0, vs.state.clip.frames - 1));
        fill(root, track, h("div.range", {}, h("label", {}, t("From"), " ", from), h("label", {}, t("to"), " ", to), length, whole, vs.historyPart(),
            h("span.keysHelp.dim", {}, t("type a frame, 1.5s or 0:02"))));

        strip.addEventListener("load", () => track.classList.remove("vs-loading"));
        vs.dragged(track, () => track, (share, done) => { if (!dragging) seek(frameAt(share)); });
        let dragging = false;
        for (const [one, set] of [[left, (frame, dragged) => range(frame, vs.state.last, false, dragged)], [right, (frame, dragged) => range(vs.state.first, frame, true, dragged)]]) {
            one.addEventListener("pointerdown", (event) => { event.stopPropagation(); vs.mark(); });
            vs.dragged(one, () => track, (share, done) => { dragging = !done; set(frameAt(share), true); });
            one.addEventListener("keydown", (event) => {
                const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
                if (!step) return;
                event.preventDefault(); event.stopPropagation();
                set((one === left ? vs.state.first : vs.state.last) + step);
            });
        }
        // Beyond the other end of the range, a new one begins or ends the range anew, as in editors.
        from.addEventListener("change", () => {
            const { first, last, clip } = vs.state, typed = understood(from.value, 0);
            if (typed !== null) range(typed, typed > last ? clip.frames - 1 : last);
            from.value = vs.state.first;
        });
        to.addEventListener("change", () => {
            const { first, last } = vs.state, typed = understood(to.value, -1);
            if (typed !== null) range(typed < first ? 0 : first, typed, true);
            to.value = vs.state.last;
        });

        // The frame that is meant; where none is, or none that the clip has, that is said.
        function understood(text, end) {
            const frame = frameOf(text, end), most = vs.state.clip.frames - 1;
            if (frame === null) vs.refuse(t("\u201c{text}\u201d is no frame and no time. Write 25, 1.5s or 0:02.", { text: text.slice(0, 40) }));
            else if (frame > most) vs.refuse(t("The clip ends with frame {n}.", { n: most }));
            return frame;
        }

        // "25" is a frame; "1.5s" and "0:01.5" are times, of which the frame begins there, or ends there (-1).
        function frameOf(text, end) {
            if (/^\d+$/.test(text.trim())) return Number(text);
            const time = /^(?:(\d+):)?(\d+(?:[.,]\d+)?)\s*s?$/.exec(text.trim());
            if (!time) return null;
            const seconds = Number(time[1] || 0) * 60 + Number(time[2].replace(",", "."));
            return Math.round(seconds / vs.state.clip.seconds * vs.state.clip.frames) + end;
        }

        function frameAt(share) {
            const count = vs.state.clip ? vs.state.clip.frames : 1;
            return Math.min(count - 1, Math.floor(share * count));
        }

        function range(first, last, right, marked) {
            if (!vs.state.clip) return;
            if (!marked) vs.mark();
            const end = vs.state.clip.frames - 1;
            first = vs.clamp(Math.round(first) || 0, 0, end);
            last = vs.clamp(Math.round(last), 0, end);
            if (first > last) { if (right) first = last; else last = first; }
            vs.set({ first, last });
            seek(right ? last : first);
            vs.remember();
        }
        vs.range = range;

        vs.listen((changes) => {
            const { clip, first, last, at, keys } = vs.state;
            if (!clip) return;
            if ("clip" in changes) {
                track.classList.add("vs-loading");
                strip.src = vs.url(`clips/${clip.id}/strip`);
            }
            const share = (frame) => `${frame / clip.frames * 100}%`;
            before.style.left = "0"; before.style.width = share(first);
            after.style.left = share(last + 1); after.style.width = `calc(100% - ${share(last + 1)})`;
            left.style.left = share(first); right.style.left = share(last + 1);
            head.style.left = share(at + 0.5);
            for (const [one, frame] of [[left, first], [right, last]]) {
                one.setAttribute("aria-valuemin", 0); one.setAttribute("aria-valuemax", clip.frames - 1);
                one.setAttribute("aria-valuenow", frame);
            }
            if (document.activeElement !== from) from.value = first;
            if (document.activeElement !== to) to.value = last;
            const count = last - first + 1;
            const time = (frame) => vs.clock(frame / clip.frames * clip.seconds);
            length.textContent = `${vs.count(count, "1 frame", "{n} frames")}, ${time(first)} \u2013 ${time(last + 1)}`;
            bad.hidden = !vs.state.bad;
            if (vs.state.bad) { bad.style.left = share(vs.state.bad.first); bad.style.width = `calc(${share(vs.state.bad.last + 1)} - ${share(vs.state.bad.first)})`; }
            whole.hidden = first === 0 && last === clip.frames - 1;
            if ("keys" in changes || "clip" in changes || "cuts" in changes) {
                fill(marks, ...(vs.state.cuts || []).map((frame) => mark("cut", frame, t("Cut at frame {n}", { n: frame }))),
                    ...keys.map((frame) => mark("key", frame, t("Keyframe {n}", { n: frame }))));
            }
        });

        function mark(kind, frame, title) {
            const made = h(`button.${kind}`, { type: "button", title, "aria-label": title, onclick: (event) => { event.stopPropagation(); seek(frame); } });
            made.style.left = `${(frame + 0.5) / vs.state.clip.frames * 100}%`;
            made.addEventListener("pointerdown", (event) => event.stopPropagation());
            return made;
        }
    };

    function handle(label) {
        return h("button.handle", { type: "button", role: "slider", "aria-label": label, title: t("{name}: drag it", { name: label }) });
    }

    function place(label) {
        return h("input.number", { type: "text", inputMode: "decimal", "aria-label": label, title: t("A frame\u2019s number, or a time as in 1.5s or 0:01.5") });
    }
})(window.vidstyl);
