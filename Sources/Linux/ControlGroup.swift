/// The limits of the control groups that the process is in. Groups above limit too: the smallest counts.
package struct ControlGroup {
    private let root: String
    private let membership: String

    /// - Parameters: where the groups are, and what tells which of them are ours.
    package init(root: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup") {
        self.root = root
        self.membership = membership
    }

    /// Processors' worth of time, from cpu.max (version 2) or cpu.cfs_quota_us (version 1); nil where nothing limits it.
    package var processorQuota: Double? {
        directories(of: "cpu", mounts: ["cpu", "cpu,cpuacct"]).compactMap { directory, isVersion2 in
            let fields = Self.words(of: "\(directory)/cpu.max")
            let quota = isVersion2 ? fields.first : Self.words(of: "\(directory)/cpu.cfs_quota_us").first
            let period = isVersion2 ? fields.last : Self.words(of: "\(directory)/cpu.cfs_period_us").first
            guard let quota = quota.flatMap(Double.init), let period = period.flatMap(Double.init), quota > 0,
                period > 0
            else { return nil }
            return quota / period
        }.min()
    }

    /// Octets that may still be taken: the limit without what is in use, but for files that can be read again; nil where
    /// nothing limits it.
    package var availableMemory: Int? {
        directories(of: "memory", mounts: ["memory"]).compactMap { directory, isVersion2 in
            func number(_ name: String) -> Int? { Self.words(of: "\(directory)/\(name)").first.flatMap { Int($0) } }
            let limit = number(isVersion2 ? "memory.max" : "memory.limit_in_bytes")
            let used = number(isVersion2 ? "memory.current" : "memory.usage_in_bytes")
            guard let limit, let used, limit >= 0, used >= 0 else { return nil }
            let statistics = Self.words(of: "\(directory)/memory.stat")
            let prefix = isVersion2 ? "" : "total_"
            let files = ["inactive_file", "active_file"].reduce(0) { sum, name in
                let place = statistics.firstIndex(of: prefix + name).map { $0 + 1 } ?? statistics.count
                let count = place < statistics.count ? Int(statistics[place]) ?? 0 : 0
                return sum + min(max(0, count), used)
            }
            return max(0, limit - max(0, used - files))
        }.min()
    }

    /// Our groups and those above them that have a controller.
    private func directories(of controller: String, mounts: [String]) -> [(path: String, isVersion2: Bool)] {
        guard let text = Self.text(of: membership) else { return [] }
        return text.split(separator: "\n").flatMap { line -> [(String, Bool)] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let controllers = fields[1].split(separator: ",")
            if controllers.isEmpty { return Self.ancestors(of: fields[2]).map { ("\(root)\($0)", true) } }
            guard controllers.contains(controller[...]) else { return [] }
            return mounts.flatMap { mount in Self.ancestors(of: fields[2]).map { ("\(root)/\(mount)\($0)", false) } }
        }
    }

    // "/a/b" gives "/a/b", "/a" and "".
    private static func ancestors(of path: Substring) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { parts.prefix($0).map { "/\($0)" }.joined() }
    }

    static func words(of path: String) -> [String] {
        (text(of: path) ?? "").split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    private static func text(of path: String) -> String? {
        (try? File.read(path, limit: 65_536)).map { String(decoding: $0.octets, as: UTF8.self) }
    }
}
