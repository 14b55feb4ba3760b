import PenstockJSON

extension QuestionAnswering: JSONForm {
    package static let options = OptionTable<Options>([
        .integer("top_k", \.topK, atLeast: 1, "Answers that are given at most; as a list, if more than one."),
        .integer(
            "doc_stride", \.docStride, atLeast: 0,
            "Tokens that pieces of a long context have in common; left out, half of max_seq_len, but at most 128."),
        .integer("max_answer_len", \.maxAnswerLen, atLeast: 1, "Tokens of the longest answer."),
        .integer(
            "max_seq_len", \.maxSeqLen, atLeast: 1,
            "Tokens of the longest sequence of question and context; left out, what the model takes, but at most 384."),
        .integer("max_question_len", \.maxQuestionLen, atLeast: 1, "Tokens to which the question is cut."),
        .flag("handle_impossible_answer", \.handleImpossibleAnswer, "It can be an answer that there is none."),
        .flag("align_to_words", \.alignToWords, "Answers begin and end where words do."),
        .ineffective(
            "padding", "Nothing is padded, and padding would change no answer.",
            values: [.bool(true), .bool(false)] + ["longest", "max_length", "do_not_pad"].map(JSONValue.string)),
    ])

    package static let schemas: TaskSchemas = {
        let answer = JSONSchema.object(["score": .number, "start": .integer, "end": .integer, "answer": .string])
        return TaskSchemas(
            input: .object(["question": .string, "context": .string], others: nil),
            output: .any(of: answer, .array(of: answer)))
    }()

    /// Reads `{"question": text, "context": text}`.
    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        let object = try InputObject(value, named: name, keys: ["question", "context"])
        return Input(question: try object.text("question"), context: try object.text("context"))
    }

    /// Writes the answer, or a list if several are asked for; an empty one if there is none.
    package static func write(
        _ answers: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        if options.topK == 1, let only = answers.first { return write(only, into: &writer) }
        try writer.array { (writer) throws(PipelineError) in
            for answer in answers {
                try scope.check()
                write(answer, into: &writer)
            }
        }
    }

    private static func write(_ answer: Answer, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("score")
            writer.value(answer.score)
            writer.key("start")
            writer.value(answer.range.lowerBound)
            writer.key("end")
            writer.value(answer.range.upperBound)
            writer.key("answer")
            writer.value(answer.answer)
        }
    }
}
