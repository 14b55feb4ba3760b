extension Page {
    /// Results as people look at them.
    static let playgroundResults = #"""
        import { make } from "../docs/server.js";

        const rounded = (number) => Number.isInteger(number) ? String(number) : number.toFixed(3);

        /** Rows of a label, a bar and a number. Bars are shown in relation to the largest number, or to 1. */
        function bars(rows, caption) {
            const largest = Math.max(...rows.map(([, number]) => Math.abs(number)), rows.length ? 1e-9 : 1);
            const scale = rows.every(([, number]) => number >= 0 && number <= 1) ? 1 : largest;
            return make("table", { class: "bars" }, make("caption", {}, caption), make("tbody", {}, ...rows.map(
                ([label, number]) => {
                    const bar = make("div", { class: "bar", "aria-hidden": "true" });
                    bar.style.width = `${Math.min(1, Math.abs(number) / scale) * 100}%`;
                    return make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, bar),
                        make("td", {}, rounded(number)));
                })));
        }

        /** A text with parts of it marked; offsets count Unicode scalars. */
        function marked(text, spans) {
            const scalars = [...text];
            const element = make("p", { class: "text" });
            let end = 0;
            for (const { start, stop, label } of [...spans].sort((a, b) => a.start - b.start)) {
                if (start < end || stop <= start) continue;
                const mark = make("mark", {}, scalars.slice(start, stop).join(""));
                if (label) mark.append(make("span", { class: "label" }, label));
                element.append(scalars.slice(end, start).join(""), mark);
                end = stop;
            }
            element.append(scalars.slice(end).join(""));
            return element;
        }

        const dot = (a, b) => a.reduce((sum, number, index) => sum + number * b[index], 0);
        const cosine = (a, b) => dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1);

        /** How alike vectors are, as a table with colours. */
        function heat(labels, vectors) {
            const all = vectors.map((vector) => vectors.map((other) => cosine(vector, other)));
            // From the least to 1, so that differences are seen also where everything is alike.
            const least = Math.min(...all.flat(), 1 - 1e-6);
            const heads = vectors.map((_, index) => make("th", { scope: "col" }, String(index + 1)));
            const rows = all.map((row, index) => make("tr", {},
                make("th", { scope: "row" }, `${index + 1} ${labels[index] ?? ""}`),
                ...row.map((value) => {
                    const cell = make("td", {}, value.toFixed(2));
                    cell.style.setProperty("--heat", `${(value - least) / (1 - least) * 100}%`);
                    return cell;
                })));
            const caption = `Cosine similarity of ${vectors.length} embeddings of ${vectors[0].length} numbers`;
            return make("div", { class: "heat", tabindex: "0", role: "region", "aria-label": caption },
                make("table", {}, make("caption", {}, caption),
                    make("thead", {}, make("tr", {}, make("td"), ...heads)), make("tbody", {}, ...rows)));
        }

        const isNested = (value) => Array.isArray(value) && Array.isArray(value[0]);
        const labelRows = (labels) => labels.map(({ label, score }) => [label, score]);

        function masks(json) {
            const lists = isNested(json) ? json : [json];
            return make("div", {}, ...lists.map((list, index) => bars(
                list.map(({ token_str, score }) => [token_str, score]),
                lists.length > 1 ? `Mask ${index + 1}` : "Likeliest tokens")));
        }

        function labels(json) {
            if (json.labels) return bars(json.labels.map((label, index) => [label, json.scores[index]]), "Labels");
            const list = isNested(json) ? json[0] : Array.isArray(json) ? json : [json];
            return bars(labelRows(list), "Labels");
        }

        function entities(json, text) {
            const list = isNested(json) ? json[0] : json;
            return make("div", {}, marked(text, list.map((entity) => ({
                start: entity.start, stop: entity.end, label: entity.entity_group ?? entity.entity,
            }))), bars(list.map((entity) => [
                `${entity.word} (${entity.entity_group ?? entity.entity})`, entity.score,
            ]), "Entities"));
        }

        function answers(json, { context }) {
            const list = Array.isArray(json) ? json : [json];
            return make("div", {},
                marked(context, list.slice(0, 1).map(({ start, end }) => ({ start, stop: end }))),
                bars(list.map(({ answer, score }) => [answer || "no answer", score]), "Answers"));
        }

        const ranks = (json, { texts }) =>
            bars(json.map(({ index, score }) => [texts[index], score]), "Texts by how well they answer");

        function vectors(json, texts) {
            if (typeof json[0] === "number") json = [json];
            if (!json.every((vector) => Array.isArray(vector) && typeof vector[0] === "number")) {
                return make("p", {}, `${json.length} embeddings, of which the JSON below has the bytes.`);
            }
            return heat(texts, json);
        }

        function tokenVectors(json) {
            while (isNested(json) && Array.isArray(json[0][0])) json = json[0];
            return heat([], json.slice(0, 64));
        }

        const sparse = (json) => bars(
            [...(isNested(json) ? json[0] : json)].sort((a, b) => b.value - a.value).slice(0, 50)
                .map(({ index, value }) => [`dimension ${index}`, value]), "The 50 largest numbers at most");

        const generations = (json) => make("div", {}, ...(isNested(json) ? json[0] : json).map(
            ({ generated_text }) => make("p", { class: "text" }, generated_text)));

        /** Tokens with their ids. */
        export const tokens = ({ ids, tokens, special_tokens_mask }) => make("div", {},
            make("p", { class: "hint" }, `${ids.length} tokens`),
            make("ol", { class: "tokens" }, ...ids.map((id, index) => make("li",
                { class: special_tokens_mask[index] ? "special" : undefined },
                tokens[index], make("span", { class: "id" }, String(id))))));

        const views = {
            "fill-mask": masks, "text-classification": labels, "zero-shot-classification": labels,
            "token-classification": entities, "question-answering": answers, "text-ranking": ranks,
            "sentence-similarity": vectors, "sparse-embeddings": sparse, "multi-vector-embeddings": tokenVectors,
            "feature-extraction": tokenVectors, "text-generation": generations, "tokens": tokens,
        };

        /** Shows the answer of a task to inputs; nothing for one whose answers only JSON shows. */
        export const result = (task, json, inputs) => views[task]?.(json, inputs) ?? make("p", {}, "See the JSON.");
        """#
}
