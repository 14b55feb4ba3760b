import PenstockProtocolBuffers

/// `grpc.reflection.v1.ServerReflection`, and the same by its former name: the services and their messages, for programs
/// like grpcurl (<https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>).
struct ReflectionService: Sendable {
    let rpc: RPC

    /// The message `ServerReflectionRequest`.
    private struct Asked: RPCRequest {
        enum Question: Sendable {
            case file(name: String)
            case fileOf(symbol: String)
            case services
            case extensions
            case other
        }

        var host = ""
        var question = Question.other
        let message: [UInt8]

        init(_ message: ArraySlice<UInt8>) throws(WireError) {
            self.message = Array(message)
            var reader = MessageReader(message)
            while let field = try reader.next() {
                switch field.number {
                case 1: host = try field.text ?? host
                case 3: question = try field.text.map(Question.file) ?? question
                case 4: question = try field.text.map(Question.fileOf) ?? question
                case 5, 6: question = .extensions
                case 7: question = .services
                default: break
                }
            }
        }
    }

    var routes: [RouteTable.Route] {
        ["v1", "v1alpha"].map { version in
            rpc.stream("/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo") {
                (call: RPCStream.Call<Asked>, writer) in
                let asked = try await call.message(in: rpc.requests)
                try await writer.write(message: Self.answer(to: asked))
            }
        }
    }

    /// The message `ServerReflectionResponse`.
    private static func answer(to asked: Asked) -> [UInt8] {
        var writer = MessageWriter()
        writer.text(1, asked.host)
        writer.element(2, asked.message)
        switch asked.question {
        case .file(let name): writer.file(ProtoFile.all.first { $0.name == name })
        case .fileOf(let symbol): writer.file(ProtoFile.all.first { $0.symbols.contains(symbol) })
        case .services:
            writer.message(6) { writer in
                for name in ProtoFile.all.flatMap(\.services) { writer.message(1) { $0.text(1, name) } }
            }
        case .extensions: writer.failure(.notFound, "there are no extensions")
        case .other: writer.failure(.invalidArgument, "the message has no question that is known")
        }
        return writer.bytes
    }
}

extension MessageWriter {
    /// Writes a file, none of which imports another; or that there is none.
    fileprivate mutating func file(_ file: ProtoFile?) {
        guard let file else { return failure(.notFound, "there is no such file or symbol") }
        message(4) { $0.element(1, file.descriptor) }
    }

    fileprivate mutating func failure(_ status: RPCStatus, _ text: String) {
        message(7) { writer in
            writer.unsigned(1, UInt64(status.rawValue))
            writer.text(2, text)
        }
    }
}
