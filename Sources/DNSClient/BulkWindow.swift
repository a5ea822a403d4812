/// How many queries may be under way: more as long as more are answered for it, fewer where some get lost.
struct BulkWindow {
    private(set) var size = 128
    /// Answers a second to compare with, and the least size that gave about as many.
    private var best = 0.0
    private var bestSize = 128
    /// Rounds in which another size did not pay.
    private var flat = 0
    private var beginning = 0
    private var (replies, losses, repetitions) = (0, 0, 0)
    /// The moment of the last cut: what was sent before says nothing about the size since.
    private var cut = 0
    /// Whether there was nothing more to ask.
    var isStarved = false

    /// A larger window pays where this much more is answered, a smaller one where hardly less is.
    private static let (gain, cost) = (1.15, 0.95)
    private static let (trials, roundsUntilNextTrials) = (3, 64)
    private static let shortestRound = 50_000_000

    mutating func reply() { replies += 1 }

    /// A query was sent again, and the answer came so soon that the first one, or its reply, must be lost.
    mutating func loss(sent: Int) { losses += sent > cut ? 1 : 0 }

    mutating func repetition(sent: Int) { repetitions += sent > cut ? 1 : 0 }

    /// Looks back on a round: long enough for losses to show, and for what else the machine does to even out.
    mutating func adapt(now: Int, late: Int) {
        if beginning == 0 { beginning = now }
        let isRound = replies + repetitions >= size && now - beginning >= Self.shortestRound
        guard isRound, now - beginning >= min(late, 2 * Self.shortestRound) else { return }
        let rate = Double(replies) * 1e9 / Double(now - beginning)
        // Some names take long to answer; that so many do means that their queries get lost.
        if losses * 200 > replies || repetitions * 4 > replies {
            resize(cut == 0 ? size / 2 : size * 3 / 4)
            (best, bestSize, flat, cut) = (rate, size, Self.trials, now)
        } else if !isStarved {
            compare(rate)
        }
        (beginning, replies, losses, repetitions, isStarved) = (now, 0, 0, 0, false)
    }

    private mutating func compare(_ rate: Double) {
        if rate > best * Self.gain {
            (best, bestSize, flat) = (rate, size, 0)
            return resize(cut == 0 ? size * 2 : size * 5 / 4)
        }
        if rate > best * Self.cost, size < bestSize { bestSize = size }
        flat += 1
        if flat < Self.trials { resize(size * 5 / 4) }
        if flat == Self.trials { resize(bestSize) }
        if flat == Self.roundsUntilNextTrials {
            (best, flat) = (rate, 0)
            resize(size * 3 / 4)
        }
    }

    private mutating func resize(_ size: Int) {
        self.size = min(max(size, Limits.bulkWindow.lowerBound), Limits.bulkWindow.upperBound)
    }
}

/// How long replies take (RFC 6298 §2), in nanoseconds.
struct BulkRoundTrip {
    private var mean = 0
    private var deviation = 0

    private static let least = 10_000_000

    /// A query without a reply for so long is late.
    var limit: Int { mean == 0 ? .max : max(Self.least, mean + 4 * deviation) }

    mutating func add(_ time: Int) {
        if mean == 0 {
            (mean, deviation) = (max(1, time), time / 2)
        } else {
            deviation += (abs(time - mean) - deviation) / 4
            mean = max(1, mean + (time - mean) / 8)
        }
    }
}
