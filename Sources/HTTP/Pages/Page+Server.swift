extension Page {
    /// The requests that pages make of the server. The key is kept by the page alone, and gone with it.
    static let serverScript = #"""
        const base = new URL("..", import.meta.url);
        let key = "";

        export const keepKey = (value) => { key = value.trim(); };
        export const address = (path) => new URL(path, base).href;
        export const hasKey = () => key !== "";

        /** The path of a model, of whose name a slash is a part of the path. */
        export const modelPath = (name, ending = "") =>
            "models/" + name.split("/").map(encodeURIComponent).join("/") + ending;

        /** An error that the server has told. */
        export class Refusal extends Error {
            constructor(status, message) {
                super(`${status}: ${message}`);
                this.status = status;
            }
        }

        async function send(path, body, signal) {
            const headers = key === "" ? {} : { "Authorization": `Bearer ${key}` };
            if (body !== undefined) headers["Content-Type"] = "application/json";
            const response = await fetch(address(path), {
                method: body === undefined ? "GET" : "POST", headers, signal, cache: "no-store",
                credentials: "omit", body: body === undefined ? undefined : JSON.stringify(body),
            });
            if (response.ok) return response;
            const text = await response.text();
            let message = text || response.statusText;
            try {
                const { error } = JSON.parse(text);
                message = error.message ?? error;
            } catch { /* It is told as it is. */ }
            throw new Refusal(response.status, message);
        }

        export const get = async (path) => (await send(path)).json();

        /** Posts JSON, and tells the answer and where the time went, in milliseconds. */
        export async function post(path, body, signal) {
            const start = performance.now();
            const response = await send(path, body, signal);
            const json = await response.json();
            const times = serverTimes(response.headers.get("Server-Timing") ?? "");
            times.push(["round trip", performance.now() - start]);
            return { json, times };
        }

        /** The durations in a header of this form. */
        export const serverTimes = (header) => [...header.matchAll(/([\w-]+);dur=([\d.]+)/g)]
            .map(([, name, duration]) => [name, Number(duration)]);

        /** The events of an answer that comes piece by piece. */
        export async function* events(path, body, signal) {
            const response = await send(path, body, signal);
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
            let rest = "";
            for (;;) {
                const { value, done } = await reader.read();
                const lines = (rest + (value ?? "")).split("\n");
                rest = done ? "" : lines.pop();
                for (const line of lines) {
                    if (!line.startsWith("data:")) continue;
                    const data = line.slice(5).trim();
                    if (data !== "" && data !== "[DONE]") yield JSON.parse(data);
                }
                if (done) return;
            }
        }

        /** Makes an element: `make("p", { class: "hint" }, "text", other)`. */
        export function make(name, attributes = {}, ...children) {
            const element = document.createElement(name);
            for (const [key, value] of Object.entries(attributes)) {
                if (value === true) element.setAttribute(key, "");
                else if (value !== false && value !== undefined) element.setAttribute(key, value);
            }
            element.append(...children);
            return element;
        }

        let count = 0;
        /** A name that no other element has. */
        export const fresh = (word) => `${word}-${++count}`;

        /** A field with its label, and a sentence that says more. */
        export function field(label, input, hint) {
            input.id ||= fresh("field");
            const children = [make("label", { for: input.id }, label), input];
            if (hint) {
                const id = `${input.id}-hint`;
                input.setAttribute("aria-describedby", id);
                children.push(make("p", { class: "hint", id }, hint));
            }
            return make("div", { class: "field" }, ...children);
        }
        """#
}
