import CLinux
import Glibc

/// What the machine and the process may use.
public enum Machine {
    /// From now on large allocations go back to the system as soon as they are freed, so that loading a large zone
    /// leaves nothing behind.
    public static func mapLargeAllocations() {
        // Left to itself the threshold grows with each large block that is freed, up to 32 MiB.
        mallopt(M_MMAP_THRESHOLD, 1 << 18)
    }

    /// Gives memory that was freed and is kept for later allocations back to the system.
    public static func releaseFreeMemory() { malloc_trim(0) }

    /// Processors that this process may run on: the affinity mask, cut by the control group's quota
    /// (rounded up); 1 at least.
    public static var processors: Int {
        let allowed = max(1, Int(clinux_available_processors()))
        guard let quota = ControlGroup().processorQuota else { return allowed }
        return max(1, min(allowed, Int(quota.rounded(.up))))
    }

    /// How many descriptors may be open, after raising the limit as far as it goes.
    public static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        // Sound, here and below: one structure.
        if unsafe getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            _ = unsafe setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
        }
        return descriptorLimit
    }

    /// How many descriptors may be open.
    public static var descriptorLimit: Int {
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        return limit > 0 ? min(limit, 1 << 30) : 1024
    }

    /// Octets that the process may still take, as far as the system tells: what the machine has available, swap counted,
    /// and what its control groups leave.
    public static var availableMemory: Int? {
        let words = ControlGroup.words(of: "/proc/meminfo")
        let kibibytes = ["MemAvailable:", "SwapFree:"].map { name in
            words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
        }
        let machine = kibibytes[0].map { ($0 + (kibibytes[1] ?? 0)) << 10 }
        return [machine, ControlGroup().availableMemory].compactMap { $0 }.min()
    }

    /// Ends the process at once, whatever its other threads are doing.
    public static func endProcess(_ code: Int32) -> Never {
        _exit(code)
    }

    /// Octets that nobody can foresee (getrandom).
    public static func randomOctets(_ count: Int) -> [UInt8] {
        // Sound: no more octets are initialised than the capacity, and all that are counted.
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let result = unsafe getrandom(buffer.baseAddress! + filled, count - filled, 0)
                if result > 0 { filled += result }
            }
        }
    }

    /// A number that nobody can foresee.
    public static func randomNumber() -> UInt64 {
        randomOctets(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension Machine {
    /// Where programs keep what must outlast them; nil where the user has no home.
    public static var stateDirectory: String? {
        if let directory = Environment["XDG_STATE_HOME"], directory.first == "/" { return directory }
        if geteuid() == 0 { return "/var/lib" }
        return Environment["HOME"].flatMap { $0.first == "/" ? "\($0)/.local/state" : nil }
    }
}

/// The environment of the process.
public enum Environment {
    public static subscript(name: String) -> String? {
        // Sound: nothing here changes the environment, so the text stays while it is copied.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
