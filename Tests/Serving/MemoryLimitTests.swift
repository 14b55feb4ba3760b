import Foundation
import PenstockServing
import PenstockTestSupport
import Testing

extension FakeSystem {
    fileprivate var limit: MemoryLimit? { .current(processes: path("proc"), controlGroups: path("cgroup")) }
}

@Suite struct MemoryLimitTests {
    private static func meminfo(available: Int) -> String {
        """
        MemTotal:        8388608 kB
        MemFree:          123456 kB
        MemAvailable:   \(available << 10) kB
        HugePages_Total:       0

        """
    }

    @Test func nothingFoundIsNoLimit() throws {
        #expect(try FakeSystem([:]).limit == nil)
        #expect(MemoryLimit.current(processes: "/dev/null", controlGroups: "/dev/null") == nil)
        // Directories where files are expected.
        #expect(try FakeSystem(["proc/meminfo/x": "", "proc/self/cgroup/x": ""]).limit == nil)
    }

    @Test func readsTheMachine() throws {
        let limit = try #require(try FakeSystem(["proc/meminfo": Self.meminfo(available: 600)]).limit)
        #expect(limit == MemoryLimit(.system, limit: 8192 << 20, used: 7592 << 20))
        #expect(limit.available == 600 << 20)
        #expect(limit.description == "system memory 8192 MiB, 7592 MiB used")
    }

    @Test func readsVersion2() throws {
        let limit = try FakeSystem([
            "proc/meminfo": Self.meminfo(available: 600),
            "proc/self/cgroup": "0::/pods/one\n",
            "cgroup/pods/one/memory.max": "\(256 << 20)\n",
            "cgroup/pods/one/memory.current": "\(226 << 20)\n",
            "cgroup/pods/one/memory.stat":
                "anon 1\nfile 9\ninactive_file \(20 << 20)\nactive_file \(10 << 20)\nworkingset_refault_file 77\n",
        ]).limit
        #expect(limit == MemoryLimit(.controlGroup, limit: 256 << 20, used: 196 << 20))
        #expect(limit?.available == 60 << 20)
        #expect(limit?.description == "cgroup limit 256 MiB, 196 MiB used")
    }

    /// A group above which it is slowed down has no more than one above which processes are ended.
    @Test(arguments: [("1000", "600", 500), ("max", "600", 500), ("600", "max", 500), ("600", "1000", 500)])
    func theLowerOfBothLimitsOfAGroupCounts(most: String, high: String, available: Int) throws {
        let limit = try FakeSystem([
            "proc/self/cgroup": "0::/one", "cgroup/one/memory.max": most, "cgroup/one/memory.high": high,
            "cgroup/one/memory.current": "100",
        ]).limit
        #expect(limit?.available == available)
    }

    /// The tightest of a group's ancestors counts, not the nearest.
    @Test(arguments: [
        ("", 100), ("/pods", 100), ("/pods/one", 100),
    ])
    func walksUp(tightest: String, available: Int) throws {
        var files = ["proc/meminfo": Self.meminfo(available: 600), "proc/self/cgroup": "0::/pods/one\n"]
        for directory in ["", "/pods", "/pods/one"] {
            files["cgroup\(directory)/memory.max"] = "\((directory == tightest ? 150 : 1000) << 20)"
            files["cgroup\(directory)/memory.current"] = "\(50 << 20)"
        }
        #expect(try FakeSystem(files).limit?.available == available << 20)
    }

    @Test(arguments: [
        "0::/elsewhere/of/the/host", "0::/", "0::", "0::/../../outside", "0::/a:b", "0::///",
    ])
    func fallsBackToTheRootOfAContainer(line: String) throws {
        let limit = try FakeSystem([
            "proc/self/cgroup": "\(line)\n", "cgroup/memory.max": "1000000\n", "cgroup/memory.current": "400000\n",
        ]).limit
        #expect(limit == MemoryLimit(.controlGroup, limit: 1_000_000, used: 400_000))
    }

    @Test func readsAPathWithColons() throws {
        let limit = try FakeSystem(["proc/self/cgroup": "0::/a:b/c", "cgroup/a:b/memory.max": "5000"]).limit
        #expect(limit == MemoryLimit(.controlGroup, limit: 5000, used: 0))
    }

    @Test func readsVersion1() throws {
        let limit = try FakeSystem([
            "proc/meminfo": Self.meminfo(available: 600),
            "proc/self/cgroup": "9:name=systemd:/x\n4:memory:/docker/one\n1:cpu,cpuacct:/x\n0::/\n",
            "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "cgroup/memory/memory.usage_in_bytes": "\(5000 << 20)\n",
            "cgroup/memory/docker/one/memory.limit_in_bytes": "\(256 << 20)\n",
            "cgroup/memory/docker/one/memory.usage_in_bytes": "\(226 << 20)\n",
            "cgroup/memory/docker/one/memory.stat":
                "inactive_file 1\ntotal_inactive_file \(20 << 20)\ntotal_active_file \(10 << 20)\n",
        ]).limit
        #expect(limit == MemoryLimit(.controlGroup, limit: 256 << 20, used: 196 << 20))
    }

    @Test(arguments: [
        "max\n", "", "\n", "-1", "9223372036854771712", "9223372036854775807", "18446744073709551615", "lots", "1 2",
        "\u{FFFD}", "1e9", "0x10",
    ])
    func whatIsNoNumberIsNoLimit(text: String) throws {
        let limit = try FakeSystem([
            "proc/meminfo": Self.meminfo(available: 600), "proc/self/cgroup": "0::/one\n4:memory:/one\n",
            "cgroup/one/memory.max": text, "cgroup/one/memory.current": "1",
            "cgroup/memory/one/memory.limit_in_bytes": text, "cgroup/memory/one/memory.usage_in_bytes": "1",
        ]).limit
        #expect(limit?.source == .system)
    }

    @Test(arguments: [
        ("", "", 1000), ("max", "", 1000), ("300", "inactive_file", 700), ("300", "inactive_file x\nactive_file", 700),
        ("300", "inactive_file 9999\nactive_file 4611686018427387903", 1000), ("5000", "inactive_file 10", 0),
        ("4611686018427387903", "", 0), ("300", "  inactive_file 100 more", 800),
    ])
    func survivesOddUsage(usage: String, statistics: String, available: Int) throws {
        let limit = try FakeSystem([
            "proc/self/cgroup": "0::/", "cgroup/memory.max": "1000", "cgroup/memory.current": usage,
            "cgroup/memory.stat": statistics,
        ]).limit
        #expect(limit?.available == available)
    }

    @Test(arguments: [
        "", "MemTotal: 100 kB", "MemTotal: 100 kB\nMemAvailable: kB", "MemTotal: x kB\nMemAvailable: 1 kB",
        "MemTotal: 4611686018427387903 kB\nMemAvailable: 4611686018427387903 kB", "MemTotal 1\nMemAvailable 1",
        "MemTotal:\nMemAvailable:\n",
    ])
    func survivesOddMemoryInformation(text: String) throws {
        #expect(try FakeSystem(["proc/meminfo": text]).limit == nil)
    }

    @Test func doesNotReadWithoutEnd() throws {
        let endless = String(repeating: "Filler: 1 kB\n", count: 100_000)
        #expect(try FakeSystem(["proc/meminfo": Self.meminfo(available: 600) + endless]).limit == nil)
    }

    @Test(arguments: ["", "nonsense", "::", "0:", "4:memory", ":::::\n\n::\n", "4:memory:", "1:name=memory:/x"])
    func survivesOddGroups(text: String) throws {
        let system = try FakeSystem(["proc/meminfo": Self.meminfo(available: 600), "proc/self/cgroup": text])
        #expect(system.limit?.available == 600 << 20)
    }

    @Test func moreAvailableThanThereIsIsNothingUsed() throws {
        let limit = try FakeSystem(["proc/meminfo": "MemTotal: 10 kB\nMemAvailable: 20 kB"]).limit
        #expect(limit == MemoryLimit(.system, limit: 10 << 10, used: 0))
    }

    #if os(Linux)
        @Test func findsOneHere() throws {
            let limit = try #require(MemoryLimit.current())
            #expect(limit.limit > 0)
        }
    #endif
}
