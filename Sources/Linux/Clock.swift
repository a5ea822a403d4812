import CLinux
import Glibc

/// Time.
public enum Clock {
    /// Nanoseconds since some moment, never going back.
    public static var nanoseconds: UInt64 {
        let time = now(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Microseconds since the same moment, behind by some milliseconds, and cheap to read.
    public static var coarseMicroseconds: UInt64 {
        let time = now(CLOCK_MONOTONIC_COARSE)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// Milliseconds since the same moment.
    public static var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    /// Microseconds since 1970 (UTC).
    public static var microsecondsSince1970: Int {
        let time = now(CLOCK_REALTIME)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    /// Seconds since 1970 (UTC).
    public static var secondsSince1970: Int { Glibc.time(nil) }

    @inline(__always)
    private static func now(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Sound: one structure.
        unsafe clock_gettime(clock, &time)
        return time
    }

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
        var (seconds, parts) = unsafe (secondsSince1970, tm())
        var text = [CChar](repeating: 0, count: 32)
        // Sound: one structure each, and an array with the room that is told, which holds years of up to 15 digits.
        unsafe gmtime_r(&seconds, &parts)
        unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(endedByZero: text)
    }
}
