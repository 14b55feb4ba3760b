extension Page {
    /// The frame of the description of the server.
    static let documentationHTML = #"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Penstock: API</title>
        <link rel="stylesheet" href="docs/style.css">
        <script type="module" src="docs/docs.js"></script>
        </head>
        <body>
        <a class="skip" href="#operations">To the operations</a>
        <header><h1>Penstock: API</h1><a href="openapi.json">openapi.json</a></header>
        <main>
        <div id="access" hidden>
        <p class="error">The server asks for an API key.</p>
        <form id="key-form" class="field">
        <label for="key">API key</label>
        <input id="key" type="password" autocomplete="off">
        <p class="hint">It is kept by this page only, until it is closed.</p>
        <div class="buttons"><button>Use it</button></div>
        </form>
        </div>
        <p id="status" role="status">Loading …</p>
        <div id="operations" tabindex="-1"></div>
        </main>
        </body>
        </html>
        """#

    /// Shows openapi.json.
    static let documentationScript = #"""
        import { get, keepKey, make } from "./server.js";

        const element = (id) => document.getElementById(id);
        let document_ = {};

        /** A schema in the words of TypeScript, with what it refers to by name. */
        function words(schema, depth = 0) {
            if (schema === undefined || Object.keys(schema).length === 0) return "any";
            if (schema.$ref) return schema.$ref.split("/").pop();
            const inner = (other) => words(other, depth + 1);
            if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
            if (schema.anyOf) return schema.anyOf.map(inner).join(" | ");
            if (Array.isArray(schema.type)) {
                return schema.type.map((type) => words({ ...schema, type }, depth)).join(" | ");
            }
            if (schema.prefixItems) return `[${schema.prefixItems.map(inner).join(", ")}]`;
            if (schema.type === "array") {
                const items = inner(schema.items);
                return items.includes(" | ") ? `(${items})[]` : `${items}[]`;
            }
            if (schema.type !== "object") return schema.type ?? "any";
            const indent = "  ".repeat(depth + 1);
            const lines = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
                const mark = schema.required?.includes(name) ? "" : "?";
                const note = property.description ? `${indent}// ${property.description}\n` : "";
                return [`${note}${indent}${name}${mark}: ${inner(property)}`];
            });
            if (schema.additionalProperties) lines.push(`${indent}[name]: ${inner(schema.additionalProperties)}`);
            return lines.length ? `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}` : "object";
        }

        const code = (text) => make("pre", { tabindex: "0" }, text);

        function parts(operation) {
            const children = [];
            for (const parameter of operation.parameters ?? []) {
                const found = document_.components.parameters[parameter.$ref.split("/").pop()];
                children.push(make("p", {}, make("code", {}, found.name), ` (${found.in}): ${found.description}`));
            }
            for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
                children.push(make("h3", {}, `Takes ${type}`), code(words(media.schema)));
            }
            for (const [status, response] of Object.entries(operation.responses)) {
                if (response.$ref) continue;
                for (const [type, media] of Object.entries(response.content ?? {})) {
                    children.push(make("h3", {}, `Answers ${status} with ${type}`), code(words(media.schema)));
                }
            }
            const errors = Object.entries(operation.responses).filter(([, response]) => response.$ref);
            if (errors.length) {
                const form = errors[0][1].$ref.split("/").pop();
                children.push(make("p", {}, `Errors: ${errors.map(([status]) => status).join(", ")}, as ${form}`));
            }
            return children;
        }

        function show() {
            const groups = new Map(document_.tags.map(({ name }) => [name, []]));
            for (const [path, item] of Object.entries(document_.paths)) {
                for (const [method, operation] of Object.entries(item)) {
                    const summary = make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), " ",
                        make("code", {}, path), " ", make("span", { class: "hint" }, operation.summary));
                    const details = make("details", {}, summary);
                    details.addEventListener("toggle", () => {
                        if (details.childElementCount === 1) details.append(make("div", {}, ...parts(operation)));
                    });
                    groups.get(operation.tags[0]).push(details);
                }
            }
            const schemas = Object.entries(document_.components.schemas).map(([name, schema]) =>
                make("details", {}, make("summary", {}, make("code", {}, name)), code(words(schema))));
            element("operations").replaceChildren(
                ...[...groups].map(([name, list]) => make("section", {}, make("h2", {}, name), ...list)),
                make("section", {}, make("h2", {}, "Schemas"), ...schemas));
        }

        async function load() {
            try {
                document_ = await get("openapi.json");
                show();
                element("access").hidden = true;
                element("status").textContent =
                    `Penstock ${document_.info.version}, ${Object.keys(document_.paths).length} paths`;
            } catch (error) {
                element("access").hidden = error.status !== 401;
                element("status").textContent = error.message;
            }
        }

        element("key-form").addEventListener("submit", (event) => {
            event.preventDefault();
            keepKey(element("key").value);
            load();
        });
        load();
        """#
}
