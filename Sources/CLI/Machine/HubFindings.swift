import Glibc
import PenstockHub
import PenstockJSON

/// The findings about the Hub on this machine.
enum HubFindings {
    static var all: [Finding] {
        let settings: HubSettings
        do throws(HubError) {
            settings = try HubSettings.ofProcess()
        } catch {
            return [Finding("hub", .problem, error.message)]
        }
        return [cache(settings.cache), token(settings), network(settings)]
    }

    private static func cache(_ root: String) -> Finding {
        let models = CachedModel.all(in: root)
        let bytes = models.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue }
        let (place, isThere) = existing(root)
        var values: [(String, JSONValue)] = [
            ("path", .string(root)), ("models", .integer(models.count)), ("bytes", .integer(bytes)),
        ]
        var text =
            "\(root.shown), "
            + (models.isEmpty ? "no models" : models.count == 1 ? "1 model" : "\(models.count) models")
        if !models.isEmpty { text += " of \(ByteText.of(bytes))" }
        if let free = freeBytes(place) {
            text += ", \(ByteText.of(free)) free on the disk"
            values.append(("free_bytes", .integer(free)))
        }
        guard isFolder(place) else {
            let remedy = "\(place.shown) is no folder; remove it, or set HF_HUB_CACHE to a folder"
            return Finding("cache", .problem, "\(text); \(remedy)", values)
        }
        guard access(place, W_OK) == 0 else {
            let remedy = "it cannot be written, so that nothing can be pulled; set HF_HUB_CACHE to a folder that can"
            return Finding("cache", models.isEmpty ? .problem : .note, "\(text); \(remedy)", values)
        }
        return Finding("cache", .fine, isThere ? text : "\(text); it is made by the first download", values)
    }

    private static func token(_ settings: HubSettings) -> Finding {
        let has = settings.token != nil
        return Finding(
            "token", .fine,
            has ? "there is one, for gated and private models" : "none; HF_TOKEN opens gated and private models",
            [("is_set", .bool(has))])
    }

    private static func network(_ settings: HubSettings) -> Finding {
        let hub = settings.endpoint.origin.description
        return Finding(
            "hub", .fine, settings.isOffline ? "\(hub), which HF_HUB_OFFLINE forbids to ask" : hub,
            [("endpoint", .string(hub)), ("is_offline", .bool(settings.isOffline))])
    }

    /// The folder, or the nearest around it that is there.
    private static func existing(_ path: String) -> (path: String, isWhole: Bool) {
        var place = path
        while access(place, F_OK) != 0 {
            guard let slash = place.utf8.lastIndex(of: UInt8(ascii: "/")), slash > place.startIndex else {
                return (path.hasPrefix("/") ? "/" : ".", false)
            }
            place = String(place[..<slash])
        }
        return (place, place == path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func freeBytes(_ path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int(clamping: bytes)
    }
}
