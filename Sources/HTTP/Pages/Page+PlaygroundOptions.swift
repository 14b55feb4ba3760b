extension Page {
    /// The fields of the options of a task, by their declarations in `GET /info`.
    static let playgroundOptions = #"""
        import { field, make } from "../docs/server.js";

        const shown = (value) => value === null || value === undefined ? "not set" : JSON.stringify(value);

        function choice(option, values) {
            const isSet = option.default !== null && option.default !== undefined;
            const unset = make("option", { value: "" }, isSet ? `default: ${shown(option.default)}` : "default");
            const input = make("select", {}, unset,
                ...values.map((value, index) => make("option", { value: index }, shown(value))));
            return { input, read: () => input.value === "" ? undefined : values[Number(input.value)] };
        }

        function number(option) {
            const input = make("input", {
                type: "number", min: option.minimum, max: option.maximum,
                step: option.type === "integer" ? 1 : "any", placeholder: shown(option.default),
            });
            return { input, read: () => input.value === "" ? undefined : Number(input.value) };
        }

        function lines(option) {
            const input = make("textarea", { placeholder: "one a line" });
            const read = () => {
                const texts = input.value.split("\n").filter((line) => line !== "");
                return texts.length ? texts : undefined;
            };
            return { input, read };
        }

        function text(option) {
            const input = make("input", { type: "text", placeholder: shown(option.default) });
            return { input, read: () => input.value === "" ? undefined : input.value };
        }

        /** What has a form of its own is written as JSON. */
        function json(option) {
            const input = make("input", { type: "text", placeholder: `JSON: ${option.type}` });
            const read = () => {
                if (input.value.trim() === "") return undefined;
                try {
                    return JSON.parse(input.value);
                } catch {
                    throw new Error(`${option.name} is no JSON`);
                }
            };
            return { input, read };
        }

        function control(option) {
            switch (option.type) {
            case "boolean": return choice(option, [true, false]);
            case "choice": return choice(option, option.values);
            case "integer": case "number": return number(option);
            case "string": return text(option);
            case "string or array of strings": case "array of strings": return lines(option);
            default: return json(option);
            }
        }

        /** Fields for options. `read` gives the values of those that are filled in. */
        export function optionFields(options) {
            const readers = [];
            const element = make("div");
            for (const option of options) {
                if (option.options) {
                    const nested = optionFields(option.options);
                    element.append(make("fieldset", {}, make("legend", {}, option.name),
                        make("p", { class: "hint" }, option.description), nested.element));
                    readers.push([option.name, () => {
                        const value = nested.read();
                        return Object.keys(value).length ? value : undefined;
                    }]);
                    continue;
                }
                const { input, read } = control(option);
                element.append(field(option.name, input, option.description));
                readers.push([option.name, read]);
            }
            const read = () => Object.fromEntries(
                readers.map(([name, read]) => [name, read()]).filter(([, value]) => value !== undefined));
            return { element, read };
        }
        """#
}
