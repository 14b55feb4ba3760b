import PenstockJSON
import PenstockPipelines

extension ChatOptions {
    /// The options of making a prompt of a chat, as vLLM names them. The answer is a new message unless
    /// `continue_final_message` says otherwise.
    init(_ fields: RequestFields) throws(ClientError) {
        self.init()
        let goesOn = try fields.flag("continue_final_message")
        continueFinalMessage = goesOn
        if try !fields.flag("add_generation_prompt", default: true), !goesOn {
            throw fields.unsupported("add_generation_prompt", "an answer begins behind it, or goes on with a message")
        }
        if fields["chat_template"] != nil {
            throw fields.unsupported("chat_template", "the templates are those of the model")
        }
        documents = try fields.objects("documents")?.map { .object($0.object) }
        variables = try fields.section("chat_template_kwargs").object
        for name in variables.entries.map(\.key) where Self.reserved.contains(name) {
            throw fields.unsupported("chat_template_kwargs", "\(name) is no variable for requests to set")
        }
        if let effort = fields["reasoning_effort"], variables["reasoning_effort"] == nil {
            variables.append("reasoning_effort", effort)
        }
    }
}
