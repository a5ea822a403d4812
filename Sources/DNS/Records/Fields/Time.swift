/// The times of signatures: seconds since 1970 in 32 bits, printed as YYYYMMDDHHmmSS (RFC 4034 §3.2).
enum Time {
    static let requirement =
        "a time: 14 digits as in 20260131235959, up to 21060207062815, or the seconds since 1970"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let number = text.decimal(range, maximum: .max) else { return false }
        guard let seconds = range.count == 14 ? seconds(number) : UInt32(exactly: number) else { return false }
        output.append(number: seconds)
        return true
    }

    static func print(_ seconds: UInt32, into text: inout [UInt8]) {
        appendDecimal(digits(seconds), width: 14, to: &text)
    }

    /// What 14 digits say; nil where they are no time, and so not the digits of what is computed from them.
    private static func seconds(_ digits: UInt64) -> UInt32? {
        let (date, clock) = (Int(digits / 1_000_000), Int(digits % 1_000_000))
        let (month, day) = (date / 100 % 100, date % 100)
        // Years begin in March here, so that the leap day is the last.
        let year = month > 2 ? date / 10_000 : date / 10_000 - 1
        let days = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayNumber = year * 365 + year / 4 - year / 100 + year / 400 + days - 719_468
        let seconds = ((dayNumber * 24 + clock / 10_000) * 60 + clock / 100 % 100) * 60 + clock % 100
        guard let seconds = UInt32(exactly: seconds), Self.digits(seconds) == digits else { return nil }
        return seconds
    }

    private static func digits(_ seconds: UInt32) -> UInt64 {
        // The same the other way round, in eras of 400 years.
        let days = Int(seconds / 86_400) + 719_468
        let (era, day) = days.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month > 2 ? 0 : 1)
        let date = (year * 100 + month) * 100 + dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let clock = Int(seconds % 86_400)
        return UInt64(((date * 100 + clock / 3600) * 100 + clock / 60 % 60) * 100 + clock % 60)
    }
}
