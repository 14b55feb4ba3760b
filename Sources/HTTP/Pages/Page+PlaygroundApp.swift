extension Page {
    /// The playground itself: chooses a model and a task, sends requests, shows what comes back.
    static let playgroundApp = #"""
        import { get, keepKey, make, modelPath, post } from "../docs/server.js";
        import { firstOptions, inputFields } from "./inputs.js";
        import { optionFields } from "./options.js";
        import { result } from "./results.js";
        import { curl, python } from "./snippets.js";
        import { Chat, streamText } from "./stream.js";

        const element = (id) => document.getElementById(id);
        const state = { info: null, tasks: [], inputs: null, options: null, chat: null, running: null };

        const say = (text, isError = false) => {
            element("status").textContent = text;
            element("status").classList.toggle("error", isError);
        };
        const fail = (error) => say(
            error.status === 401 ? "The server asks for an API key: enter one above." : error.message, true);

        // Models

        async function loadModels() {
            try {
                const { models } = await get("models");
                element("model").replaceChildren(...models.map(({ name, status }) =>
                    make("option", { value: name, disabled: status === "failed" },
                        status === "ready" ? name : `${name} (${status})`)));
                say("");
                await loadModel();
            } catch (error) {
                fail(error);
            }
        }

        async function loadModel() {
            const name = element("model").value;
            element("run").disabled = true;
            const info = await get(modelPath(name));
            // Another one may have been chosen meanwhile.
            if (element("model").value !== name) return;
            state.info = info;
            state.tasks = info.tasks ?? [];
            element("run").disabled = state.tasks.length === 0;
            element("facts").textContent = state.tasks.length === 0
                ? `${name} is ${info.status}.`
                : `${info.dtype}, up to ${info.limits.max_input_tokens} tokens, Penstock ${info.version}`;
            const names = state.tasks.map(({ task }) => task);
            if (info.chats) names.unshift("chat");
            if (names.length) names.push("tokens");
            element("task").replaceChildren(...names.map((task) => make("option", { value: task }, task)));
            chooseTask();
        }

        // Forms

        /** The task of a form. */
        const pipeline = (task) => task === "chat" ? "text-generation" : task;

        function chooseTask() {
            const task = element("task").value;
            const declared = state.tasks.find((other) => other.task === pipeline(task))?.options ?? [];
            state.chat = task === "chat" ? new Chat() : null;
            state.inputs = inputFields(task, state.info);
            state.options = optionFields(declared);
            element("inputs").replaceChildren(state.inputs.element);
            element("options").replaceChildren(state.options.element);
            element("options-frame").hidden = state.options.element.childElementCount === 0;
            begin(firstOptions[task] ?? {});
            clear();
            showCode();
        }

        /** Fills fields of options in, by their labels. */
        function begin(values) {
            element("options-frame").open = Object.keys(values).length > 0;
            for (const label of element("options").querySelectorAll("label")) {
                const value = values[label.textContent];
                if (value === undefined) continue;
                const input = element(label.htmlFor);
                const option = [...input.options ?? []].find((option) => option.textContent === JSON.stringify(value));
                input.value = option ? option.value : value;
            }
        }

        function clear() {
            for (const id of ["result", "times"]) element(id).replaceChildren();
            element("raw-frame").hidden = true;
            say("");
        }

        // Requests

        /** The request as the form has it now. */
        function request() {
            const task = element("task").value;
            const name = state.info.model;
            const text = state.inputs.read();
            const inputs = state.chat ? state.chat.with(text) : text;
            if (task === "tokens") return { path: modelPath(name, "/tokenize"), body: { inputs } };
            const parameters = state.options.read();
            const ending = pipeline(task) === state.tasks[0].task ? "" : `/pipeline/${pipeline(task)}`;
            const body = { inputs };
            if (Object.keys(parameters).length) body.parameters = parameters;
            const isOne = ["num_return_sequences", "num_beams", "best_of"].every((name) => (parameters[name] ?? 1) === 1);
            if (pipeline(task) === "text-generation" && (isOne || state.chat)) body.stream = true;
            return { path: modelPath(name, ending), body };
        }

        function showCode() {
            try {
                const { path, body } = request();
                element("curl").textContent = curl(path, body);
                element("python").textContent = python(path, body);
            } catch { /* What is being typed may be unfinished. */ }
        }

        const showTimes = (times) => {
            element("times").textContent = times.map(([name, time]) => `${name} ${time.toFixed(1)} ms`).join(", ");
        };

        function showJSON(json) {
            element("raw").textContent = JSON.stringify(json, null, 1);
            element("raw-frame").hidden = false;
        }

        async function answer(signal) {
            const task = element("task").value;
            const { path, body } = request();
            showCode();
            if (body.stream) {
                const view = element("result");
                const told = state.chat
                    ? await state.chat.say(path, body, signal, view) : await streamText(path, body, signal, view);
                showTimes(told.times);
                say(`Done: ${told.pieces} pieces, ${told.rate.toFixed(1)} a second.`);
                return;
            }
            const { json, times } = await post(path, body, signal);
            showJSON(json);
            showTimes(times);
            element("result").replaceChildren(result(task, json, body.inputs));
            say("Done.");
        }

        async function run(event) {
            event.preventDefault();
            state.running?.abort();
            const running = new AbortController();
            state.running = running;
            clear();
            say("Running …");
            element("run").disabled = true;
            element("stop").disabled = false;
            // A text is read out when it is complete, not piece by piece.
            element("result").ariaBusy = "true";
            try {
                await answer(running.signal);
            } catch (error) {
                if (error.name === "AbortError") say("Stopped.");
                else fail(error);
            } finally {
                element("result").ariaBusy = "false";
                element("run").disabled = false;
                element("stop").disabled = true;
            }
        }

        element("model").addEventListener("change", () => loadModel().catch(fail));
        element("task").addEventListener("change", chooseTask);
        element("request").addEventListener("submit", run);
        element("request").addEventListener("input", showCode);
        element("stop").addEventListener("click", () => state.running?.abort());
        element("key-form").addEventListener("submit", (event) => event.preventDefault());
        // Enter changes the field, too.
        element("key").addEventListener("change", () => {
            keepKey(element("key").value);
            loadModels();
        });
        for (const button of document.querySelectorAll("[data-copy]")) {
            button.addEventListener("click", async () => {
                try {
                    await navigator.clipboard.writeText(element(button.dataset.copy).textContent);
                    say("Copied.");
                } catch {
                    say("The browser does not let the page copy.", true);
                }
            });
        }
        loadModels();
        """#
}
