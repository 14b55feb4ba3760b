import Glibc
import PenstockCompute
import PenstockHub
import PenstockJSON
import PenstockServing

/// The findings about the machine, as far as this process may use it.
enum MachineFindings {
    static var processor: Finding {
        let (kernels, threads) = (Kernels.best, AvailableProcessors.count)
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let text = "\(kernels.name), \(count(threads, "thread")) on \(count(processors, "processor"))"
        let values: [(String, JSONValue)] = [
            ("instructions", .string(kernels.name)), ("threads", .integer(threads)),
            ("processors", .integer(processors)),
        ]
        guard kernels.name.hasPrefix("scalar") else { return Finding("processor", .fine, text, values) }
        return Finding("processor", .note, "\(text); without AVX2 or NEON models are slow", values)
    }

    static var precision: Finding {
        let kernels = Kernels.best
        let (hasBFloat16, hasInt8) = (kernels.gainsByBFloat16, kernels.hasInstructions(for: .int8))
        let advice =
            switch (hasBFloat16, hasInt8) {
            case (true, true):
                "float32 for the numbers of transformers; bfloat16 (--dtype auto) and int8 are faster here"
            case (true, false):
                "float32 for the numbers of transformers; bfloat16 (--dtype auto) is faster here"
            case (false, true):
                "float32 for the numbers of transformers; int8 is faster here; bfloat16 only saves memory"
            case (false, false): "float32; bfloat16 and int8 only save memory here"
            }
        return Finding("dtype", .fine, advice, [("bfloat16", .bool(hasBFloat16)), ("int8", .bool(hasInt8))])
    }

    static var memory: Finding {
        guard let limit = MemoryLimit.current() else {
            return Finding("memory", .note, "the system does not tell how much there is")
        }
        let values: [(String, JSONValue)] = [
            ("available_bytes", .integer(limit.available)), ("limit_bytes", .integer(limit.limit)),
            ("limited_by", .string(limit.source.rawValue)),
        ]
        let text =
            "\(ByteText.of(limit.available)) are left of \(ByteText.of(limit.limit)), by the \(limit.source.rawValue)"
        // Less than the smallest of usual models takes with its workspace.
        let leastUseful = 256 << 20
        return limit.available < leastUseful
            ? Finding("memory", .problem, "\(text), too little for most models; free some, or raise the limit", values)
            : Finding("memory", .fine, text, values)
    }

    static var files: Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding("open files", .note, "the system does not tell how many there may be")
        }
        let most = Int(clamping: limit.rlim_max)
        let text = "up to \(most.grouped)"
        return most < 1024
            ? Finding(
                "open files", .note, "\(text), each connection is one; raise it by `ulimit -Hn`",
                [("limit", .integer(most))])
            : Finding("open files", .fine, text, [("limit", .integer(most))])
    }

    /// Tells whether a server could listen.
    static func port(_ port: Int, at host: String) -> Finding {
        let values: [(String, JSONValue)] = [("host", .string(host)), ("port", .integer(port))]
        guard let error = ListeningProbe.failure(host: host, port: port) else {
            return Finding("port", .fine, "\(port) at \(host.shown) is free", values)
        }
        return Finding(
            "port", .note, "\(port) at \(host.shown) cannot be listened on: \(error); choose another by --port", values)
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

/// Tries whether an address can be listened on.
private enum ListeningProbe {
    /// Returns why it cannot; nil if it can.
    static func failure(host: String, port: Int) -> String? {
        var (hints, found) = (addrinfo(), UnsafeMutablePointer<addrinfo>?.none)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let status = getaddrinfo(host, "\(port)", &hints, &found)
        guard status == 0, let address = found else { return String(cString: gai_strerror(status)) }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
        guard descriptor >= 0 else { return SystemError.last.description }
        defer { close(descriptor) }
        // As the server does: connections of one that has ended are in nobody's way.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(descriptor, 1) == 0
        else {
            return SystemError.last.description
        }
        return nil
    }
}
