import CLinux
import Glibc

/// What the machine and the process may use.
public enum Machine {
    /// From now on large allocations go back to the system as soon as they are freed, so that loading a large zone
    /// leaves nothing behind.
    public static func mapLargeAllocations() { clinux_map_large_allocations() }

    /// Gives memory that was freed and is kept for later allocations back to the system.
    public static func releaseFreeMemory() { clinux_release_free_memory() }

    /// Processors that this process may run on: the affinity mask, cut by the control group's quota
    /// (rounded up); 1 at least.
    public static var processors: Int {
        let allowed = max(1, Int(clinux_available_processors()))
        guard let quota = ControlGroup().processorQuota else { return allowed }
        return max(1, min(allowed, Int(quota.rounded(.up))))
    }

    /// How many descriptors may be open, after raising the limit as far as it goes.
    public static func raiseDescriptorLimit() -> Int {
        let limit = clinux_raise_descriptor_limit()
        return limit > 0 ? limit : 1024
    }

    /// How many descriptors may be open.
    public static var descriptorLimit: Int {
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        return limit > 0 ? limit : 1024
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

/// Time.
public enum Clock {
    /// Nanoseconds since some moment, never going back.
    public static var nanoseconds: UInt64 {
        var time = timespec()
        // Sound: one structure.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Milliseconds since a moment in `nanoseconds`.
    public static func milliseconds(since start: UInt64) -> Double { Double(nanoseconds - start) / 1_000_000 }

    /// Microseconds since the same moment, behind by some milliseconds, and cheap to read.
    public static var coarseMicroseconds: UInt64 {
        var time = timespec()
        // Sound: one structure.
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// Milliseconds since the same moment.
    public static var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    /// Microseconds since 1970 (UTC).
    public static var microsecondsSince1970: Int {
        var time = timespec()
        // Sound: one structure.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    /// Seconds since 1970 (UTC).
    public static var secondsSince1970: Int { Glibc.time(nil) }

    public static func sleep(milliseconds: Int) {
        sleep(microseconds: milliseconds * 1000)
    }

    public static func sleep(microseconds: Int) {
        // What is left after a signal is not slept: no caller of ours depends on it.
        var time = timespec(tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
        // Sound: one structure.
        unsafe nanosleep(&time, nil)
    }

    /// `2026-01-31T12:00:00Z`, for times since 1970.
    public static func timestamp(_ secondsSince1970: Int = Clock.secondsSince1970) -> String {
        // Days to a date in the proleptic Gregorian calendar, counted in eras of 400 years from
        // the 1st of March of the year 0.
        let days = secondsSince1970 / 86_400 + 719_468
        let second = secondsSince1970 % 86_400
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + days / 146_097 * 400 + (month < 10 ? 0 : 1)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let date = "\(year)-\(padded(month < 10 ? month + 3 : month - 9))-\(padded(day))"
        return "\(date)T\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))Z"
    }
}
