import DNS

/// How finely the zones of a test are cut when they are loaded: outcomes must not depend on it.
public enum Pieces {
    /// Few records a piece, and as zones are loaded for use.
    public static let sizes = [2, ZoneLoader.recordsPerPiece]

    /// Runs the last piece first, so that none can count on what the one before it did. A `Parallel`.
    public static func backwards(_ count: Int, _ work: @Sendable (_ index: Int) -> Void) {
        for index in (0..<count).reversed() { work(index) }
    }
}
