extension Page {
    /// Answers that come piece by piece: texts and chats.
    static let playgroundStream = #"""
        import { events, make, serverTimes } from "../docs/server.js";

        /** Shows pieces as they come, and tells when the first did and how many there were. */
        async function follow(pieces, element) {
            const start = performance.now();
            let first = 0;
            let count = 0;
            const times = [];
            for await (const { text, timing } of pieces) {
                if (timing) times.push(...serverTimes(timing));
                if (text === "") continue;
                count += 1;
                first ||= performance.now() - start;
                element.append(text);
            }
            const total = performance.now() - start;
            times.push(["first piece", first], ["total", total]);
            return { times, pieces: count, rate: count > 1 ? (count - 1) / (total - first) * 1e3 : 0 };
        }

        async function* generated(path, body, signal) {
            for await (const event of events(path, body, signal)) {
                if (event.error) throw new Error(event.error.message ?? event.error);
                yield { text: event.token.special ? "" : event.token.text, timing: event.details?.server_timing };
            }
        }

        /** Streams a text behind its prompt. */
        export async function streamText(path, body, signal, view) {
            const answer = make("mark", { class: "text" });
            view.replaceChildren(make("p", { class: "text" }, body.inputs, answer));
            return follow(generated(path, body, signal), answer);
        }

        /** A talk with a model: what was said, and what is said next. */
        export class Chat {
            messages = [];

            /** What was said, and a message behind it. */
            with(text) { return [...this.messages, { role: "user", content: text }]; }

            async say(path, body, signal, view) {
                const answer = make("div", { class: "text" });
                view.replaceChildren(...body.inputs.map(({ role, content }) => turn(role, content)),
                    make("div", { class: "turn" }, make("b", {}, "assistant"), answer));
                const followed = await follow(generated(path, body, signal), answer);
                this.messages = [...body.inputs, { role: "assistant", content: answer.textContent }];
                return followed;
            }
        }

        const turn = (role, content) => make("div", { class: "turn" }, make("b", {}, role),
            make("div", { class: "text" }, content));
        """#
}
