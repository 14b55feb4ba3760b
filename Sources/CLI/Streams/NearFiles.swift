import PenstockFiles
import PenstockJSON

/// The files that somebody may have meant who named one that is not there.
enum NearFiles {
    /// `; did you mean llama.gguf?`, to go on a message with; empty if something lies at the path, and if nothing in
    /// its folder has a name that is near.
    static func question(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        guard let end = path.utf8.lastIndex(where: { $0 != slash }) else { return "" }
        let whole = path.utf8[...end]
        let start = whole.lastIndex(of: slash).map { whole.index(after: $0) } ?? whole.startIndex
        let folder = String(decoding: whole[..<start], as: UTF8.self)
        do throws(FileError) {
            guard try FileStatus.ifPresent(path) == nil else { return "" }
            let names = try FileListing.names(in: folder.isEmpty ? "." : folder)
            return NearNames.question(String(decoding: whole[start...], as: UTF8.self), among: names.map(\.shown))
        } catch {
            return ""
        }
    }
}
