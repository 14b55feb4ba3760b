import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct AvailableProcessorsTests {
    private static func count(_ files: [String: String]) throws -> Int {
        let system = try FakeSystem(files)
        return AvailableProcessors.count(
            processes: system.path("proc"), devices: system.path("cpu"), controlGroups: system.path("cgroup"),
            fallback: 7)
    }

    private static func status(_ list: String) -> String {
        "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t\(list)\n"
    }

    /// Four cores of two threads each: 0 and 4, 1 and 5, …
    private static let cores = Dictionary(
        uniqueKeysWithValues: (0..<8).map {
            ("cpu/cpu\($0)/topology/thread_siblings_list", "\($0 % 4),\($0 % 4 + 4)\n")
        })

    private static func machine(_ list: String, _ others: [String: String] = [:]) -> [String: String] {
        cores.merging(others) { $1 }.merging(["proc/self/status": status(list)]) { $1 }
    }

    @Test func thisMachineHasSome() { #expect(AvailableProcessors.count >= 1) }

    @Test func nothingFoundIsWhatTheSystemSays() throws { #expect(try Self.count([:]) == 7) }

    @Test(arguments: [("0-7", 4), ("0-3", 4), ("0,4", 1), ("1-2,6", 2), ("3", 1), ("0-1,4-5,7", 3)])
    func coresThatTheProcessMayRunOn(list: String, cores: Int) throws {
        #expect(try Self.count(Self.machine(list)) == cores)
    }

    @Test func withoutTopologyEachProcessorIsACore() throws {
        #expect(try Self.count(["proc/self/status": Self.status("0-5")]) == 6)
    }

    @Test(arguments: ["", "x", "3-1", "-2", "0-99999999999", "0-", "1,,x", "9999999999999999999999"])
    func nonsenseIsWhatTheSystemSays(list: String) throws {
        #expect(try Self.count(["proc/self/status": Self.status(list)]) == 7)
    }

    /// In thousandths of a second per tenth of a second.
    @Test(arguments: [
        ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 4), ("900000 100000", 4),
        ("100000", 1), ("0 100000", 4), ("-1 100000", 4), ("200000 0", 4), ("junk", 4), ("", 4),
    ])
    func quotaOfVersion2(quota: String, cores: Int) throws {
        let files = [
            "proc/self/cgroup": "0::/a/b\n", "cgroup/a/b/cpu.max": "\(quota)\n", "cgroup/a/cpu.max": "max 100000\n",
        ]
        #expect(try Self.count(Self.machine("0-7", files)) == cores)
    }

    @Test func theTightestGroupCounts() throws {
        let files = [
            "proc/self/cgroup": "0::/a/b\n", "cgroup/a/b/cpu.max": "300000 100000", "cgroup/a/cpu.max": "100000 100000",
        ]
        #expect(try Self.count(Self.machine("0-7", files)) == 1)
    }

    @Test(arguments: [("200000", "100000", 2), ("-1", "100000", 4), ("100001", "100000", 2)])
    func quotaOfVersion1(quota: String, period: String, cores: Int) throws {
        let files = [
            "proc/self/cgroup": "5:memory:/\n4:cpu,cpuacct:/pod\n", "cgroup/cpu/pod/cpu.cfs_quota_us": quota,
            "cgroup/cpu/pod/cpu.cfs_period_us": period,
        ]
        #expect(try Self.count(Self.machine("0-7", files)) == cores)
    }
}
