extension Trial {
    /// Zones and questions that an input decides; the difference that there is to what the specification demands.
    static func difference(octets: [UInt8]) throws -> Difference? {
        let (first, second) = (octets.first ?? 0, octets.dropFirst().first ?? 0)
        var generator = ZoneGenerator(seed: 0, signedPercentage: Int(first & 1) * 100)
        generator.random = RandomNumbers(octets: Array(octets.dropFirst(2)))
        var trial = Trial(zones: try generator.zoneSet())
        // Mostly few questions, since the specification takes its time.
        if first & 0x1C != 0x1C { trial.questionLimit = 16 }
        if first & 2 == 0 { trial.recordsPerPiece = 1 + Int(first >> 6) }
        return try trial.run(seed: UInt64(second), typesOfName: 2, asksForProofs: true).difference
    }
}
