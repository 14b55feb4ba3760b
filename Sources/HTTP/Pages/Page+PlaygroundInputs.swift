extension Page {
    /// The fields of the inputs of each task, and how they are sent.
    static let playgroundInputs = #"""
        import { field, make } from "../docs/server.js";

        const area = (value, rows = 4) => {
            const input = make("textarea", { rows, required: true });
            input.value = value;
            return input;
        };
        const lines = (input) => input.value.split("\n").map((line) => line.trim()).filter((line) => line !== "");

        function one(label, value, hint) {
            const input = area(value);
            return { element: field(label, input, hint), read: () => input.value };
        }

        /** Several fields, of which `read` makes the inputs. */
        function several(fields, read) {
            const element = make("div");
            const inputs = fields.map(([label, value, hint, rows]) => {
                const input = area(value, rows);
                element.append(field(label, input, hint));
                return input;
            });
            return { element, read: () => read(...inputs) };
        }

        const sentences = () => {
            const fields = [[
                "Sentences",
                "The cat sleeps on the sofa.\nA kitten naps on the couch.\nThe central bank raises interest rates.\n"
                    + "Money becomes more expensive.",
                "One a line; the result shows how alike they are.", 5,
            ]];
            return several(fields, lines);
        };

        const forms = {
            "fill-mask": (model) => one(
                "Text", `The capital of France is ${model.mask_token ?? "[MASK]"}.`,
                "With the mask token of the model, where a word is missing."),
            "text-classification": () => one("Text", "I did not expect to like this film, but it is wonderful."),
            "token-classification": () => one(
                "Text", "Marie Curie was born in Warsaw and worked at the University of Paris."),
            "question-answering": () => several([
                ["Question", "Where was Marie Curie born?", "", 2],
                ["Context", "Marie Curie was born in Warsaw and worked at the University of Paris.", "", 5],
            ], (question, context) => ({ question: question.value, context: context.value })),
            "zero-shot-classification": () => one(
                "Text", "The new phone has a better camera.",
                "Labels to choose from are the option candidate_labels."),
            "text-generation": () => one("Prompt", "Once upon a time"),
            "text-ranking": () => several([
                ["Query", "How high is Mount Everest?", "", 2],
                ["Texts", "Mount Everest is 8849 metres high.\nThe Nile is a river in Africa.\n"
                    + "Sherpas live below the highest mountain of the earth.", "One a line.", 5],
            ], (query, texts) => ({ query: query.value, texts: lines(texts) })),
            "sentence-similarity": sentences,
            "sparse-embeddings": () => one("Text", "Sea levels are rising."),
            "multi-vector-embeddings": () => one("Text", "Sea levels are rising."),
            "feature-extraction": () => one("Text", "Sea levels are rising."),
            "chat": () => one("Message", "Name three rivers of Europe."),
        };

        /** The fields of a task: `element`, and `read` for what is sent. */
        export const inputFields = (task, model) =>
            (forms[task] ?? (() => one("Text", "Sea levels are rising.")))(model);

        /** Values that options have to begin with, so that a request can be sent at once. */
        export const firstOptions = {
            "zero-shot-classification": { candidate_labels: "technology\nsports\npolitics" },
            "token-classification": { aggregation_strategy: "simple" },
        };
        """#
}
