extension Page {
    /// The request as a program would send it. A key is named, and not shown.
    static let playgroundSnippets = #"""
        import { address, hasKey } from "../docs/server.js";

        const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

        export function curl(path, body) {
            const parts = [`curl ${body.stream ? "-N " : ""}${address(path)}`];
            if (hasKey()) parts.push('-H "Authorization: Bearer $PENSTOCK_API_KEY"');
            parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
            return parts.join(" \\\n  ");
        }

        /** JSON as Python writes it. */
        function literal(value, indent = "") {
            if (value === null) return "None";
            if (value === true) return "True";
            if (value === false) return "False";
            if (typeof value !== "object") return JSON.stringify(value);
            const inner = `${indent}    `;
            const isList = Array.isArray(value);
            const items = isList ? value.map((item) => literal(item, inner))
                : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${literal(item, inner)}`);
            const [open, close] = isList ? "[]" : "{}";
            const line = `${open}${items.join(", ")}${close}`;
            if (line.length + indent.length < 80 && !line.includes("\n")) return line;
            return `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}${close}`;
        }

        export function python(path, body) {
            const lines = hasKey() ? ["import os", ""] : [];
            lines.push("import requests", "");
            const key = hasKey() ? '\n    headers={"Authorization": f"Bearer {os.environ[\'PENSTOCK_API_KEY\']}"},' : "";
            const stream = body.stream ? "\n    stream=True," : "";
            lines.push("response = requests.post(", `    ${JSON.stringify(address(path))},${key}${stream}`,
                `    json=${literal(body, "    ")},`, ")", "response.raise_for_status()");
            lines.push(...body.stream
                ? ["for line in response.iter_lines(decode_unicode=True):", "    print(line)"]
                : ["print(response.json())"]);
            return lines.join("\n");
        }
        """#
}
