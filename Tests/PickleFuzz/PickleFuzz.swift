import PenstockTestSupport

/// Opens damaged and random files of `torch.save`, and reads what they are said to hold. A file is an error or has tensors.
@main
struct PickleFuzz {
    static func main() throws {
        let fuzzer = try ArchiveFuzzer()
        try FuzzLoop.main("pickle-fuzz") { try fuzzer.run($0) }
    }
}
