import DNS
import Linux
import Synchronization

/// The serials of zones that do not keep their own: each version gets one that comes after that of the version before
/// (RFC 1982), also after a restart. What was served last stands in a file, before it is served.
public final class Serials: Sendable {
    /// A version that was served.
    struct Edition: Hashable, Sendable {
        let serial: SerialNumber
        /// As `ZoneEdition.digest`.
        let digest: UInt64
    }

    private struct Table {
        var editions: [Name: Edition]
        /// Those that are not in the file yet.
        var unsaved: Set<Name> = []
    }

    private let directory: String?
    private let everywhere: Bool
    /// Nil until it was read.
    private let table = Mutex<Table?>(nil)

    private static let fileSize = 256 << 20
    private var path: String { "\(directory ?? ".")/serials" }

    /// - Parameters:
    ///   - directory: where the file is; it is made when it is needed. Without one no zone gets a serial.
    ///   - everywhere: all zones get serials, and not only those that ask for them.
    public init(directory: String?, everywhere: Bool = false) {
        self.directory = directory
        self.everywhere = everywhere
    }

    /// - Parameter served: the version that is served now.
    func decide(_ origin: Name, _ edition: ZoneEdition, served: Edition?) -> (decision: SerialDecision, isOurs: Bool) {
        guard everywhere || edition.asksForSerials else { return (Self.judge(edition, served), false) }
        if let objection = edition.objection {
            return (.refused("\(objection); \(ProblemCode.autoSerial.rule.hint)"), true)
        }
        do throws(SystemError) {
            let last = try table.withLock { table throws(SystemError) in try read(&table).editions[origin] }
            guard let last, !edition.serial.isAfter(last.serial) else { return (.instead(edition.serial), true) }
            let isSame = edition.digest == last.digest
            return (.instead(SerialNumber(isSame ? last.serial.value : last.serial.value &+ 1)), true)
        } catch {
            return (.refused("auto-serial has no place to remember serials (\(error)): \(Self.advice)"), true)
        }
    }

    private static let advice = "mend it, or name another directory with --state"

    /// What there is to say of a serial that the file keeps.
    private static func judge(_ edition: ZoneEdition, _ served: Edition?) -> SerialDecision {
        guard let served, !edition.serial.isAfter(served.serial) else { return .asWritten }
        if edition.serial == served.serial && edition.digest == served.digest { return .asWritten }
        let next = served.serial.value &+ 1
        let what =
            edition.serial == served.serial
            ? "the records changed and the serial did not" : "the serial does not come after \(served.serial.value)"
        return .asWrittenWithWarning(
            "\(what), so secondaries keep what they have: write \(next), or the comment ; minidns: auto-serial")
    }

    /// Remembers what is about to be served, on the disk when this returns. Where that fails nothing is remembered, but
    /// for zones that were never served: they have no version that could go on instead.
    func save(_ editions: [(origin: Name, edition: Edition, isFirst: Bool)]) throws(SystemError) {
        try table.withLock { table throws(SystemError) in
            let before = try read(&table)
            var next = before
            for (origin, edition, _) in editions where next.editions[origin] != edition {
                next.editions[origin] = edition
                next.unsaved.insert(origin)
            }
            if next.unsaved.isEmpty { return }
            do throws(SystemError) {
                try File.locking(path + ".lock") { () throws(SystemError) in
                    // Another server may have zones of its own in it.
                    var all = try load()
                    for origin in next.unsaved { all[origin] = next.editions[origin] }
                    try File.replace(path, with: Self.print(all))
                }
                next.unsaved = []
                table = next
            } catch {
                table = before
                for (origin, edition, isFirst) in editions where isFirst {
                    table?.editions[origin] = edition
                    table?.unsaved.insert(origin)
                }
                throw error
            }
        }
    }
}

// MARK: The file: a line a zone, its name, serial and digest

extension Serials {
    private func read(_ table: inout Table?) throws(SystemError) -> Table {
        if let table { return table }
        guard let directory else { throw SystemError("find a directory for state", refused: "HOME is not set") }
        try File.makeDirectory(directory)
        let read = Table(editions: try load())
        table = read
        return read
    }

    private func load() throws(SystemError) -> [Name: Edition] {
        let octets: [UInt8]
        do throws(SystemError) {
            octets = try File.read(path, limit: Self.fileSize).octets
        } catch  where error.isMissing {
            return [:]
        }
        var editions: [Name: Edition] = [:]
        for line in octets.split(separator: 0x0A) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 3, let origin = try? Name(String(words[0])), let serial = UInt32(words[1]),
                let digest = UInt64(words[2], radix: 16)
            else { throw SystemError("read \(path)", refused: "A line is not NAME SERIAL DIGEST") }
            editions[origin] = Edition(serial: SerialNumber(serial), digest: digest)
        }
        return editions
    }

    private static func print(_ editions: [Name: Edition]) -> [UInt8] {
        let lines = editions.map { "\($0) \($1.serial.value) \(String($1.digest, radix: 16))\n" }
        return lines.sorted().flatMap { Array($0.utf8) }
    }
}
